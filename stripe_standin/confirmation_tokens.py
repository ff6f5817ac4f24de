"""Confirmation tokens: what a shopper chose, kept for a confirmation that the server makes."""

from typing import Any

from stripe_standin import errors, ids, payment_methods
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

KEPT_SECONDS = 12 * 60 * 60


def create(call: Call) -> Answer:
    """`POST /v1/confirmation_tokens`: from a browser, with what the Payment Element holds."""
    given = call.params
    if given.get("payment_method"):
        method = payment_methods.resolve(call, given["payment_method"])
    elif given.get("payment_method_data"):
        method = payment_methods.make(call, given["payment_method_data"])
    else:
        raise errors.missing("payment_method_data")
    preview = {
        key: value
        for key, value in method.items()
        if key not in ("id", "object", "created", "livemode", "metadata")
    }
    token = {
        "id": ids.new("ctoken"),
        "object": "confirmation_token",
        "created": call.now,
        "expires_at": call.now + KEPT_SECONDS,
        "livemode": False,
        "mandate_data": None,
        "payment_intent": None,
        "payment_method_options": None,
        "payment_method_preview": preview,
        "return_url": given.get("return_url"),
        "setup_future_usage": given.get("setup_future_usage"),
        "setup_intent": None,
        "shipping": given.get("shipping"),
        "use_stripe_sdk": True,
    }
    call.store.add(token, {"method": method["id"]})
    return Answer(token)


def retrieve(call: Call) -> Answer:
    """`GET /v1/confirmation_tokens/{confirmation_token}`."""
    return Answer(call.find(call.path["confirmation_token"], "confirmation_token", "confirmation_token"))


def spend(call: Call, intent: Body, given: dict[str, Any]) -> None:
    """Put what a token holds into a confirmation. Raises `Refusal` 404 or 400: unknown, used or too old."""
    token = call.find(given["confirmation_token"], "confirmation_token", "confirmation_token")
    for name in ("payment_method", "payment_method_data"):
        if given.get(name):
            message = f"You may only specify one of these parameters: confirmation_token, {name}."
            raise errors.invalid(message, name)
    if token["payment_intent"] or token["expires_at"] < call.now:
        raise errors.invalid("This ConfirmationToken was already used or has expired.", "confirmation_token")
    token["payment_intent"] = intent["id"]
    call.store.save(token)
    given["payment_method"] = call.store.inner(token["id"])["method"]
    given.setdefault("use_stripe_sdk", token["use_stripe_sdk"])
    for name in ("return_url", "shipping", "setup_future_usage"):
        if token[name] is not None:
            given.setdefault(name, token[name])
    given.setdefault("mandate_data", {"customer_acceptance": {"type": "online"}})
