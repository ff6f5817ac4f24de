"""Which payment methods an intent offers, worked out as Stripe does from currency and filters."""

from typing import Any

from stripe_standin import errors
from stripe_standin.call import Call
from stripe_standin.store import Body

REDIRECTS = ("bancontact", "eps", "ideal", "klarna", "p24", "paypal")
# Paid at a till or in a bank's app, days later, by what a slip says.
SLIPS = ("multibanco",)
EURO_ONLY = ("bancontact", "eps", "ideal", "multibanco", "sepa_debit")
FILTERS = ("automatic_payment_methods", "excluded_payment_method_types", "payment_method_configuration")
CARD_OPTIONS = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
}


def choose(call: Call, intent: Body, given: dict[str, Any]) -> None:
    """Set an intent's filters from a request and compute its `payment_method_types`. Raises `Refusal` 400."""
    allowed = given.get("allowed_payment_method_types")
    if allowed is not None:
        for name in FILTERS:
            if given.get(name) is not None:
                message = (
                    f"You may only specify one of these parameters: allowed_payment_method_types, {name}."
                )
                raise errors.invalid(message, name)
        intent.update(allowed_payment_method_types=allowed or None, automatic_payment_methods=None)
        intent["excluded_payment_method_types"] = None
    automatic = given.get("automatic_payment_methods")
    if automatic is not None:
        redirects = automatic.get("allow_redirects", "always")
        intent["automatic_payment_methods"] = {"allow_redirects": redirects, "enabled": automatic["enabled"]}
    if given.get("excluded_payment_method_types") is not None:
        intent["excluded_payment_method_types"] = given["excluded_payment_method_types"] or None
    compute(call, intent)


def compute(call: Call, intent: Body) -> None:
    """Work out what an intent offers. Raises `Refusal` 400 when nothing is left."""
    offered = [kind for kind in call.settings.payment_methods if fits(kind, intent)]
    allowed = intent["allowed_payment_method_types"]
    excluded = intent["excluded_payment_method_types"] or []
    types = [kind for kind in offered if (not allowed or kind in allowed) and kind not in excluded]
    if not types:
        message = (
            "The payment method types this PaymentIntent may use do not fit its currency or are switched off; "
            "no payment method is left."
        )
        raise errors.invalid(
            message, "allowed_payment_method_types" if allowed else "excluded_payment_method_types"
        )
    intent["payment_method_types"] = types
    old = intent["payment_method_options"]
    intent["payment_method_options"] = {kind: old.get(kind) or defaults(kind) for kind in types}


def fits(kind: str, intent: Body) -> bool:
    """Tell whether a payment method can be used for an intent's currency and way of confirming."""
    automatic = intent["automatic_payment_methods"] or {}
    if kind in REDIRECTS and automatic.get("allow_redirects") == "never":
        return False
    if kind != "card" and intent["capture_method"] == "manual" and kind not in ("klarna", "paypal"):
        return False
    if kind in EURO_ONLY:
        return bool(intent["currency"] == "eur")
    return kind != "p24" or intent["currency"] in ("eur", "pln")


def defaults(kind: str) -> Body:
    """Return the `payment_method_options` a kind has when nothing was asked for."""
    special: dict[str, Body] = {
        "bancontact": {"preferred_language": "en"},
        "card": CARD_OPTIONS,
        "klarna": {"preferred_locale": None},
        "paypal": {"preferred_locale": None, "reference": None},
    }
    return dict(special.get(kind, {}))


def check_usable(call: Call, intent: Body, method: Body) -> None:
    """Raise `Refusal` 400 unless a payment method may be used for an intent as it is being confirmed."""
    if method["type"] not in intent["payment_method_types"]:
        message = (
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please attach a "
            f"PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}."
        )
        raise errors.invalid(message, "payment_method", "payment_intent_invalid_parameter")
    owner = method["customer"]
    if owner and owner != intent["customer"]:
        message = (
            "The provided PaymentMethod cannot be attached. To reuse a PaymentMethod, you must attach it to a Customer "
            "first, and use it with that Customer."
        )
        raise errors.invalid(message, "payment_method")
    if intent["statement_descriptor"] and method["type"] == "card":
        message = (
            "For card charges, use `statement_descriptor_suffix` instead of `statement_descriptor`: the latter is only "
            "for other payment methods."
        )
        raise errors.invalid(message, "statement_descriptor")
    can_redirect = any(kind in REDIRECTS for kind in intent["payment_method_types"])
    if can_redirect and intent["automatic_payment_methods"] and not call.params.get("return_url"):
        message = (
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
            "you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` "
            "and `automatic_payment_methods[allow_redirects]` to `never` when creating PaymentIntents."
        )
        raise errors.invalid(message, "return_url")
