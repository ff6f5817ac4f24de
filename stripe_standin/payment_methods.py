"""Payment methods: what a shopper pays with. A card's number stays inside and is never shown."""

import datetime as dt
import hashlib
from typing import Any

from stripe_standin import cards, errors, ids
from stripe_standin.call import Call
from stripe_standin.cards import TestCard
from stripe_standin.store import Body

BILLING = {
    "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
    "email": None, "name": None, "phone": None, "tax_id": None,
}  # fmt: skip


def billing_details(given: dict[str, Any] | None) -> Body:
    """Return complete billing details from what was sent."""
    given = given or {}
    address = {**BILLING["address"], **(given.get("address") or {})}  # type: ignore[dict-item]
    return {**BILLING, **{key: value for key, value in given.items() if key in BILLING}, "address": address}


def card_details(card: TestCard, month: int, year: int) -> Body:
    """Return the `card` part of a payment method."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "display_brand": card.networks[0] if card.networks else card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks) or [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure != "not_supported"},
        "wallet": None,
    }


def _create(call: Call, kind: str, details: Body, billing: Body, inner: Body, allow_redisplay: str) -> Body:
    method = {
        "id": ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": allow_redisplay,
        "billing_details": billing,
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
        kind: details,
    }
    return call.store.add(method, inner)


def from_test_card(call: Call, card: TestCard, billing: dict[str, Any] | None = None) -> Body:
    """Create the payment method behind a test id such as `pm_card_visa`; its card is valid for years to come."""
    year = dt.datetime.fromtimestamp(call.now, dt.UTC).year + 5
    details = card_details(card, 12, year)
    return _create(
        call, "card", details, billing_details(billing), {"number": card.number, "cvc": True}, "unspecified"
    )


def create(call: Call, data: dict[str, Any]) -> Body:
    """Create a payment method from `payment_method_data` or the body of `POST /v1/payment_methods`.

    Card numbers are taken from browsers only. Raises `Refusal` 400 or 402.
    """
    kind = data.get("type")
    if kind is None:
        raise errors.missing("type")
    if kind != "card":
        raise errors.invalid(f"The payment method type {kind} is not one this stand-in knows.", "type")
    given = data.get("card")
    if not given or "number" not in given:
        raise errors.missing("card")
    if not call.caller.is_browser:
        message = (
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test "
            "tokens that map to the test card you are using, see https://stripe.com/docs/testing."
        )
        raise errors.Refusal(402, "invalid_request_error", message, stored=False)
    month, year = _whole(given, "exp_month"), _whole(given, "exp_year")
    today = dt.datetime.fromtimestamp(call.now, dt.UTC)
    card = cards.check(given["number"], month, year, given.get("cvc"), (today.year, today.month))
    year += 2000 if year < 100 else 0
    billing = billing_details(data.get("billing_details"))
    inner = {"number": card.number, "cvc": bool(given.get("cvc"))}
    return _create(
        call,
        "card",
        card_details(card, month, year),
        billing,
        inner,
        data.get("allow_redisplay", "unspecified"),
    )


def _whole(given: dict[str, Any], name: str) -> int:
    value = given.get(name)
    if value is None:
        raise errors.missing(f"card[{name}]")
    if not isinstance(value, int) and not str(value).isdigit():
        raise errors.invalid(f"Invalid integer: {value}", f"card[{name}]", "parameter_invalid_integer")
    return int(value)


def resolve(call: Call, method_id: str) -> Body:
    """Return the payment method with this id; a test id makes a new one. Raises `Refusal` 404."""
    card = cards.by_pm_id(method_id)
    if card:
        return from_test_card(call, card)
    found = call.store.get(method_id, "payment_method")
    if found is None:
        raise errors.no_such("PaymentMethod", method_id, "payment_method")
    return found


def test_card(call: Call, method: Body) -> TestCard:
    """Return what is known of the card behind a payment method."""
    card = cards.by_number(call.store.inner(method["id"])["number"])
    assert card is not None, "every card payment method is made from the table"  # noqa: S101
    return card
