"""Shipping: a paid order is sent, then delivered."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from checkout.messages import mails
from checkout.models import Attention, Flag, Mail, Order
from checkout.orders import transitions
from checkout.orders.transitions import Actor, Kind, StaleOrderError
from checkout.payments import refunds
from shop.errors import ShopError


class CannotShipError(ShopError):
    """The order is not one that waits to be sent, or sending it would be unwise."""

    code = "cannot_ship"


def ship(order: Order, *, tracking: str, actor: Actor, now: datetime, anyway: bool = False) -> None:
    """Move a paid order to shipped, with the carrier's tracking number if there is one, and tell the customer.

    Raises CannotShipError when it is not paid or was refunded whole, when its money may not be there (disputed, say),
    and, unless `anyway`, when it is before staff for another reason.
    """
    with transaction.atomic():
        # Who refunds it or puts it before staff at the same time waits here, or has done so already.
        order = Order.objects.select_for_update().get(pk=order.pk)
        _check(order)
        if stop(order):
            raise CannotShipError(stop(order))
        if not anyway and doubt(order):
            raise CannotShipError(_("%s Tick that you send it all the same.") % doubt(order))
        transitions.move(
            order,
            Order.Status.SHIPPED,
            Kind.SHIPPED,
            actor=actor,
            now=now,
            data={"tracking": tracking},
            tracking=tracking[:120],
        )
        mails.queue(order, Mail.Kind.SHIPPED, now=now)


def _check(order: Order) -> None:
    if order.status != Order.Status.PAID:
        raise CannotShipError(
            _("Only a paid order can be sent. This one is: %s.") % order.get_status_display()
        )
    if order.total and refunds.left(order) <= 0:
        raise CannotShipError(_("This order was refunded whole."))


def stop(order: Order) -> str:
    """Return why a paid order cannot be sent before that is settled, as a sentence; nothing where it can."""
    if any(dispute.is_open for dispute in order.disputes.all()):
        return _("The customer disputes this payment. It can be sent once the dispute is decided.")
    grave = [flag for flag in order.open_flags if Attention(flag.reason).stops_sending]
    if grave:
        return _("This order needs attention: %s. Settle that before it is sent.") % _reasons(grave)
    return ""


def doubt(order: Order) -> str:
    """Return why it may be unwise to send a paid order now, as a sentence; nothing where it is not."""
    flags = order.open_flags
    return _("This order needs attention: %s.") % _reasons(flags) if flags else ""


def _reasons(flags: list[Flag]) -> str:
    return ", ".join(dict.fromkeys(str(flag.get_reason_display()) for flag in flags))


def deliver(order: Order, *, actor: Actor, now: datetime) -> None:
    """Note that a sent order arrived. Raises CannotShipError when it was not sent."""
    order = Order.objects.get(pk=order.pk)
    if order.status != Order.Status.SHIPPED:
        raise CannotShipError(_("Only an order that was sent can arrive."))
    try:
        transitions.move(order, Order.Status.DELIVERED, Kind.DELIVERED, actor=actor, now=now)
    except StaleOrderError as error:
        raise CannotShipError(_("Somebody else changed this order just now. Look again.")) from error
