"""What the Payment Element asks before it draws itself: the intent, and what may be paid with."""

from stripe_standin import errors, payment_intents
from stripe_standin.call import Answer, Call

FINISHED = ("succeeded", "canceled", "processing", "requires_capture")


def session(call: Call) -> Answer:
    """`GET /v1/elements/sessions`: for a browser with a client secret. Raises `Refusal` 400 for a finished intent."""
    intent_id, _, _ = call.params["client_secret"].partition("_secret_")
    call.path["intent"] = intent_id
    intent = payment_intents.load(call)
    if intent["status"] in FINISHED:
        message = (
            f"The initialization of Elements failed because the PaymentIntent has the status {intent['status']}. "
            "Elements needs a PaymentIntent that can still be confirmed."
        )
        shown = payment_intents.shown(call, intent)
        code = "payment_intent_unexpected_state"
        raise errors.Refusal(400, "invalid_request_error", message, code=code, payment_intent=shown)
    body = {
        "object": "elements_session",
        "country": call.settings.country,
        "payment_intent": payment_intents.shown(call, intent),
        "payment_method_types": intent["payment_method_types"],
    }
    return Answer(body)
