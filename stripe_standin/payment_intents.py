"""PaymentIntents: the object, and the verbs create, retrieve, update, confirm and cancel."""

import re
from typing import Any

from stripe_standin import attempts, errors, events, ids, keys, lists, methods, money, params, payment_methods
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)
VISIBLE_TO_BROWSERS = (
    "id", "object", "amount", "automatic_payment_methods", "canceled_at", "cancellation_reason", "capture_method",
    "client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error", "livemode",
    "next_action", "payment_method", "payment_method_types", "processing", "receipt_email", "setup_future_usage",
    "shipping", "source", "status",
)  # fmt: skip
PLAIN = ("description", "receipt_email", "setup_future_usage", "transfer_group")
ONLY_WITH_CONFIRM = ("return_url", "off_session", "error_on_requires_action", "mandate", "mandate_data")
_SUFFIX = re.compile(r"^(?=.*[A-Za-z])[^<>\\'\"*]{1,22}$")


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
    address = {**payment_methods.BILLING["address"], **given["address"]}  # type: ignore[dict-item]
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
        return payment_methods.create(call, given["payment_method_data"])
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
            f"with one of the following statuses may be canceled: {', '.join(CANCELABLE)}."
        )
        raise unexpected(intent, message)
    close(call, intent, call.params.get("cancellation_reason"))
    return Answer(intent)


def close(call: Call, intent: Body, reason: str | None) -> None:
    """Move an intent to `canceled`; a held amount is released."""
    intent.update(status="canceled", canceled_at=call.now, cancellation_reason=reason, next_action=None)
    intent.update(amount_capturable=0, processing=None)
    call.store.save(intent)
    events.record(call, "payment_intent.canceled", intent)


def listing(call: Call) -> Answer:
    """`GET /v1/payment_intents`."""
    return Answer(lists.page(call, "payment_intent", "/v1/payment_intents", ("customer",)))
