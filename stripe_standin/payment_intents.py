"""The verbs on PaymentIntents: create, retrieve, update, confirm, cancel and list."""

import re
from typing import Any

from stripe_standin import (
    attempts,
    capturing,
    confirmation_tokens,
    errors,
    events,
    keys,
    lists,
    methods,
    money,
    params,
    payment_methods,
)
from stripe_standin.call import Answer, Call
from stripe_standin.intents import OPEN, close, load, new, unexpected
from stripe_standin.store import Body

CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action")
PLAIN = ("description", "receipt_email", "setup_future_usage", "transfer_group")
ONLY_WITH_CONFIRM = (
    "return_url",
    "confirmation_token",
    "off_session",
    "error_on_requires_action",
    "mandate",
    "mandate_data",
)
_SUFFIX = re.compile(r"^(?=.*[A-Za-z])[^<>\\'\"*]{1,22}$")


def create(call: Call) -> Answer:
    """`POST /v1/payment_intents`."""
    given = call.params
    currency = money.check_currency(given["currency"])
    amount = money.check_amount(given["amount"], currency)
    if not given.get("confirm"):
        for name in ONLY_WITH_CONFIRM:
            if given.get(name) is not None:
                message = f"The parameter `{name}` cannot be passed when creating a PaymentIntent unless `confirm` is set to true."
                raise errors.invalid(message, name)
    intent = new(call, amount, currency)
    intent["capture_method"] = given.get("capture_method") or "automatic_async"
    intent["confirmation_method"] = given.get("confirmation_method", "automatic")
    if given.get("confirmation_token"):
        confirmation_tokens.spend(call, intent, given)
    methods.choose(call, intent, given)
    apply(call, intent, given)
    call.store.add(intent)
    events.record(call, "payment_intent.created", intent)
    if given.get("confirm"):
        return _confirm(call, intent)
    return Answer(intent)


def apply(call: Call, intent: Body, given: dict[str, Any]) -> None:
    """Put the fields that create, update and confirm share on an intent, checking each."""
    if given.get("customer"):
        intent["customer"] = call.find(given["customer"], "customer", "customer")["id"]
    intent.update({name: given[name] for name in PLAIN if name in given})
    if "shipping" in given:
        intent["shipping"] = _shipping(given["shipping"])
    if "metadata" in given:
        intent["metadata"] = params.merge_metadata(intent["metadata"], given["metadata"])
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if name in given:
            intent[name] = _checked_descriptor(given[name], name)
    _merge_options(intent, given.get("payment_method_options") or {})
    method = _given_method(call, given)
    if method is not None:
        intent.update(payment_method=method["id"], status="requires_confirmation")


def _merge_options(intent: Body, options: dict[str, Any]) -> None:
    """Change the options of the payment methods that an intent offers; others are dropped, as Stripe does."""
    for kind, given in options.items():
        if kind in intent["payment_method_options"]:
            intent["payment_method_options"][kind].update(given or {})


def _shipping(given: dict[str, Any] | None) -> Body | None:
    if given is None:
        return None
    address = {**payment_methods.NO_ADDRESS, **given["address"]}
    return {"carrier": None, "phone": None, "tracking_number": None, **given, "address": address}


def _checked_descriptor(text: str | None, name: str) -> str | None:
    """Return a descriptor. Raises `Refusal` 400 unless it has a letter, 22 characters at most and nothing odd."""
    if text is not None and not _SUFFIX.match(text):
        message = (
            f"The {name} must contain at least one alphabetic character, be at most 22 characters long and not "
            "contain any of the characters < > \\ ' \" *."
        )
        raise errors.invalid(message, name)
    return text


def _given_method(call: Call, given: dict[str, Any]) -> Body | None:
    """Return the payment method a request brings, by id or by its data."""
    if given.get("payment_method") and given.get("payment_method_data"):
        message = "You may only specify one of these parameters: payment_method, payment_method_data."
        raise errors.invalid(message, "payment_method_data")
    if given.get("payment_method"):
        return payment_methods.resolve(call, given["payment_method"])
    if given.get("payment_method_data"):
        return payment_methods.make(call, given["payment_method_data"])
    return None


def retrieve(call: Call) -> Answer:
    """`GET /v1/payment_intents/{intent}`."""
    return Answer(load(call))


def update(call: Call) -> Answer:
    """`POST /v1/payment_intents/{intent}`."""
    intent = load(call)
    keys.require_secret(call.caller)
    given = call.params
    late = [name for name in given if name not in ("metadata", "description", "expand")]
    if intent["status"] not in OPEN and late:
        message = (
            f"This PaymentIntent's {late[0]} could not be updated because it has a status of {intent['status']}. "
            f"You may only update the {late[0]} of a PaymentIntent with one of the following statuses: {', '.join(OPEN)}."
        )
        raise unexpected(intent, message)
    currency = money.check_currency(given["currency"]) if "currency" in given else intent["currency"]
    amount: int = given["amount"] if "amount" in given else intent["amount"]
    if (amount, currency) != (intent["amount"], intent["currency"]):
        intent["amount"], intent["currency"] = money.check_amount(amount, currency), currency
        _forget_action(call, intent)
    if given.get("capture_method"):
        intent["capture_method"] = given["capture_method"]
    intent["last_payment_error"] = None
    methods.choose(call, intent, given)
    if given.get("payment_method") or given.get("payment_method_data"):
        _forget_action(call, intent)
    apply(call, intent, given)
    return Answer(call.store.save(intent))


def _forget_action(call: Call, intent: Body) -> None:
    """Take back a pending challenge: it was for another amount or another card."""
    if intent["status"] == "requires_action":
        intent.update(status="requires_confirmation", next_action=None)
        inner = call.store.inner(intent["id"])
        inner.pop("action", None)
        call.store.set_inner(intent["id"], inner)


def confirm(call: Call) -> Answer:
    """`POST /v1/payment_intents/{intent}/confirm`."""
    intent = load(call)
    if intent["status"] not in OPEN:
        reasons = {
            "succeeded": "it has already succeeded after being previously confirmed.",
            "canceled": "it has a status of canceled.",
        }
        reason = reasons.get(intent["status"], f"it has a status of {intent['status']}.")
        raise unexpected(intent, f"You cannot confirm this PaymentIntent because {reason}")
    if call.caller.is_browser and intent["confirmation_method"] == "manual":
        message = (
            "This PaymentIntent has confirmation_method `manual`: it can only be confirmed with a secret key."
        )
        raise errors.invalid(message, code="payment_intent_invalid_parameter")
    if call.params.get("confirmation_token"):
        confirmation_tokens.spend(call, intent, call.params)
    methods.choose(call, intent, call.params)
    if call.params.get("capture_method"):
        intent["capture_method"] = call.params["capture_method"]
    expected = call.params.get("amount_to_confirm")
    if expected is not None and expected != intent["amount"]:
        message = f"The amount to confirm ({expected}) does not match the amount of the PaymentIntent ({intent['amount']})."
        raise errors.invalid(message, "amount_to_confirm")
    apply(call, intent, call.params)
    return _confirm(call, intent)


def _confirm(call: Call, intent: Body) -> Answer:
    """Start an attempt with the payment method the intent has by now."""
    if intent["payment_method"] is None:
        message = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken."
        )
        raise unexpected(intent, message)
    method = payment_methods.resolve(call, intent["payment_method"])
    methods.check_usable(call, intent, method)
    return attempts.start(call, intent, method, call.params)


def cancel(call: Call) -> Answer:
    """`POST /v1/payment_intents/{intent}/cancel`."""
    intent = load(call)
    keys.require_secret(call.caller)
    if intent["status"] not in CANCELABLE:
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}, processing."
        )
        raise unexpected(intent, message)
    close(call, intent, call.params.get("cancellation_reason"))
    capturing.release(call, intent)
    return Answer(intent)


def listing(call: Call) -> Answer:
    """`GET /v1/payment_intents`."""
    return Answer(lists.page(call, "payment_intent", "/v1/payment_intents", ("customer",)))
