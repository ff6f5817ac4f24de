"""Events: what happened, as a snapshot of the object at that moment."""

import copy
from typing import Any

from stripe_standin import ids
from stripe_standin.call import Call
from stripe_standin.settings import API_VERSION
from stripe_standin.store import Body


def record(call: Call, kind: str, subject: Body, previous: dict[str, Any] | None = None) -> Body:
    """Write an event of type `kind` about `subject`; `previous` are the old values of what an update changed."""
    data: Body = {"object": copy.deepcopy(subject)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = {
        "id": ids.new("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": call.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": kind,
    }
    return call.store.add(event)
