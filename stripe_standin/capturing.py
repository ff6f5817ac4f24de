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
    amount = _amount(intent, call.params.get("amount_to_capture"), "amount_to_capture")
    if "metadata" in call.params:
        intent["metadata"] = params.merge_metadata(intent["metadata"], call.params["metadata"])
    take(call, intent, amount)
    return Answer(intent)


def _amount(intent: Body, asked: int | None, name: str) -> int:
    """Return how much to take, by default all that is held. Raises `Refusal` 400 for more or nothing."""
    held: int = intent["amount_capturable"]
    if asked is None:
        return held
    if asked < 1:
        raise errors.invalid(
            "This value must be greater than or equal to 1.", name, "parameter_invalid_integer"
        )
    if asked > held:
        message = (
            f"The amount to capture ({asked}) is greater than the remaining amount you can capture ({held})."
        )
        raise errors.invalid(message, name, "amount_too_large")
    return asked


def capture_charge(call: Call) -> Answer:
    """`POST /v1/charges/{charge}/capture`: the same by the charge's address; its intent succeeds."""
    charge = call.find(call.path["charge"], "charge", "charge")
    intent = call.find(charge["payment_intent"], "payment_intent", "payment_intent")
    if charge["captured"]:
        message = f"Charge {charge['id']} has already been captured."
        raise errors.Refusal(400, "invalid_request_error", message, code="charge_already_captured")
    if intent["status"] != "requires_capture" or intent["latest_charge"] != charge["id"]:
        message = f"Charge {charge['id']} holds nothing that could be captured."
        raise errors.Refusal(400, "invalid_request_error", message, param="charge")
    amount = _amount(intent, call.params.get("amount"), "amount")
    for name in ("receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group"):
        if name in call.params:
            charge[name] = call.params[name]
    call.store.save(charge)
    take(call, intent, amount)
    return Answer(call.find(charge["id"], "charge", "charge"))


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
