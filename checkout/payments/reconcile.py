"""Reconciles an order with its PaymentIntents. `TABLE` is the policy: status of the order × of the intent → action.

The status page, the sweep, the pay page and every other place that hears from Stripe end in `settle`: the money fact is
recorded in its own commit, `decide` looks at the table, and the decision is carried out.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects

from checkout.messages import mails
from checkout.models import Attention, Mail, Order, Payment, Refund
from checkout.orders import invoices, transitions, vouchers
from checkout.orders.transitions import Actor, Kind, StaleOrderError
from checkout.payments import answers, gateway, limits
from checkout.payments.stripe_types import Intent
from shop import stock
from shop.cart import lines as carts
from shop.models import Cart

logger = logging.getLogger(__name__)


class Verdict(StrEnum):
    """What is to be done."""

    PAY = "pay"
    PAY_LATE = "pay late"
    PROCESS = "process"
    KEEP_OPEN = "keep open"
    CLOSE_PAYMENT = "close payment"
    CANCEL_INTENT = "cancel intent"
    ATTENTION = "attention"
    NOTHING = "nothing"


V = Verdict

# What Stripe says, then what to do when the order is open, is paid, is cancelled or expired.
TABLE: dict[str, tuple[Verdict, Verdict, Verdict]] = {
    # what Stripe says    order is open    order is paid  order is closed
    "succeeded":         (V.PAY,           V.NOTHING,     V.PAY_LATE),
    "disagrees":         (V.ATTENTION,     V.ATTENTION,   V.ATTENTION),
    "processing":        (V.PROCESS,       V.NOTHING,     V.ATTENTION),
    "unfinished":        (V.KEEP_OPEN,     V.NOTHING,     V.CANCEL_INTENT),
    "canceled":          (V.CLOSE_PAYMENT, V.ATTENTION,   V.NOTHING),
    "anything else":     (V.ATTENTION,     V.ATTENTION,   V.ATTENTION),
}  # fmt: skip

# So long after a slip's last moment an order still waits: whoever took the money may tell Stripe a little later.
SLIP_GRACE = timedelta(hours=1)
UNFINISHED = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"}
)


@dataclass(frozen=True)
class Decision:
    """What to do, and for staff's attention, why."""

    verdict: Verdict
    reason: Attention | None = None


def decide(
    order: Order,
    payment: Payment,
    intent: Intent,
    *,
    livemode: bool,
    paid_by_another: bool = False,
    refunded: bool = False,
) -> Decision:
    """Return what Stripe's answer means for the order. Pure: it asks nobody and changes nothing.

    `livemode` is the mode that this shop runs in. Of an intent that succeeded, `paid_by_another` tells that another payment
    already paid the order; and where that is closed, `refunded` that some of this payment was given back.
    """
    disagreement = _disagreement(order, payment, intent, livemode=livemode, paid_by_another=paid_by_another)
    row = _row(intent.status, disagrees=disagreement is not None)
    column = 0 if order.is_open else 1 if order.is_paid else 2
    verdict = TABLE[row][column]
    if row == "canceled" and verdict is V.ATTENTION and payment.status != Payment.SUCCEEDED:
        # The order was paid by a later attempt; this earlier one was closed on the way.
        verdict = V.NOTHING
    if verdict is V.PAY_LATE and (refunded or order.needs_attention == Attention.LATE_WITHOUT_STOCK):
        # Staff decide, or have decided: what they told the customer must not change behind their back.
        verdict = V.NOTHING
    return Decision(verdict, _reason(row, disagreement) if verdict is V.ATTENTION else None)


def _row(status: str, *, disagrees: bool) -> str:
    if status == Payment.SUCCEEDED:
        return "disagrees" if disagrees else "succeeded"
    if status in UNFINISHED:
        return "unfinished"
    return status if status in {"processing", "canceled"} else "anything else"


def _disagreement(
    order: Order, payment: Payment, intent: Intent, *, livemode: bool, paid_by_another: bool
) -> Attention | None:
    """Return what about a payment does not fit the order, or None when all agrees."""
    checks = (
        (intent.livemode != livemode, Attention.MODE_DIFFERS),
        (
            intent.order_number != order.number or intent.payment_id != str(payment.pk),
            Attention.METADATA_DIFFERS,
        ),
        (intent.currency != order.currency, Attention.CURRENCY_DIFFERS),
        (intent.amount != order.total or intent.amount_received != order.total, Attention.AMOUNT_DIFFERS),
        (paid_by_another, Attention.PAID_TWICE),
    )
    return next((reason for is_wrong, reason in checks if is_wrong), None)


def _reason(row: str, disagreement: Attention | None) -> Attention:
    if row == "disagrees" and disagreement:
        return disagreement
    return {
        "processing": Attention.MONEY_AFTER_CLOSE,
        "canceled": Attention.CLOSED_AFTER_PAID,
    }.get(row, Attention.UNKNOWN_STATUS)


def reconcile(payment: Payment, *, actor: Actor, now: datetime) -> Intent:
    """Ask Stripe about a payment that has an intent, settle what it says, and return it.

    Raises StripeUnavailableError or StripeRefusedError; then nothing changed.
    """
    intent = gateway.retrieve_intent(payment.intent_id)
    settle(payment, intent, actor=actor, now=now)
    return intent


def settle(payment: Payment, intent: Intent, *, actor: Actor, now: datetime) -> None:
    """Record an answer of Stripe's, asked for at `now`, decide what it means, and carry that out.

    Safe to run any number of times and at the same time as others: what is done is done once. `payment` and its order
    are brought up to date.
    """
    order = payment.order
    answers.record_answer(payment, intent, asked_at=now, actor=actor)
    payment.order = order  # the same one that the caller has, also where the payment was read anew
    for _attempt in range(5):
        order.refresh_from_db()
        has_money = intent.status == Payment.SUCCEEDED
        decision = decide(
            order,
            payment,
            intent,
            livemode=settings.STRIPE.livemode,
            paid_by_another=has_money and _is_paid_by_another(payment),
            refunded=has_money and order.is_closed and _is_refunded(payment),
        )
        try:
            _carry_out(decision, order, payment, intent, actor=actor, now=now)
        except StaleOrderError:
            continue  # somebody moved the order meanwhile: look at it as it is now
        return
    logger.error("Order %s kept moving while %s was settled", order.number, intent.id)


def _is_paid_by_another(payment: Payment) -> bool:
    others = Payment.objects.filter(order=payment.order_id).exclude(pk=payment.pk)
    return others.filter(status=Payment.SUCCEEDED).exists()


def _is_refunded(payment: Payment) -> bool:
    return Refund.objects.filter(payment=payment.pk).exclude(status__in=Refund.FAILED).exists()


def _carry_out(
    decision: Decision, order: Order, payment: Payment, intent: Intent, *, actor: Actor, now: datetime
) -> None:
    match decision.verdict:
        case V.PAY:
            _pay(order, payment, actor=actor, now=now)
        case V.PAY_LATE:
            _pay_late(order, payment, actor=actor, now=now)
        case V.PROCESS:
            _process(order, payment, actor=actor, now=now)
        case V.KEEP_OPEN if intent.error and limits.is_stopped(order, now=now):
            _cancel_intent(payment, actor=actor, now=now)
        case V.KEEP_OPEN if payment.slip_expires_at:
            _wait_for_slip(order, payment, actor=actor, now=now)
        case V.KEEP_OPEN | V.CLOSE_PAYMENT:
            if payment.asked_at == now:  # no older answer
                _wait_no_longer(order, now=now)
            _keep_open(order, actor=actor, now=now)
        case V.CANCEL_INTENT:
            _cancel_intent(payment, actor=actor, now=now)
        case V.ATTENTION if decision.reason:
            data = {"status": intent.status, "amount": intent.amount_received, "currency": intent.currency}
            transitions.flag(order, decision.reason, str(payment.pk), actor=actor, now=now, data=data)


def _pay(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        mark_paid(order, actor=actor, now=now, data=_method(payment))


def mark_paid(order: Order, *, actor: Actor, now: datetime, data: dict[str, str]) -> None:
    """Move an order to paid, queue its confirmation, empty the cart of it and write its invoice, in the caller's transaction.

    Raises StaleOrderError when somebody else moved the order first.
    """
    _move_to_paid(order, actor=actor, now=now, data=data)
    invoices.write([order], now=now)


def _move_to_paid(order: Order, *, actor: Actor, now: datetime, data: dict[str, str]) -> None:
    transitions.move(order, Order.Status.PAID, Kind.PAID, actor=actor, now=now, data=data, paid_at=now)
    prefetch_related_objects([order], "lines")  # for the cart and the invoice
    leave_cart(order)
    mails.queue(order, Mail.Kind.PAID, now=now)


def _pay_late(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Take the stock of a closed order again; when some of it is gone, the order stays closed and staff decide."""
    try:
        take_late(order, payment, actor=actor, now=now)
    except stock.NotEnoughStockError:
        order.refresh_from_db()
        data = {"amount": payment.amount_received, "currency": payment.currency}
        transitions.flag(
            order, Attention.LATE_WITHOUT_STOCK, str(payment.pk), actor=actor, now=now, data=data
        )


def take_late(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Count a closed order as paid and take its stock again, both or neither.

    Raises NotEnoughStockError and StaleOrderError.
    """
    with transaction.atomic():
        # First the order's row, then its voucher's, then its stock: as whoever closes it does.
        Order.objects.select_for_update().get(pk=order.pk)
        data = {**_method(payment), "late": "yes"}
        if not vouchers.take_again(order):
            data["voucher_over_limit"] = order.voucher_code
        _move_to_paid(order, actor=actor, now=now, data=data)
        stock.take(_quantities(order), reference=order.number, now=now)
        invoices.write([order], now=now)


def _quantities(order: Order) -> dict[int, int]:
    """Return what an order needs of each variant.

    Raises NotEnoughStockError when one of its variants is no longer in the catalogue at all.
    """
    lines = list(order.lines.all())
    if any(line.variant_id is None for line in lines):
        raise stock.NotEnoughStockError([])
    return {line.variant_id: line.quantity for line in lines if line.variant_id}


def _process(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    if order.status == Order.Status.PROCESSING:
        return
    with transaction.atomic():
        transitions.move(
            order, Order.Status.PROCESSING, Kind.PROCESSING, actor=actor, now=now, data=_method(payment)
        )
        leave_cart(order)


def _wait_for_slip(order: Order, payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Keep an order for as long as its customer may pay by a slip, and tell them; once for each slip."""
    until = cast("datetime", payment.slip_expires_at) + SLIP_GRACE
    if order.status != Order.Status.PLACED or order.expires_at == until:
        return
    with transaction.atomic():
        waits = Order.objects.filter(pk=order.pk, status=order.status, expires_at=order.expires_at)
        if not waits.update(expires_at=until):
            raise StaleOrderError(order.number)
        order.expires_at = until
        data = {"payment": str(payment.pk)}
        transitions.note(order, Kind.SLIP, actor=actor, now=now, data=data)
        leave_cart(order)
        mails.queue(order, Mail.Kind.SLIP, about=payment.slip_url, now=now)


def _wait_no_longer(order: Order, *, now: datetime) -> None:
    """Give an order whose slip was not paid by, or given up for another way to pay, the usual time from now."""
    slips = order.timeline.filter(kind=Kind.SLIP)
    if order.status == Order.Status.PLACED and order.expires_at > expiry(now) and slips.exists():
        order.expires_at = expiry(now)
        Order.objects.filter(pk=order.pk, status=order.status).update(expires_at=order.expires_at)


def _keep_open(order: Order, *, actor: Actor, now: datetime) -> None:
    if order.status != Order.Status.PROCESSING:
        return
    with transaction.atomic():
        # The bank could not send the money: the order is to be paid again, with a fresh time to do so.
        transitions.move(
            order, Order.Status.PLACED, Kind.REOPENED, actor=actor, now=now, expires_at=expiry(now)
        )
        mails.queue(order, Mail.Kind.FAILED, about=now.isoformat(), now=now)


def _cancel_intent(payment: Payment, *, actor: Actor, now: datetime) -> None:
    settle_after = gateway.cancel_intent(payment.intent_id)
    if settle_after.status in UNFINISHED:
        logger.error("Stripe would not cancel %s, which is %s", payment.intent_id, settle_after.status)
        return
    settle(payment, settle_after, actor=actor, now=now)


def leave_cart(order: Order) -> None:
    """Take what was bought out of the cart it came from, once."""
    if order.cart_id is None:
        return
    bought = {line.variant_id: line.quantity for line in order.lines.all() if line.variant_id}
    carts.take_out(order.cart_id, bought)
    release_cart(order)


def release_cart(order: Order) -> None:
    """Let go of the cart that an order was placed from: it may be ordered from anew."""
    if order.cart_id is None:
        return
    Cart.objects.filter(pk=order.cart_id, held_by=order.number).update(held_by="")
    Order.objects.filter(pk=order.pk).update(cart=None)
    order.cart = None


def expiry(now: datetime) -> datetime:
    """Return until when an order placed or reopened at `now` is kept."""
    return now + timedelta(minutes=settings.ORDER_TTL_MINUTES)


def _method(payment: Payment) -> dict[str, str]:
    return {"method": payment.method_type, "brand": payment.method_brand, "last4": payment.method_last4}
