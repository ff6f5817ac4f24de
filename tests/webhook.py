"""Webhooks for tests, signed as Stripe signs them: https://docs.stripe.com/webhooks#verify-manually."""

import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

from django.test import Client

SECRET = "whsec_standin"


def signature(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    stamp = int(at if at is not None else time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def event(kind: str, obj: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return an event about an object, with an id of its own."""
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "type": kind,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": obj},
        **changes,
    }


def deliver(
    payload: dict[str, Any] | bytes,
    *,
    secret: str = SECRET,
    at: float | None = None,
    header: str | None = None,
) -> Any:
    """Post a delivery to the shop, as Stripe would."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = signature(body, secret=secret, at=at) if header is None else header
    return Client(raise_request_exception=False).post(
        "/webhooks/stripe/", body, content_type="application/json", headers={"Stripe-Signature": signed}
    )
