"""The PaymentIntent as an object: its fields, who sees which, and how it ends unpaid."""

from stripe_standin import errors, events, ids
from stripe_standin.call import Call
from stripe_standin.store import Body

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
VISIBLE_TO_BROWSERS = (
    "id", "object", "amount", "automatic_payment_methods", "canceled_at", "cancellation_reason", "capture_method",
    "client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error", "livemode",
    "next_action", "payment_method", "payment_method_types", "processing", "receipt_email", "setup_future_usage",
    "shipping", "source", "status",
)  # fmt: skip


def new(call: Call, amount: int, currency: str) -> Body:
    """Return a fresh intent with every field the API always shows; not yet stored."""
    intent_id = ids.new("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": ids.client_secret(intent_id),
        "confirmation_method": "automatic",
        "created": call.now,
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": [],
        "payment_record": None,
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }


def shown(call: Call, body: Body) -> Body:
    """Return an intent, or an error that carries one, as this caller may see it."""
    if not call.caller.is_browser:
        return body
    if body.get("object") == "payment_intent":
        return {key: body[key] for key in VISIBLE_TO_BROWSERS}
    if "payment_intent" in body.get("error", {}):
        return {"error": {**body["error"], "payment_intent": shown(call, body["error"]["payment_intent"])}}
    return body


def unexpected(intent: Body, message: str) -> errors.Refusal:
    """Return the refusal of a verb that the intent's status does not allow."""
    code = "payment_intent_unexpected_state"
    return errors.Refusal(400, "invalid_request_error", message, code=code, payment_intent=intent)


def load(call: Call) -> Body:
    """Return the intent named in the path. A browser must show its client secret. Raises `Refusal` 404, 401."""
    intent_id = call.path["intent"]
    intent = call.find(intent_id, "payment_intent", "intent")
    secret = call.params.pop("client_secret", None)
    if call.caller.is_browser:
        if secret is None:
            raise errors.missing("client_secret")
        if secret != intent["client_secret"]:
            message = (
                "The client_secret provided does not match any associated PaymentIntent on this account. Ensure the "
                "publishable key used belongs to the same account that created the PaymentIntent."
            )
            code = "payment_intent_invalid_parameter"
            raise errors.invalid(message, "client_secret", code)
    return intent


def close(call: Call, intent: Body, reason: str | None) -> None:
    """Move an intent to `canceled`; a held amount is released."""
    intent.update(status="canceled", canceled_at=call.now, cancellation_reason=reason, next_action=None)
    intent.update(amount_capturable=0, processing=None)
    call.store.save(intent)
    events.record(call, "payment_intent.canceled", intent)
