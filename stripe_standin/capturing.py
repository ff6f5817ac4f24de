"""Manual capture: taking what a card holds, or letting it go."""

from typing import Any

from stripe_standin import balance, errors, events, intents, params, timers
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body


def capture(call: Call) -> Answer:
    """`POST /v1/payment_intents/{intent}/capture`: all of the held amount or less; the rest is released."""
    intent = intents.load(call)
    if intent["status"] != "requires_capture":
        message = (
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture."
        )
        raise intents.unexpected(intent, message)
    held: int = intent["amount_capturable"]
    amount: int = call.params.get("amount_to_capture", held)
    if amount < 1:
        raise errors.invalid(
            "This value must be greater than or equal to 1.", "amount_to_capture", "parameter_invalid_integer"
        )
    if amount > held:
        message = (
            f"The amount to capture ({amount}) is greater than the remaining amount you can capture ({held})."
        )
        raise errors.invalid(message, "amount_to_capture", "amount_too_large")
    if "metadata" in call.params:
        intent["metadata"] = params.merge_metadata(intent["metadata"], call.params["metadata"])
    take(call, intent, amount)
    return Answer(intent)


def take(call: Call, intent: Body, amount: int) -> None:
    """Capture an amount in minor units; what is left of the hold goes back."""
    timers.forget(call, intent["id"], "hold_ends")
    charge = call.find(intent["latest_charge"], "charge", "charge")
    charge.update(captured=True, amount_captured=amount)
    balance.book(call, call.store.save(charge), announce=False)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    call.store.save(intent)
    events.record(call, "charge.captured", charge)
    events.record(call, "payment_intent.succeeded", intent)


def release(call: Call, intent: Body) -> None:
    """Let go of what a cancelled intent held."""
    timers.forget(call, intent["id"], "hold_ends")
    charge = call.store.get(intent["latest_charge"] or "", "charge")
    if charge and charge["paid"] and not charge["captured"]:
        charge.update(refunded=True, amount_refunded=charge["amount"])
        events.record(
            call, "charge.refunded", call.store.save(charge), {"amount_refunded": 0, "refunded": False}
        )


@timers.work("hold_ends")
def hold_ends(call: Call, intent_id: str, _: dict[str, Any]) -> None:
    """Cancel an intent whose held amount nobody captured in time."""
    intent = call.store.get(intent_id, "payment_intent")
    if intent and intent["status"] == "requires_capture":
        intents.close(call, intent, "automatic")
        release(call, intent)
