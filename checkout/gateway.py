"""The only door to Stripe. In go plain values, out come our own frozen ones, and errors that say what is known.

Written for SDK 16 and API 2026-10-28.endive: https://docs.stripe.com/api. Never called inside a transaction: a row
lock must not wait for the network, and what Stripe did must not be forgotten by a rollback.
"""

import logging
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, cast

import stripe
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from shop.errors import ShopError

logger = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
# A page must answer within 12 seconds whatever Stripe does, so: two attempts of at most 1.5 + 3.5 seconds,
# and half a second between them.
CONNECT_SECONDS = 1.5
READ_SECONDS = 3.5
RETRIES = 1

# It would write a file into the home of whoever runs the shop.
stripe.enable_telemetry = False


class StripeUnavailableError(ShopError):
    """No answer, or none that says what happened. The outcome is unknown: ask again with the same key."""

    code = "stripe_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(_("No answer from Stripe yet. Try again in a moment; you cannot be charged twice."))


class StripeRefusedError(ShopError):
    """Stripe understood and refused, for a reason that only the shop's owner can mend: a wrong key, say."""

    code = "payments_down"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(
            _("Payments are down. Your order is kept. We have been told and are looking into it.")
        )


@dataclass(frozen=True)
class PaymentError:
    """Why the last attempt did not work. `code` is Stripe's decline code where there is one, else its error code."""

    code: str
    last4: str
    reference: str


@dataclass(frozen=True)
class PaymentMethod:
    """What was paid with, as far as a shopper may see it."""

    type: str
    brand: str
    last4: str


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent as Stripe told it. `amount` and `amount_received` in minor units, `currency` in lower case."""

    id: str
    status: str
    amount: int
    amount_received: int
    currency: str
    livemode: bool
    order_number: str
    payment_id: str
    client_secret: str
    error: PaymentError | None
    method: PaymentMethod | None

    def __repr__(self) -> str:  # the client secret must not reach a log
        return f"Intent({self.id}, {self.status}, {self.amount} {self.currency})"


def create_intent(*, key: str, amount: int, currency: str, order_number: str, payment_id: str) -> Intent:
    """Create a PaymentIntent, or get the one that the same `key` created before.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    return _call(
        "create",
        params={
            "amount": amount,
            "currency": currency,
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"order": order_number, "payment": payment_id},
            "expand": ["latest_charge"],
        },
        options={"idempotency_key": key},
    )


def retrieve_intent(intent_id: str) -> Intent:
    """Ask Stripe how a PaymentIntent stands now.

    Raises StripeUnavailableError or StripeRefusedError (also when Stripe knows no such intent).
    """
    return _call("retrieve", intent_id, params={"expand": ["latest_charge"]})


def cancel_intent(intent_id: str) -> Intent:
    """Cancel a PaymentIntent and return it. One that cannot be cancelled any more is returned as it stands.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    return _call(
        "cancel", intent_id, params={"cancellation_reason": "abandoned", "expand": ["latest_charge"]}
    )


def _call(verb: str, *args: str, **kwargs: Any) -> Intent:
    _assert_no_transaction()
    try:
        answer = getattr(_client().v1.payment_intents, verb)(*args, **kwargs)
        return _intent(answer.to_dict())
    except stripe.InvalidRequestError as error:
        # The refusal of a wrong state carries the whole intent, which tells us all that we wanted to know.
        body: dict[str, Any] = cast("dict[str, Any]", error.json_body or {})
        found = body.get("error", {}).get("payment_intent")
        if error.code == "payment_intent_unexpected_state" and found:
            return _intent(found)
        raise _refused(verb, error) from error
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.IdempotencyError) as error:
        raise _refused(verb, error) from error
    except stripe.StripeError as error:
        logger.warning("Stripe did not answer %s: %s", verb, _trace(error))
        raise StripeUnavailableError from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # A body that is JSON but no PaymentIntent: a proxy's page, say.
        logger.warning("Stripe's answer to %s is not a PaymentIntent: %s", verb, type(error).__name__)
        raise StripeUnavailableError from error


def _refused(verb: str, error: stripe.StripeError) -> StripeRefusedError:
    logger.error("Stripe refused %s: %s", verb, _trace(error))
    return StripeRefusedError()


def _trace(error: stripe.StripeError) -> str:
    """Return what one needs to find the request at Stripe, and nothing that must not be logged."""
    code = error.code or getattr(error.error, "code", None) or HTTPStatus(error.http_status or 503).phrase
    return f"{type(error).__name__} {code} {error.request_id or 'without a request id'}"


@cache
def _client() -> stripe.StripeClient:
    return stripe.StripeClient(
        settings.STRIPE.secret_key,
        stripe_version=API_VERSION,
        # A StripeClient does not retry unless told to.
        max_network_retries=RETRIES,
        base_addresses={"api": settings.STRIPE.api_base},
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


def _assert_no_transaction() -> None:
    # A test's own wrapping transaction does not count; Django marks it.
    blocks = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
    if blocks:
        raise RuntimeError("Stripe must not be called inside a database transaction.")


def _intent(data: dict[str, Any]) -> Intent:
    metadata = data.get("metadata") or {}
    return Intent(
        id=data["id"],
        status=data["status"],
        amount=data["amount"],
        amount_received=data["amount_received"],
        currency=data["currency"].lower(),
        livemode=data["livemode"],
        order_number=metadata.get("order", ""),
        payment_id=metadata.get("payment", ""),
        client_secret=data["client_secret"] or "",
        error=_error(data.get("last_payment_error")),
        method=_method(data.get("latest_charge")),
    )


def _error(data: dict[str, Any] | None) -> PaymentError | None:
    if not data:
        return None
    card = (data.get("payment_method") or {}).get("card") or {}
    return PaymentError(
        code=data.get("decline_code") or data.get("code") or data["type"],
        last4=card.get("last4") or "",
        reference=data.get("charge") or data.get("request_log_url") or "",
    )


def _method(charge: dict[str, Any] | str | None) -> PaymentMethod | None:
    if not isinstance(charge, dict):
        return None
    details = charge.get("payment_method_details") or {}
    kind = details.get("type") or ""
    facts = details.get(kind) or {}
    return PaymentMethod(kind, facts.get("brand") or "", facts.get("last4") or facts.get("iban_last4") or "")
