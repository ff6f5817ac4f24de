"""What a customer reads about each thing that happened to an order."""

from django.utils.translation import gettext as _

from checkout.models import Timeline
from shop.money import written


def happened(entry: Timeline) -> str:
    """Return a timeline row in the customer's words."""
    data = entry.data
    match entry.kind:
        case Timeline.Kind.PLACED:
            return _("You placed the order")
        case Timeline.Kind.DECLINED:
            return _declined(data)
        case Timeline.Kind.PAID:
            return _("Paid, with %s") % _with(data) if _with(data) else _("Paid")
        case Timeline.Kind.PROCESSING:
            return _("Your bank is sending the money")
        case Timeline.Kind.SLIP:
            return _("You got a payment slip")
        case Timeline.Kind.REOPENED:
            return _("Your bank could not send the money")
        case Timeline.Kind.CANCELLED:
            return _("The order was cancelled")
        case Timeline.Kind.EXPIRED:
            return _("The time to pay ran out")
        case Timeline.Kind.ATTENTION:
            return _("A person in the shop is looking at it")
        case _:
            return _happened_after(entry) or str(entry.get_kind_display())


def _happened_after(entry: Timeline) -> str:
    """Return what happened to products and money after the order was paid; "" for anything else."""
    data = entry.data
    tracking = str(data.get("tracking", ""))
    amount = written(data["amount"], data.get("currency")) if "amount" in data else ""
    match entry.kind:
        case Timeline.Kind.SHIPPED if tracking:
            return _("Sent, with the carrier’s number %s") % tracking
        case Timeline.Kind.REFUNDED if amount:
            return _("%s went back to you") % amount
        case Timeline.Kind.REFUND_FAILED if amount:
            return _("%s did not reach you; we are looking at it") % amount
    return ""


def _declined(data: dict[str, str]) -> str:
    if data.get("code") == "payment_intent_authentication_failure":
        return _("Your bank did not confirm it was you")
    if data.get("last4"):
        return _("Your bank declined a card ending %s") % data["last4"]
    return _("Your bank declined the payment")


def _with(data: dict[str, str]) -> str:
    last4 = data.get("last4")
    if data.get("method") == "card" and last4:
        return _("a card ending %s") % last4
    if data.get("method") == "sepa_debit" and last4:
        return _("SEPA debit from an account ending %s") % last4
    return ""
