"""What the Elements ask: the intent, what may be paid with, and the cards a customer saved."""

from typing import Any

from stripe_standin import customers, errors, intents, methods, payment_methods
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

FINISHED = ("succeeded", "canceled", "processing", "requires_capture")


def session(call: Call) -> Answer:
    """`GET /v1/elements/sessions`: for a browser with a client secret, or before there is an intent.

    Raises `Refusal` 400 for a finished intent, an unknown customer session or one of another customer.
    """
    intent = _intent(call) if call.params.get("client_secret") else _deferred(call)
    saved: Body | None = None
    secret = call.params.get("customer_session_client_secret")
    if secret:
        found = customers.session_by_secret(call, secret)
        if intent.get("id") and intent["customer"] != found["customer"]:
            message = "The customer of the customer session is not the customer of the PaymentIntent."
            raise errors.invalid(message, "customer_session_client_secret")
        saved = _saved(call, found)
    shown = intents.shown(call, intent) if intent.get("id") else None
    return Answer(
        {
            "object": "elements_session",
            "country": call.settings.country,
            "customer": saved,
            "payment_intent": shown,
            "payment_method_types": intent["payment_method_types"],
        }
    )


def _intent(call: Call) -> Body:
    call.path["intent"] = call.params["client_secret"].partition("_secret_")[0]
    intent = intents.load(call)
    if intent["status"] in FINISHED:
        message = (
            f"The initialization of Elements failed because the PaymentIntent has the status {intent['status']}. "
            "Elements needs a PaymentIntent that can still be confirmed."
        )
        shown = intents.shown(call, intent)
        code = "payment_intent_unexpected_state"
        raise errors.Refusal(400, "invalid_request_error", message, code=code, payment_intent=shown)
    return intent


def _deferred(call: Call) -> Body:
    """Return what an intent of the amount and currency named by the page would offer."""
    given: Any = call.params.get("deferred")
    if not isinstance(given, dict):
        raise errors.missing("client_secret")
    intent: Body = {
        "currency": str(given.get("currency", "")), "capture_method": given.get("capture_method", "automatic_async"),
        "automatic_payment_methods": {"enabled": True}, "allowed_payment_method_types": given.get("allowed"),
        "excluded_payment_method_types": given.get("excluded"), "payment_method_options": {},
    }  # fmt: skip
    methods.compute(call, intent)
    return intent


def _saved(call: Call, found: Body) -> Body:
    """Return what a customer session lets the Payment Element show and do."""
    element = found["components"]["payment_element"]
    features = element["features"] or customers.FEATURES
    rows: list[Body] = []
    if element["enabled"] and features["payment_method_redisplay"] == "enabled":
        rows = call.store.rows("payment_method", "customer = ?", (found["customer"],))
        allowed = features["payment_method_allow_redisplay_filters"]
        rows = [
            row for row in rows if row["allow_redisplay"] in allowed and row["type"] in ("card", "sepa_debit")
        ]
    return {
        "features": features,
        "id": found["customer"],
        "payment_methods": rows[: features["payment_method_redisplay_limit"]],
    }


def detach(call: Call) -> Answer:
    """Remove a saved payment method at the shopper's wish, if the customer session allows it."""
    found = customers.session_by_secret(call, call.params["customer_session_client_secret"])
    method = call.find(call.path["payment_method"], "payment_method", "payment_method", "PaymentMethod")
    features = found["components"]["payment_element"]["features"] or {}
    if features.get("payment_method_remove") != "enabled" or method["customer"] != found["customer"]:
        raise errors.no_such("PaymentMethod", method["id"], "payment_method")
    payment_methods.detach_from(call, method)
    return Answer(method)
