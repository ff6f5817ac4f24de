"""Tokens: a card that was typed once, kept for one payment method, as older programs do it."""

from typing import Any

from stripe_standin import cards, errors, ids, payment_methods
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body


def create(call: Call) -> Answer:
    """`POST /v1/tokens`: of a card, from a browser. Raises `Refusal` 400 or 402."""
    given = call.params.get("card")
    if not given:
        message = "You must supply either a card, customer, bank account, or account to create a token."
        raise errors.invalid(message, "card")
    card, details = payment_methods.typed_card(call, given)
    token = {
        "id": ids.new("tok"),
        "object": "token",
        "card": _shown(card, details, given),
        "client_ip": None,
        "created": call.now,
        "livemode": False,
        "type": "card",
        "used": False,
    }
    return Answer(call.store.add(token, {"card": given}))


def _shown(card: cards.TestCard, details: Body, given: dict[str, Any]) -> Body:
    names = (
        "address_city",
        "address_country",
        "address_line1",
        "address_line2",
        "address_state",
        "address_zip",
        "name",
    )
    same = ("country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status")
    return {
        "id": ids.new("card"),
        "object": "card",
        **{name: given.get(name) for name in names},
        **{name: details[name] for name in same},
        "address_line1_check": None,
        "address_zip_check": "unchecked" if given.get("address_zip") else None,
        "brand": cards.BRAND_NAMES.get(card.brand, "Unknown"),
        "cvc_check": "unchecked" if given.get("cvc") else None,
        "dynamic_last4": None,
        "metadata": {},
        "networks": {"preferred": None},
        "tokenization_method": None,
    }


def retrieve(call: Call) -> Answer:
    """`GET /v1/tokens/{token}`."""
    return Answer(call.find(call.path["token"], "token", "token"))
