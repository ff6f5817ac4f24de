"""What staff do with a paid order: send it, and note that it arrived."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from checkout import mails, refunds, states
from checkout.models import Dispute, Mail, Order
from checkout.states import Actor, Kind, StaleOrderError
from shop.errors import ShopError


class CannotShipError(ShopError):
    """The order is not one that waits to be sent, or sending it would be unwise."""

    code = "cannot_ship"


def ship(
    order: Order, *, tracking: str, actor: Actor, now: datetime, although_disputed: bool = False
) -> None:
    """Move a paid order to shipped, with the carrier's tracking number if there is one, and tell the customer.

    Raises CannotShipError when it is not paid, was refunded whole, or is disputed and that was not
    accepted.
    """
    order = Order.objects.get(pk=order.pk)
    _check(order, although_disputed=although_disputed)
    try:
        with transaction.atomic():
            data = {"tracking": tracking}
            states.move(
                order,
                Order.Status.SHIPPED,
                Kind.SHIPPED,
                actor=actor,
                now=now,
                data=data,
                tracking=tracking[:120],
            )
            mails.queue(order, Mail.Kind.SHIPPED, now=now)
    except StaleOrderError as error:
        raise CannotShipError(_("Somebody else changed this order just now. Look again.")) from error


def _check(order: Order, *, although_disputed: bool) -> None:
    if order.status != Order.Status.PAID:
        raise CannotShipError(
            _("Only a paid order can be sent. This one is: %s.") % order.get_status_display()
        )
    if order.total and refunds.left(order) <= 0:
        raise CannotShipError(_("This order was refunded whole."))
    if not although_disputed and order.disputes.exclude(status__in=Dispute.CLOSED).exists():
        raise CannotShipError(_("The customer disputes this payment. Tick that you send it all the same."))


def deliver(order: Order, *, actor: Actor, now: datetime) -> None:
    """Note that a sent order arrived. Raises CannotShipError when it was not sent."""
    order = Order.objects.get(pk=order.pk)
    if order.status != Order.Status.SHIPPED:
        raise CannotShipError(_("Only an order that was sent can arrive."))
    try:
        states.move(order, Order.Status.DELIVERED, Kind.DELIVERED, actor=actor, now=now)
    except StaleOrderError as error:
        raise CannotShipError(_("Somebody else changed this order just now. Look again.")) from error
