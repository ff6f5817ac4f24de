"""One attempt to take the money of a PaymentIntent, from the confirmation to what came of it."""

from typing import Any

from stripe_standin import balance, charges, errors, events, ids, payment_methods, settling, timers
from stripe_standin.call import Answer, Call
from stripe_standin.cards import TestCard
from stripe_standin.methods import SLIPS
from stripe_standin.settling import card_error, decline
from stripe_standin.store import Body

AUTHENTICATION_FAILED = "We are unable to authenticate your payment method. Please choose a different payment method and try again."

SLIP_EXPIRED = "The payment attempt has expired: nobody paid by the slip in time."
SLIP_SECONDS = 7 * balance.DAY


def start(call: Call, intent: Body, method: Body, options: dict[str, Any]) -> Answer:
    """Try to take the money with a payment method and answer with the PaymentIntent or a decline.

    `options` are the confirmation's `off_session`, `error_on_requires_action`, `use_stripe_sdk`, `return_url`.
    """
    intent.update(payment_method=method["id"], next_action=None, last_payment_error=None)
    inner = call.store.inner(intent["id"])
    authenticated = inner.pop("authenticated", None) == method["id"]
    inner.pop("action", None)
    call.store.set_inner(intent["id"], inner)
    if method["type"] == "sepa_debit":
        return debit(call, intent, method, options)
    if method["type"] in SLIPS:
        return give_slip(call, intent, method)
    if method["type"] != "card":
        return ask(call, intent, method, options, "redirect")
    return _card(call, intent, method, options, authenticated=authenticated)


def _card(call: Call, intent: Body, method: Body, options: dict[str, Any], *, authenticated: bool) -> Answer:
    card = payment_methods.test_card(call, method)
    off_session = bool(options.get("off_session"))
    if not authenticated and asks_for_authentication(intent, card, off_session=off_session):
        if card.three_d_secure == "optional_error":
            return decline(call, intent, method, card_error("processing_error", None, card), None)
        if off_session or options.get("error_on_requires_action"):
            return refuse_absent_shopper(call, intent, method, charged=off_session)
        return ask(call, intent, method, options, "challenge")
    flow = "challenge" if authenticated else "frictionless"
    secure = charges.three_d_secure(flow) if authenticated or card.three_d_secure == "frictionless" else None
    return settling.settle_card(call, intent, method, card, secure)


def asks_for_authentication(intent: Body, card: TestCard, *, off_session: bool) -> bool:
    """Tell whether the bank wants to see the shopper before it says yes."""
    if card.three_d_secure in ("required", "required_unless_set_up"):
        return True
    if card.three_d_secure == "required_on_session_only":
        return not off_session
    asked = intent["payment_method_options"].get("card", {}).get("request_three_d_secure", "automatic")
    return asked in ("any", "challenge") and card.three_d_secure in ("optional", "optional_error")


def ask(call: Call, intent: Body, method: Body, options: dict[str, Any], kind: str) -> Answer:
    """Leave the intent in `requires_action`, with the way to the bank's page in `next_action`."""
    token = ids.new("payatt")
    return_url = options.get("return_url")
    page = f"{call.settings.url}/challenge/{intent['id']}/{token}"
    if kind == "redirect" and not return_url:
        message = f"A `return_url` is needed to confirm this PaymentIntent with {method['type']}."
        raise errors.invalid(message, "return_url")
    if kind == "challenge" and (options.get("use_stripe_sdk") or not return_url):
        sdk = {"type": "three_d_secure_redirect", "stripe_js": page, "source": token}
        intent["next_action"] = {"type": "use_stripe_sdk", "use_stripe_sdk": sdk}
    else:
        redirect = {"return_url": return_url, "url": f"{page}?full=1"}
        intent["next_action"] = {"redirect_to_url": redirect, "type": "redirect_to_url"}
    intent["status"] = "requires_action"
    inner = call.store.inner(intent["id"])
    action = {"token": token, "kind": kind, "method": method["id"], "return_url": return_url}
    call.store.set_inner(intent["id"], {**inner, "action": action})
    call.store.save(intent)
    events.record(call, "payment_intent.requires_action", intent)
    return Answer(intent)


def give_slip(call: Call, intent: Body, method: Body) -> Answer:
    """Leave the intent in `requires_action` for days, with what to pay at a till, or in a bank's app, in `next_action`."""
    token = ids.new("payatt")
    kind = f"{method['type']}_display_details"
    details = {
        "entity": charges.SLIP_ENTITY,
        "expires_at": call.now + SLIP_SECONDS,
        "hosted_voucher_url": f"{call.settings.url}/challenge/{intent['id']}/{token}?full=1",
        "reference": f"{intent['created'] % 1_000_000_000:09}",
    }
    intent.update(status="requires_action", next_action={kind: details, "type": kind})
    inner = call.store.inner(intent["id"])
    action = {"token": token, "kind": "slip", "method": method["id"]}
    call.store.set_inner(intent["id"], {**inner, "action": action})
    call.store.save(intent)
    events.record(call, "payment_intent.requires_action", intent)
    timers.later(call, SLIP_SECONDS, "slip_expires", intent["id"], token=token)
    return Answer(intent)


@timers.work("slip_expires")
def slip_expires(call: Call, intent_id: str, data: dict[str, Any]) -> None:
    """Let nobody pay by a slip any more, if it is still the one to pay by."""
    intent = call.store.get(intent_id, "payment_intent")
    action = call.store.inner(intent_id).get("action") or {}
    if intent and intent["status"] == "requires_action" and action.get("token") == data["token"]:
        finish_action(call, intent, passed=False)


def finish_action(call: Call, intent: Body, *, passed: bool) -> Answer:
    """Go on after the shopper passed or failed what `next_action` asked for."""
    inner = call.store.inner(intent["id"])
    action = inner.pop("action")
    method = call.store.get(action["method"], "payment_method")
    assert method is not None, "payment methods are never deleted"  # noqa: S101 - says so to mypy
    call.store.set_inner(intent["id"], inner)
    intent["next_action"] = None
    if not passed:
        is_slip = action["kind"] == "slip"
        error = {
            "code": "payment_intent_payment_attempt_expired"
            if is_slip
            else "payment_intent_authentication_failure",
            "message": SLIP_EXPIRED if is_slip else AUTHENTICATION_FAILED,
            "type": "invalid_request_error",
        }
        return decline(call, intent, method, error, None)
    if intent["confirmation_method"] == "manual":
        call.store.set_inner(intent["id"], {**inner, "authenticated": method["id"]})
        intent["status"] = "requires_confirmation"
        return Answer(call.store.save(intent))
    if method["type"] != "card":
        return settling.settle_bank(call, intent, method)
    card = payment_methods.test_card(call, method)
    return settling.settle_card(call, intent, method, card, charges.three_d_secure("challenge"))


def refuse_absent_shopper(call: Call, intent: Body, method: Body, *, charged: bool) -> Answer:
    """Decline because the bank wants the shopper, who is not there; off session the bank was asked."""
    card = payment_methods.test_card(call, method)
    refused = TestCard(
        card.number, card.brand, behaviour="decline", error_code="authentication_required",
        decline_code="authentication_required",
        message="Your card was declined. This transaction requires authentication.",
    )  # fmt: skip
    charge = None
    if charged:
        charge = charges.for_card(call, intent, method, refused, None)
        intent["latest_charge"] = charge["id"]
    error = card_error("authentication_required", "authentication_required", refused)
    return decline(call, intent, method, error, charge)


def debit(call: Call, intent: Body, method: Body, options: dict[str, Any]) -> Answer:
    """Send a SEPA debit on its way: `processing` now, the result after the account's delay."""
    if not (call.caller.is_browser or options.get("mandate_data") or options.get("mandate")):
        message = (
            "This PaymentIntent requires a mandate, but no existing mandate was found. Collect mandate acceptance "
            "from the customer and try again, providing acceptance data in the mandate_data parameter."
        )
        raise errors.invalid(message, "mandate_data", "payment_intent_mandate_invalid")
    charge = charges.for_bank(call, intent, method, pending=True)
    intent.update(status="processing", latest_charge=charge["id"])
    call.store.save(intent)
    events.record(call, "charge.pending", charge)
    events.record(call, "payment_intent.processing", intent)
    account = payment_methods.account(call, method)
    delay = call.settings.result_delay if account.delay is None else account.delay
    timers.later(call, delay, "processing_ends", intent["id"], paid=not account.fails)
    return Answer(intent)
