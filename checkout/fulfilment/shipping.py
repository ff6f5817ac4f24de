"""Shipping: a paid order is sent, then delivered."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from checkout.messages import mails
from checkout.models import Mail, Order
from checkout.orders import transitions
from checkout.orders.transitions import Actor, Kind, StaleOrderError
from checkout.payments import refunds
from shop.errors import ShopError


class CannotShipError(ShopError):
    """The order is not one that waits to be sent, or sending it would be unwise."""

    code = "cannot_ship"


def ship(order: Order, *, tracking: str, actor: Actor, now: datetime, anyway: bool = False) -> None:
    """Move a paid order to shipped, with the carrier's tracking number if there is one, and tell the customer.

    Raises CannotShipError when it is not paid or was refunded whole, and, unless `anyway`, when it is disputed or before
    staff.
    """
    with transaction.atomic():
        # Who refunds it or puts it before staff at the same time waits here, or has done so already.
        order = Order.objects.select_for_update().get(pk=order.pk)
        _check(order)
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


def doubt(order: Order) -> str:
    """Return why it may be unwise to send a paid order now, as a sentence; nothing where it is not."""
    if any(dispute.is_open for dispute in order.disputes.all()):
        return _("The customer disputes this payment.")
    if order.needs_attention:
        return _("This order needs attention: %s.") % order.get_needs_attention_display()
    return ""


def deliver(order: Order, *, actor: Actor, now: datetime) -> None:
    """Note that a sent order arrived. Raises CannotShipError when it was not sent."""
    order = Order.objects.get(pk=order.pk)
    if order.status != Order.Status.SHIPPED:
        raise CannotShipError(_("Only an order that was sent can arrive."))
    try:
        transitions.move(order, Order.Status.DELIVERED, Kind.DELIVERED, actor=actor, now=now)
    except StaleOrderError as error:
        raise CannotShipError(_("Somebody else changed this order just now. Look again.")) from error
