"""An order ends without money: superseded by a new one, or out of time. Stripe is asked first, always.

Once Stripe has cancelled the PaymentIntent no money can arrive any more, so only then is the stock given back.
"""

from datetime import datetime
from http import HTTPStatus

from django.db import transaction
from django.utils.translation import gettext as _

from checkout import gateway, paying
from checkout.models import Order, Payment
from checkout.reconcile import UNFINISHED, release_cart, settle
from checkout.states import Actor, Kind, StaleOrderError, move
from shop import stock
from shop.errors import ShopError
from shop.models import StockMovement


class StillBeingPaidError(ShopError):
    """Money has arrived for the order, or is on its way: it cannot be closed. `order` tells how it stands."""

    code = "order_is_being_paid"
    status = HTTPStatus.CONFLICT

    def __init__(self, order: Order) -> None:
        super().__init__(
            _("Order %(number)s is paid, or its payment is on its way.") % {"number": order.number}
        )
        self.order = order


def cancel(order: Order, *, actor: Actor, now: datetime, restock: bool = True) -> None:
    """Cancel an order that awaits payment; without `restock` its books are written off. Raises as `_close` does."""
    _close(order, Order.Status.CANCELLED, Kind.CANCELLED, actor=actor, now=now, restock=restock)


def expire(order: Order, *, actor: Actor, now: datetime) -> None:
    """End an order whose time to pay is over. Raises as `_close` does."""
    _close(order, Order.Status.EXPIRED, Kind.EXPIRED, actor=actor, now=now)


def _close(
    order: Order, to: Order.Status, kind: Kind, *, actor: Actor, now: datetime, restock: bool = True
) -> None:
    """Close at Stripe, then the order, then give its stock back.

    Raises StripeUnavailableError or StripeRefusedError (the order stays as it is) and StillBeingPaidError.
    """
    for _attempt in range(3):
        if order.status == Order.Status.PLACED:
            _close_payments(order, actor=actor, now=now)
            order.refresh_from_db()
        if order.status == to:
            return
        if order.status != Order.Status.PLACED:
            raise StillBeingPaidError(order)
        try:
            if _move_and_give_back(order, to, kind, actor=actor, now=now, restock=restock):
                return
        except StaleOrderError:
            continue
    raise StillBeingPaidError(order)


def _close_payments(order: Order, *, actor: Actor, now: datetime) -> None:
    for payment in order.payments.exclude(status__in=Payment.FINAL):
        if not payment.intent_id:
            # Perhaps Stripe made it and we never heard: the same key finds it, so that none is left unknown.
            paying.start(payment, actor=actor, now=now)
        intent = gateway.cancel_intent(payment.intent_id)
        settle(payment, intent, actor=actor, now=now)
        if intent.status in UNFINISHED:
            raise StillBeingPaidError(order)


def _move_and_give_back(
    order: Order, to: Order.Status, kind: Kind, *, actor: Actor, now: datetime, restock: bool
) -> bool:
    """Close the order unless a new attempt to pay it began meanwhile."""
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        if order.payments.exclude(status__in=Payment.FINAL).exists():
            return False
        move(order, to, kind, actor=actor, now=now)
        returned = stock.give_back(order.number, reason=StockMovement.Reason.RELEASE, now=now)
        if not restock:
            stock.write_off(returned, reason=_("Written off with order %s") % order.number, now=now)
        release_cart(order)
    return True
