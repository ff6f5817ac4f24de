"""Closes an unpaid order: superseded by a new one, cancelled, or expired. Its intents are canceled at Stripe first.

Once Stripe has cancelled the PaymentIntent no money can arrive any more, so only then is the stock given back.
"""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from checkout.models import Order, Payment, Timeline
from checkout.orders import vouchers
from checkout.orders.transitions import Actor, Kind, StaleOrderError, move
from checkout.payments import gateway, paying
from checkout.payments.reconcile import UNFINISHED, reconcile, release_cart, settle
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
    """Cancel an order that awaits payment; without `restock` its products are written off. Raises as `_close` does."""
    _close(order, Order.Status.CANCELLED, Kind.CANCELLED, actor=actor, now=now, restock=restock)


def cancel_own(order: Order, *, user: User | None, now: datetime) -> None:
    """Cancel an order for its customer, who may be a guest (None); one that is closed already stays as it is. Raises as `_close` does."""
    if not order.is_closed:
        cancel(order, actor=Actor(Timeline.Actor.CUSTOMER, user), now=now)


def expire(order: Order, *, actor: Actor, now: datetime) -> None:
    """End an order whose time to pay is over, unless its customer got a slip meanwhile. Raises as `_close` does."""
    payment = order.current_payment
    if payment and payment.intent_id and not payment.is_final:
        reconcile(payment, actor=actor, now=now)
        order.refresh_from_db()
        if payment.slip_expires_at and order.is_open and order.expires_at > now:
            raise StillBeingPaidError(order)
    _close(order, Order.Status.EXPIRED, Kind.EXPIRED, actor=actor, now=now)


def _close(
    order: Order, to: Order.Status, kind: Kind, *, actor: Actor, now: datetime, restock: bool = True
) -> None:
    """Close at Stripe, then the order, then give its stock back.

    Raises StripeUnavailableError or StripeRefusedError (the order stays as it is) and StillBeingPaidError.
    """
    for _attempt in range(3):
        settled: list[UUID] = []
        if order.status == Order.Status.PLACED:
            settled = _close_payments(order, actor=actor, now=now)
            order.refresh_from_db()
        if order.status == to:
            return
        if order.status != Order.Status.PLACED:
            raise StillBeingPaidError(order)
        if order.needs_attention and actor.kind != Timeline.Actor.STAFF:
            raise StillBeingPaidError(order)  # closing it may be right, but a person decides
        try:
            if _move_and_give_back(order, to, kind, settled, actor=actor, now=now, restock=restock):
                return
        except StaleOrderError:
            continue
    raise StillBeingPaidError(order)


def _close_payments(order: Order, *, actor: Actor, now: datetime) -> list[UUID]:
    """Cancel at Stripe what can still be cancelled, settle what cannot, and return the ids of the payments.

    One that succeeded is settled again: whoever wrote the money down may not have come to the order, or never will.
    """
    payments = list(order.payments.exclude(status=Payment.CANCELED))
    for payment in payments:
        if payment.status == Payment.SUCCEEDED:
            reconcile(payment, actor=actor, now=now)
            continue
        if not payment.intent_id and not _is_made(payment, actor=actor, now=now):
            continue
        intent = gateway.cancel_intent(payment.intent_id)
        settle(payment, intent, actor=actor, now=now)
        if intent.status in UNFINISHED:
            raise StillBeingPaidError(order)
    return [payment.pk for payment in payments]


def _is_made(payment: Payment, *, actor: Actor, now: datetime) -> bool:
    """Tell whether Stripe has an intent for a payment. Perhaps it made one and we never heard: the same key finds it."""
    try:
        paying.start(payment, actor=actor, now=now)
    except gateway.KeySpentError:
        return False
    return True


def _move_and_give_back(
    order: Order,
    to: Order.Status,
    kind: Kind,
    settled: list[UUID],
    *,
    actor: Actor,
    now: datetime,
    restock: bool,
) -> bool:
    """Close the order unless there is news of money that `settled` does not cover: a new attempt, or a success."""
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        if order.payments.exclude(status=Payment.CANCELED).exclude(pk__in=settled).exists():
            return False
        move(order, to, kind, actor=actor, now=now)
        vouchers.give_back(order)
        returned = stock.give_back(order.number, reason=StockMovement.Reason.RELEASE, now=now)
        if not restock:
            stock.write_off(returned, reason=_("Written off with order %s") % order.number, now=now)
        release_cart(order)
    return True
