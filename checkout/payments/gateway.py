"""The only module that calls Stripe: plain values in, frozen values of our own or errors out.

Written for SDK 16 and API 2026-10-28.endive: https://docs.stripe.com/api. Never called inside a transaction: a row
lock must not wait for the network, and what Stripe did must not be forgotten by a rollback.

The SDK is imported where it is first needed; why: docs/decisions.md.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.text import storable
from checkout.messages.no_transaction import assert_no_transaction
from checkout.payments.stripe_types import DisputeFact, Event, Intent, Json, RefundFact
from checkout.payments.waiting import Session
from shop.errors import ShopError

if TYPE_CHECKING:
    import requests
    import stripe

logger = logging.getLogger(__name__)
Fact = TypeVar("Fact")

API_VERSION = "2026-10-28.endive"
# Two attempts of at most 1.5 + 3.5 seconds, and half a second between them; of all the calls of a request together,
# what its time leaves (waiting.py).
CONNECT_SECONDS = 1.5
READ_SECONDS = 3.5
RETRIES = 1
# The most that Stripe lists at a time.
PAGE = 100
# How old a webhook's stamp may be, and how far ahead of our clock.
TOLERANCE_SECONDS = 300


class StripeUnavailableError(ShopError):
    """No answer, or none that says what happened. The outcome is unknown: ask again with the same key."""

    code = "stripe_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(_("No answer from Stripe yet. Try again in a moment; you cannot be charged twice."))


class StripeRefusedError(ShopError):
    """Stripe understood and refused. `reason` is Stripe's own code, or its word for the kind of error; for staff."""

    code = "payments_down"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 5

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            _("Payments are down. Your order is kept. We have been told and are looking into it.")
        )
        self.reason = reason


class KeySpentError(StripeUnavailableError):
    """Stripe kept an error under this key and repeats it for a day; whether it did what was asked, only a look can tell.

    https://docs.stripe.com/api/idempotent_requests
    """


class BadSignatureError(Exception):
    """A webhook that Stripe did not sign with any of our secrets, or too long ago, or whose body is no event."""


class WrongClockError(BadSignatureError):
    """Stripe signed it, with a stamp far from our clock: it was held back for long, or our clock is wrong."""


_EXPAND = {"expand": ["latest_charge"]}


def create_intent(*, key: str, amount: int, currency: str, order_number: str, payment_id: str) -> Intent:
    """Create a PaymentIntent, or get the one that the same `key` created before.

    Raises StripeUnavailableError (KeySpentError where the key will never bring one) or StripeRefusedError.
    """
    params = {
        "amount": amount,
        "currency": currency,
        "automatic_payment_methods": {"enabled": True},
        "metadata": {"order": order_number, "payment": payment_id},
        **_EXPAND,
    }
    return _call("payment_intents", "create", Intent.read, params=params, options={"idempotency_key": key})


def retrieve_intent(intent_id: str) -> Intent:
    """Ask Stripe how a PaymentIntent stands now.

    Raises StripeUnavailableError or StripeRefusedError (also when Stripe knows no such intent).
    """
    return _call("payment_intents", "retrieve", Intent.read, intent_id, params=_EXPAND)


def cancel_intent(intent_id: str) -> Intent:
    """Cancel a PaymentIntent and return it. One that cannot be cancelled any more is returned as it stands.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    params = {"cancellation_reason": "abandoned", **_EXPAND}
    return _call("payment_intents", "cancel", Intent.read, intent_id, params=params)


def intents_since(since: datetime) -> Iterator[Intent]:
    """Walk over every PaymentIntent made since a moment, newest first.

    Raises StripeUnavailableError or StripeRefusedError, at any step.
    """
    params = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    return _walk("payment_intents", Intent.read, params)


def create_refund(*, key: str, intent_id: str, amount: int, refund_id: str) -> RefundFact:
    """Give back `amount` of a PaymentIntent, or get the refund that the same `key` made before.

    Raises StripeUnavailableError (KeySpentError where the key will never bring one) or StripeRefusedError, whose `reason`
    says why not.
    """
    params = {"payment_intent": intent_id, "amount": amount, "metadata": {"refund": refund_id}}
    return _call("refunds", "create", RefundFact.read, params=params, options={"idempotency_key": key})


def refunds_of(intent_id: str) -> list[RefundFact]:
    """Return every refund of a PaymentIntent, also those made in the dashboard.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    return list(_walk("refunds", RefundFact.read, {"payment_intent": intent_id, "limit": PAGE}))


def refunds_since(since: datetime) -> Iterator[RefundFact]:
    """Walk over every refund made since a moment, newest first. Raises as `intents_since` does."""
    return _walk("refunds", RefundFact.read, {"created": {"gte": int(since.timestamp())}, "limit": PAGE})


def events_since(since: datetime, *, types: list[str]) -> Iterator[Event]:
    """Walk over the events of some types (at most 20) made since a moment, newest first. Stripe keeps them for 30 days.

    Raises as `intents_since` does.
    """
    params = {"created": {"gte": int(since.timestamp())}, "types": types, "limit": PAGE}
    return _walk("events", Event.read, params)


def retrieve_dispute(dispute_id: str) -> DisputeFact:
    """Ask Stripe how a dispute stands now. Raises StripeUnavailableError or StripeRefusedError."""
    return _call("disputes", "retrieve", DisputeFact.read, dispute_id)


def server_time() -> datetime:
    """Return what Stripe's clock says, from the header of a small answer. So it also proves that the key works.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    with _translated("the time"):
        answer = _client().raw_request("get", "/v1/payment_intents", limit=1)
        return parsedate_to_datetime(answer.headers["Date"])


def verified_event(body: bytes, signature: str, *, now: datetime) -> Event:
    """Return the event of a webhook that Stripe signed with one of our secrets, not more than five minutes ago.

    The raw bytes are verified before anything is parsed. Stripe's own check lets a stamp of the future pass; ours does
    not. https://docs.stripe.com/webhooks#verify-manually. Raises BadSignatureError, or WrongClockError which is one.
    """
    try:
        text = body.decode()
        if not any(_is_signed(text, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise BadSignatureError("no secret of ours fits")
        if abs(now.timestamp() - _stamp(signature)) > TOLERANCE_SECONDS:
            raise WrongClockError("its stamp is more than five minutes from our clock")
        data = json.loads(text)
        if data.get("object") != "event":
            raise BadSignatureError("it is no v1 event")
        return Event.read(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadSignatureError("it is no event") from error


def _is_signed(text: str, signature: str, secret: str) -> bool:
    import stripe

    try:
        return bool(stripe.WebhookSignature.verify_header(text, signature, secret, None))
    except stripe.SignatureVerificationError:
        return False


def _stamp(signature: str) -> int:
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    return int(parts["t"])


def _walk(service: str, read: Callable[[Json], Fact], params: dict[str, Any]) -> Iterator[Fact]:
    has_more = True
    while has_more:
        answer = _call(service, "list", dict, params=params)
        yield from map(read, answer["data"])
        has_more = answer["has_more"]
        if has_more:
            params = {**params, "starting_after": answer["data"][-1]["id"]}


def _call(service: str, verb: str, read: Callable[[Json], Fact], *args: str, **kwargs: Any) -> Fact:
    import stripe

    what = f"{service}.{verb}"
    with _translated(what):
        try:
            return read(storable(_answer(service, verb, *args, **kwargs)))
        except stripe.InvalidRequestError as error:
            # The refusal of a wrong state carries the whole intent, which tells us all that we wanted to know.
            body = cast("Json", error.json_body or {})
            found = body.get("error", {}).get("payment_intent")
            if error.code == "payment_intent_unexpected_state" and found:
                return read(found)
            raise


# How the verbs of Stripe's API are sent.
_VERBS = {
    "create": ("post", ""),
    "list": ("get", ""),
    "retrieve": ("get", "/{}"),
    "cancel": ("post", "/{}/cancel"),
}


def _answer(
    service: str,
    verb: str,
    *ids: str,
    params: Mapping[str, Any] | None = None,
    options: Mapping[str, str] | None = None,
) -> Json:
    """Return what Stripe answers as JSON.

    The SDK's own verbs make an object of every part of it first, of which we read a few fields once: a tenth of what a
    status page costs (`make bench ONLY=cost`).
    """
    method, end = _VERBS[verb]
    path = f"/v1/{service}{end.format(*(quote(an_id, safe='') for an_id in ids))}"
    answer = _client().raw_request(method, path, **(params or {}), **(options or {}))
    if _is_replayed(answer.headers):
        # That is what Stripe said the first time: how it stands now may be another thing.
        now = {name: value for name, value in (params or {}).items() if name == "expand"}
        return _answer(service, "retrieve", answer.data["id"], params=now)
    return cast("Json", answer.data)


def _is_replayed(headers: Mapping[str, str] | None) -> bool:
    return (headers or {}).get("Idempotent-Replayed") == "true"


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn whatever goes wrong with a call into one of our two errors, and log what finds it at Stripe."""
    import stripe

    assert_no_transaction("Stripe must not be called")
    try:
        yield
    except stripe.StripeError as error:
        raise _meaning(what, error) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # A body that is JSON but not what was asked for: a proxy's page, say.
        logger.warning("Stripe's answer to %s cannot be read: %s", what, type(error).__name__)
        raise StripeUnavailableError from error


def _meaning(what: str, error: "stripe.StripeError") -> ShopError:
    """Log an error of the SDK's and return what it means for us."""
    import stripe

    refusals = (
        stripe.InvalidRequestError,
        stripe.AuthenticationError,
        stripe.PermissionError,
        stripe.IdempotencyError,
    )
    if _is_replayed(error.headers):
        logger.error("Stripe repeats a kept error for %s: %s", what, _trace(error))
        return KeySpentError()
    if isinstance(error, refusals):
        logger.error("Stripe refused %s: %s", what, _trace(error))
        return StripeRefusedError(_code(error))
    logger.warning("Stripe did not answer %s: %s", what, _trace(error))
    return StripeUnavailableError()


def _trace(error: "stripe.StripeError") -> str:
    """Return what one needs to find the request at Stripe, and nothing that must not be logged."""
    return f"{type(error).__name__} {_code(error)} {error.request_id or 'without a request id'}"


def _code(error: "stripe.StripeError") -> str:
    # Most error classes leave `code` empty and have it in the body only.
    return error.code or getattr(error.error, "code", None) or str(error.http_status or "no answer")


@cache
def _client() -> "stripe.StripeClient":
    import stripe

    # It would write a file into the home of whoever runs the shop.
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        settings.STRIPE.secret_key,
        stripe_version=API_VERSION,
        # A StripeClient does not retry unless told to.
        max_network_retries=RETRIES,
        base_addresses={"api": settings.STRIPE.api_base},
        http_client=stripe.RequestsClient(
            timeout=(CONNECT_SECONDS, READ_SECONDS), session=cast("requests.Session", Session())
        ),
    )
