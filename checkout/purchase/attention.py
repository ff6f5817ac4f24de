"""Orders that need attention: each way to resolve one, recorded on the timeline."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from checkout.models import Attention, Order, Payment
from checkout.orders import transitions
from checkout.orders.transitions import Actor
from checkout.payments import reconcile, refunds
from shop.errors import ShopError
from shop.money import written


class CannotResolveError(ShopError):
    """What was asked for does not fit the order as it stands."""

    code = "cannot_resolve"


@dataclass(frozen=True)
class Preview:
    """What an act would do, in sentences: to money, to stock, to mail."""

    money: str
    stock: str
    mail: str


def can_accept(order: Order) -> bool:
    """Tell whether late money can still be taken for the products: nothing was given back of it."""
    return order.needs_attention == Attention.LATE_WITHOUT_STOCK and not refunds.given_back(order)


def accept(order: Order, *, actor: Actor, now: datetime) -> None:
    """Take the stock again for money that came late, and count the order as paid.

    Raises CannotResolveError when the order does not wait for that, NotEnoughStockError naming what is still gone.
    """
    with transaction.atomic():
        # Who gives the money back at the same time waits here, or has done so already.
        order = Order.objects.select_for_update().get(pk=order.pk)
        payment = order.payments.filter(status=Payment.SUCCEEDED, amount_received=order.total).first()
        if not can_accept(order) or payment is None:
            raise CannotResolveError(_("This order does not wait for books that came back."))
        reconcile.take_late(order, payment, actor=actor, now=now)
        for flag in order.open_flags:
            if flag.reason == Attention.LATE_WITHOUT_STOCK:
                transitions.settle_flag(flag, _("Stock taken, order accepted"), actor=actor, now=now)


def resolve(order: Order, words: str, *, actor: Actor, now: datetime, flag_id: int | None = None) -> bool:
    """Note that a person has looked at one of an order's flags, in their words. Return whether others are still open.

    `flag_id` may be left out where there is only one. Raises CannotResolveError where it is settled already, and while
    there is money that no decision covers: late money that was neither accepted nor given back whole.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        flags = [flag for flag in order.open_flags if flag_id in (None, flag.pk)]
        if not flags:
            raise CannotResolveError(_("Nobody waits for this order."))
        if len(flags) > 1:
            raise CannotResolveError(_("Several things are open. Say which of them you looked at."))
        if not order.is_paid and refunds.left(order) > 0:
            raise CannotResolveError(
                _("There is money in this order. Refund it, or take the stock and accept it.")
            )
        transitions.settle_flag(flags[0], words, actor=actor, now=now)
        return bool(order.needs_attention)


def preview_accept(order: Order) -> Preview:
    """Return what `accept` would do."""
    missing = [
        _("%(quantity)d × %(title)s") % {"quantity": line.quantity, "title": line.title}
        for line in order.lines.select_related("variant")
        if line.variant is None or line.variant.stock < line.quantity
    ]
    return Preview(
        money=_("No money moves: the payment is here already."),
        stock=_("Still missing: %s.") % ", ".join(missing)
        if missing
        else _("Every book is taken from the shelf again."),
        mail=_("The customer gets the confirmation."),
    )


def preview_refund(order: Order) -> Preview:
    """Return what refunding all that is left would do."""
    return Preview(
        money=_("%s goes back to the customer, through Stripe.")
        % written(refunds.left(order), order.currency),
        stock=_("Nothing moves: the order holds no books.")
        if order.is_closed
        else _("Books go back only if you say so."),
        mail=_("The customer is told that the money is on its way."),
    )


def preview_ask(order: Order) -> Preview:
    """Return what asking Stripe again can do."""
    return Preview(
        money=_("No money moves: what Stripe says now is written down."),
        stock=_("Taken again if the payment fits after all and the books are there.")
        if order.is_closed
        else _("Nothing moves."),
        mail=_("The customer gets the confirmation if the order becomes paid.")
        if not order.is_paid
        else _("No mail is sent."),
    )


def preview_resolve() -> Preview:
    """Return what `resolve` would do."""
    return Preview(
        money=_("No money moves."),
        stock=_("Nothing moves."),
        mail=_("No mail is sent. Your words are kept in the timeline, with your name."),
    )
