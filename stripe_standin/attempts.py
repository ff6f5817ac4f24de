"""One attempt to take the money of a PaymentIntent, from the confirmation to what came of it."""

from typing import Any

from stripe_standin import charges, errors, events, ids, payment_methods
from stripe_standin.call import Answer, Call
from stripe_standin.cards import TestCard
from stripe_standin.store import Body

AUTHENTICATION_FAILED = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
ADVICE = {
    "generic_decline": "try_again_later", "insufficient_funds": "try_again_later",
    "processing_error": "try_again_later", "card_velocity_exceeded": "try_again_later",
    "lost_card": "do_not_try_again", "stolen_card": "do_not_try_again", "fraudulent": "do_not_try_again",
    "expired_card": "confirm_card_data", "incorrect_cvc": "confirm_card_data",
}  # fmt: skip


def asks_for_authentication(intent: Body, card: TestCard, *, off_session: bool) -> bool:
    """Tell whether the bank wants to see the shopper before it says yes."""
    if card.three_d_secure in ("required", "required_unless_set_up"):
        return True
    if card.three_d_secure == "required_on_session_only":
        return not off_session
    asked = intent["payment_method_options"].get("card", {}).get("request_three_d_secure", "automatic")
    return asked in ("any", "challenge") and card.three_d_secure in ("optional", "optional_error")


def start(call: Call, intent: Body, method: Body, options: dict[str, Any]) -> Answer:
    """Try to take the money with a payment method and answer with the PaymentIntent or a decline.

    `options` are the confirmation's `off_session`, `error_on_requires_action`, `use_stripe_sdk`, `return_url`.
    """
    intent.update(payment_method=method["id"], next_action=None, last_payment_error=None)
    card = payment_methods.test_card(call, method)
    inner = call.store.inner(intent["id"])
    authenticated = inner.pop("authenticated", None) == method["id"]
    inner.pop("action", None)
    call.store.set_inner(intent["id"], inner)
    off_session = bool(options.get("off_session"))
    if not authenticated and asks_for_authentication(intent, card, off_session=off_session):
        if card.three_d_secure == "optional_error":
            return decline(call, intent, method, card_error("processing_error", None, card), None)
        if off_session or options.get("error_on_requires_action"):
            return refuse_absent_shopper(call, intent, method, charged=off_session)
        return ask(call, intent, method, options)
    flow = "challenge" if authenticated else "frictionless"
    secure = charges.three_d_secure(flow) if authenticated or card.three_d_secure == "frictionless" else None
    return settle_card(call, intent, method, card, secure)


def ask(call: Call, intent: Body, method: Body, options: dict[str, Any]) -> Answer:
    """Leave the intent in `requires_action`, with the way to the bank's challenge in `next_action`."""
    token = ids.new("payatt")
    return_url = options.get("return_url")
    page = f"{call.settings.url}/challenge/{intent['id']}/{token}"
    if options.get("use_stripe_sdk") or not return_url:
        sdk = {"type": "three_d_secure_redirect", "stripe_js": page, "source": token}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    else:
        redirect = {"return_url": return_url, "url": f"{page}?full=1"}
        intent["next_action"] = {"redirect_to_url": redirect, "type": "redirect_to_url"}
    intent["status"] = "requires_action"
    inner = call.store.inner(intent["id"])
    action = {"token": token, "kind": "challenge", "method": method["id"], "return_url": return_url}
    call.store.set_inner(intent["id"], {**inner, "action": action})
    call.store.save(intent)
    events.record(call, "payment_intent.requires_action", intent)
    return Answer(intent)


def finish_action(call: Call, intent: Body, *, passed: bool) -> Answer:
    """Go on after the shopper passed or failed what `next_action` asked for."""
    inner = call.store.inner(intent["id"])
    method = call.store.get(inner.pop("action")["method"], "payment_method")
    assert method is not None, "payment methods are never deleted"  # noqa: S101
    call.store.set_inner(intent["id"], inner)
    intent["next_action"] = None
    if not passed:
        error = {
            "code": "payment_intent_authentication_failure",
            "message": AUTHENTICATION_FAILED,
            "type": "invalid_request_error",
        }
        return decline(call, intent, method, error, None)
    if intent["confirmation_method"] == "manual":
        call.store.set_inner(intent["id"], {**inner, "authenticated": method["id"]})
        intent["status"] = "requires_confirmation"
        return Answer(call.store.save(intent))
    card = payment_methods.test_card(call, method)
    return settle_card(call, intent, method, card, charges.three_d_secure("challenge"))


def settle_card(call: Call, intent: Body, method: Body, card: TestCard, secure: Body | None) -> Answer:
    """Ask the network: write the charge and move the intent to where the card's answer leads."""
    if card.error_code == "incorrect_cvc" and not call.store.inner(method["id"]).get("cvc"):
        card = TestCard(card.number, card.brand)
    charge = charges.for_card(call, intent, method, card, secure)
    intent["latest_charge"] = charge["id"]
    if card.declines:
        error = card_error(card.error_code or "card_declined", card.decline_code, card)
        return decline(call, intent, method, error, charge)
    succeed(call, intent, charge)
    return Answer(intent)


def succeed(call: Call, intent: Body, charge: Body) -> None:
    """Move an intent whose charge went through to `succeeded`, or to `requires_capture` when only held."""
    intent.update(
        next_action=None, last_payment_error=None, processing=None, payment_method=charge["payment_method"]
    )
    events.record(call, "charge.succeeded", charge)
    if charge["captured"]:
        intent.update(status="succeeded", amount_received=charge["amount"])
        events.record(call, "payment_intent.succeeded", call.store.save(intent))
    else:
        intent.update(status="requires_capture", amount_capturable=charge["amount"])
        events.record(call, "payment_intent.amount_capturable_updated", call.store.save(intent))


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


def refuse_absent_shopper(call: Call, intent: Body, method: Body, *, charged: bool) -> Answer:
    """Decline because the bank wants the shopper, who is not there; off session the bank was asked."""
    card = payment_methods.test_card(call, method)
    message = "Your card was declined. This transaction requires authentication."
    refused = TestCard(
        card.number, card.brand, behaviour="decline", error_code="authentication_required",
        decline_code="authentication_required", message=message,
    )  # fmt: skip
    charge = None
    if charged:
        charge = charges.for_card(call, intent, method, refused, None)
        intent["latest_charge"] = charge["id"]
    return decline(
        call,
        intent,
        method,
        card_error("authentication_required", "authentication_required", refused),
        charge,
    )
