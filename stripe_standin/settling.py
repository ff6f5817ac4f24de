"""What the network answers, and where that leads a PaymentIntent."""

from typing import Any

from stripe_standin import balance, charges, errors, events, payment_methods, timers
from stripe_standin.call import Answer, Call
from stripe_standin.cards import TestCard
from stripe_standin.store import Body

HOLD_SECONDS = 7 * balance.DAY
ADVICE = {
    "generic_decline": "try_again_later", "insufficient_funds": "try_again_later",
    "processing_error": "try_again_later", "card_velocity_exceeded": "try_again_later",
    "lost_card": "do_not_try_again", "stolen_card": "do_not_try_again", "fraudulent": "do_not_try_again",
    "expired_card": "confirm_card_data", "incorrect_cvc": "confirm_card_data",
}  # fmt: skip


def card_error(code: str, decline_code: str | None, card: TestCard) -> Body:
    """Return the fields of a card's refusal, without the objects it concerns."""
    advice = ADVICE.get(decline_code or code)
    error = {"advice_code": advice, "code": code, "decline_code": decline_code, "message": card.message}
    return {
        key: value for key, value in {**error, "param": card.param, "type": "card_error"}.items() if value
    }


def decline(call: Call, intent: Body, method: Body, error: Body, charge: Body | None) -> Answer:
    """Return the intent to `requires_payment_method` with the error on it, and answer 402."""
    fields = dict(error)
    if charge is not None:
        fields["charge"] = charge["id"]
    fields = errors.body({**fields, "payment_method": method})["error"]
    intent.update(
        status="requires_payment_method",
        next_action=None,
        processing=None,
        payment_method=None,
        last_payment_error=fields,
    )
    call.store.save(intent)
    if charge is not None:
        events.record(call, "charge.failed", charge)
    events.record(call, "payment_intent.payment_failed", intent)
    return Answer({"error": {**fields, "payment_intent": intent}}, 402)


def settle_card(call: Call, intent: Body, method: Body, card: TestCard, secure: Body | None) -> Answer:
    """Ask the card network: write the charge and move the intent to where the card's answer leads."""
    if card.error_code == "incorrect_cvc" and not call.store.inner(method["id"]).get("cvc"):
        card = TestCard(card.number, card.brand)
    charge = charges.for_card(call, intent, method, card, secure)
    intent["latest_charge"] = charge["id"]
    if card.declines:
        error = card_error(card.error_code or "card_declined", card.decline_code, card)
        return decline(call, intent, method, error, charge)
    succeed(call, intent, method, charge)
    _plan_trouble(call, card, charge)
    return Answer(intent)


def settle_bank(call: Call, intent: Body, method: Body) -> Answer:
    """Take the money of a bank payment that the shopper authorised."""
    charge = charges.for_bank(call, intent, method, pending=False)
    intent["latest_charge"] = charge["id"]
    succeed(call, intent, method, charge)
    return Answer(intent)


def succeed(call: Call, intent: Body, method: Body, charge: Body) -> None:
    """Move an intent whose charge went through to `succeeded`, or to `requires_capture` when only held."""
    intent.update(next_action=None, last_payment_error=None, processing=None, payment_method=method["id"])
    if intent["customer"] and intent["setup_future_usage"]:
        payment_methods.attach_to(call, method, intent["customer"])
    events.record(call, "charge.succeeded", charge)
    if charge["captured"]:
        intent.update(status="succeeded", amount_received=charge["amount_captured"], amount_capturable=0)
        if intent["capture_method"] == "automatic":
            balance.book(call, charge, announce=False)
        events.record(call, "payment_intent.succeeded", call.store.save(intent))
        timers.later(call, call.settings.book_delay, "book", charge["id"])
    else:
        intent.update(status="requires_capture", amount_capturable=charge["amount"])
        events.record(call, "payment_intent.amount_capturable_updated", call.store.save(intent))
        timers.later(call, HOLD_SECONDS, "hold_ends", intent["id"])


def _plan_trouble(call: Call, card: TestCard, charge: Body) -> None:
    """Let a card that is known for it be disputed or reported a little later."""
    delay = call.settings.result_delay
    if card.behaviour == "dispute":
        for _ in range(card.dispute_count):
            data = {"reason": card.dispute_reason, "status": card.dispute_status}
            timers.later(call, delay, "dispute_opens", charge["id"], **data)
    if card.behaviour == "fraud_warning":
        timers.later(call, delay, "fraud_warning", charge["id"])


@timers.work("processing_ends")
def processing_ends(call: Call, intent_id: str, data: dict[str, Any]) -> None:
    """Let a debit arrive or come back."""
    intent = call.store.get(intent_id, "payment_intent")
    if intent and intent["status"] == "processing":
        finish_processing(call, intent, paid=data["paid"])


def finish_processing(call: Call, intent: Body, *, paid: bool) -> None:
    """End `processing`: the charge succeeds and the intent with it, or both fail."""
    timers.forget(call, intent["id"], "processing_ends")
    charge = call.find(intent["latest_charge"], "charge", "charge")
    method = call.find(charge["payment_method"], "payment_method", "payment_method")
    if paid:
        charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
        call.store.save(charge)
        succeed(call, intent, method, charge)
        if method["type"] == "sepa_debit" and payment_methods.account(call, method).disputed:
            data = {"reason": "bank_cannot_process", "status": "needs_response"}
            timers.later(call, call.settings.result_delay, "dispute_opens", charge["id"], **data)
        return
    message = "The customer's bank could not collect the money: the account does not hold enough."
    charge.update(status="failed", paid=False, failure_code="insufficient_funds", failure_message=message)
    call.store.save(charge)
    error = {
        "code": "payment_intent_payment_attempt_failed",
        "message": message,
        "type": "invalid_request_error",
    }
    decline(call, intent, method, error, charge)
