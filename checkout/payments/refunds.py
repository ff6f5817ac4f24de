"""Refunds: full, in part, several times, by line; begun by staff or seen from Stripe's dashboard.

The row is committed before Stripe is asked, and its UUID is the key: clicked twice, or asked again after silence, it
is one refund. What was received is never exceeded.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from checkout.messages import mails
from checkout.models import Attention, Mail, Order, OrderLine, Payment, Refund, RefundLine, Timeline
from checkout.orders import invoices, transitions
from checkout.orders.transitions import Actor, Kind
from checkout.payments import gateway
from checkout.payments.stripe_types import RefundFact
from shop import money, stock
from shop.errors import ShopError
from shop.models import StockMovement

# Two clicks on the same button, when the form did not carry a key of its own.
DOUBLE_CLICK = timedelta(seconds=5)
# Why a refund failed that met an error at Stripe and that its list does not have.
NEVER_MADE = "never_made"


class NothingReceivedError(ShopError):
    """No payment of the order has succeeded, so there is nothing to give back."""

    code = "nothing_received"

    def __init__(self) -> None:
        super().__init__(_("No money was received for this order."))


class RefundTooLargeError(ShopError):
    """More than is left of what was received. `left` is how much, in minor units."""

    code = "refund_too_large"

    def __init__(self, left: int, currency: str) -> None:
        super().__init__(_("There is %s left to refund.") % money.written(left, currency))
        self.left = left


class RefundAmountError(ShopError):
    """A refund is a whole number of minor units, 1 or more."""

    code = "invalid_amount"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("Write the amount as a whole number of the smallest unit, 1 or more."))


class UnclearRestockError(ShopError):
    """Products are to go back on the shelf, and it is not clear which."""

    code = "restock_unclear"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("Say which books go back in stock, line by line, and no more than were bought."))


class RefundKeyError(ShopError):
    """The key is that of another order's refund: a form was filled in by hand, or a program mixes its keys up."""

    code = "refund_key_reused"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("This key belongs to a refund of another order."))


class RefundRefusedError(ShopError):
    """Stripe refused the refund; nothing was given back. `reason` is Stripe's code."""

    code = "refund_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(_("Stripe refused the refund: %s. Nothing was given back.") % reason)
        self.reason = reason


@dataclass(frozen=True)
class Wanted:
    """What staff ask for. `amount` in minor units; `lines` is `{order line id: quantity}`, for restocking."""

    amount: int
    reason: str = ""
    restock: bool = False
    lines: Mapping[int, int] | None = None
    key: UUID | None = None


def left(order: Order) -> int:
    """Return how much of what was received may still be refunded, in minor units."""
    received = (
        order.payments.filter(status=Payment.SUCCEEDED).aggregate(sum=Sum("amount_received"))["sum"] or 0
    )
    return received - given_back(order)


def given_back(order: Order) -> int:
    """Return the sum of the order's refunds that did not fail, in minor units."""
    return order.refunds.exclude(status__in=Refund.FAILED).aggregate(sum=Sum("amount"))["sum"] or 0


def refund(order: Order, wanted: Wanted, *, user: User, now: datetime) -> Refund:
    """Refund a part or all of an order and return the refund as Stripe has it.

    Raises RefundAmountError, NothingReceivedError, RefundTooLargeError, UnclearRestockError or RefundKeyError, then
    nothing was written; RefundRefusedError; StripeUnavailableError, then the refund is kept as `unknown` and asked again later.
    """
    actor = Actor("staff", user)
    row = _write(order, wanted, user=user, actor=actor, now=now)
    if row.refund_id:
        return row
    return send(row, actor=actor, now=now)


def plan(order: Order, wanted: Wanted) -> dict[int, int]:
    """Return what a refund would put back on the shelf, as `{order line id: quantity}`, and write nothing.

    Raises as `refund` does where it would be refused before Stripe is asked.
    """
    if wanted.amount < 1:
        raise RefundAmountError
    _payment_with(order, wanted.amount)
    return _lines(order, wanted)


def send(row: Refund, *, actor: Actor, now: datetime) -> Refund:
    """Ask Stripe for a refund whose row is written; asked again, it is the same one.

    Raises RefundRefusedError or StripeUnavailableError.
    """
    try:
        fact = gateway.create_refund(
            key=str(row.pk), intent_id=row.payment.intent_id, amount=row.amount, refund_id=str(row.pk)
        )
    except gateway.StripeRefusedError as error:
        _refuse(row, error.reason, actor=actor, now=now)
        raise RefundRefusedError(error.reason) from error
    except gateway.KeySpentError as error:
        sync(row.payment, actor=actor, now=now)
        row.refresh_from_db()
        if not row.refund_id:
            _refuse(row, NEVER_MADE, actor=actor, now=now)
            raise RefundRefusedError(NEVER_MADE) from error
        return row
    record(row, fact, actor=actor, now=now)
    return row


def _write(order: Order, wanted: Wanted, *, user: User, actor: Actor, now: datetime) -> Refund:
    if wanted.amount < 1:
        raise RefundAmountError
    with transaction.atomic():
        # Whoever refunds this order at the same time waits here, and then counts our row.
        order = Order.objects.select_for_update().get(pk=order.pk)
        known = Refund.objects.filter(pk=wanted.key).first() if wanted.key else None
        if known:
            if known.order_id != order.pk:
                raise RefundKeyError
            return known
        payment = _payment_with(order, wanted.amount)
        twin = _twin(order, wanted, user, now)
        if twin:
            return twin
        lines = _lines(order, wanted)
        row = Refund.objects.create(
            id=wanted.key or uuid4(),
            order=order,
            payment=payment,
            amount=wanted.amount,
            currency=order.currency,
            reason=wanted.reason,
            user=user,
            created_at=now,
        )
        RefundLine.objects.bulk_create(
            [RefundLine(refund=row, line_id=line, quantity=quantity) for line, quantity in lines.items()]
        )
        data = {"amount": row.amount, "currency": row.currency, "reason": row.reason}
        transitions.note(order, Kind.REFUND_STARTED, actor=actor, now=now, data=data)
        invoices.follow(row, counts=row.counts, now=now)
    return row


def _payment_with(order: Order, amount: int) -> Payment:
    """Return the payment to give an amount back from: the latest that has so much left. What Stripe refunds is one payment.

    Of an order paid twice that is the second, and no single refund is larger than what one of them has left.
    """
    counting = Sum("refunds__amount", filter=~Q(refunds__status__in=Refund.FAILED), default=0)
    payments = order.payments.filter(status=Payment.SUCCEEDED).annotate(given_back=counting)
    lefts = {
        payment: payment.amount_received - payment.given_back for payment in payments.order_by("-created_at")
    }
    if not lefts:
        raise NothingReceivedError
    most = max(lefts.values())
    if amount > most:
        raise RefundTooLargeError(most, order.currency)
    return next(payment for payment, rest in lefts.items() if rest >= amount)


def _twin(order: Order, wanted: Wanted, user: User, now: datetime) -> Refund | None:
    if wanted.key:
        return None
    same = order.refunds.filter(user=user, amount=wanted.amount, reason=wanted.reason)
    return same.filter(created_at__gt=now - DOUBLE_CLICK).exclude(status__in=Refund.FAILED).first()


def _lines(order: Order, wanted: Wanted) -> dict[int, int]:
    """Return `{order line id: quantity}` of what goes back on the shelf."""
    if not wanted.restock:
        return {}
    if order.is_closed:
        # Its products went back when it was closed. Money that came later is given back without any.
        if any((wanted.lines or {}).values()):
            raise UnclearRestockError
        return {}
    open_lines = {line.pk: (line, line.quantity - restocked(line)) for line in order.lines.all()}
    lines = dict(wanted.lines or {}) or _lines_meant(order, wanted, open_lines)
    lines = {line: quantity for line, quantity in lines.items() if quantity}
    if not lines or any(
        line not in open_lines or not 0 < n <= open_lines[line][1] for line, n in lines.items()
    ):
        raise UnclearRestockError
    return lines


def _lines_meant(
    order: Order, wanted: Wanted, open_lines: Mapping[int, tuple[OrderLine, int]]
) -> dict[int, int]:
    """Return the lines that an amount alone can mean: all that is left, or so many of the only one."""
    if wanted.amount == left(order):
        return {pk: quantity for pk, (_line, quantity) in open_lines.items()}
    if len(open_lines) == 1:
        [(pk, (line, _quantity))] = open_lines.items()
        if line.unit_price and wanted.amount % line.unit_price == 0:
            return {pk: wanted.amount // line.unit_price}
    return {}


def restocked(line: OrderLine) -> int:
    """Return how many of a line are back on the shelf, or will be with a refund that has not failed."""
    lines = line.refund_lines.filter(~Q(refund__status__in=Refund.FAILED) | Q(restocked=True))
    return lines.aggregate(sum=Sum("quantity"))["sum"] or 0


def record(row: Refund, fact: RefundFact, *, actor: Actor, now: datetime) -> None:
    """Write down what Stripe said about a refund, put its products back once, and tell whom it concerns.

    An answer to an older question changes nothing, and what failed has failed.
    """
    with transaction.atomic():
        known = Refund.objects.select_for_update().get(pk=row.pk)
        stale = known.asked_at is not None and known.asked_at > now
        if not stale and not (known.refund_id and known.status in Refund.FAILED):
            Refund.objects.filter(pk=row.pk).update(
                refund_id=fact.id, status=fact.status, failure_reason=fact.failure_reason, asked_at=now
            )
            _tell(known, fact, actor=actor, now=now)
            if fact.status not in Refund.FAILED:
                _restock(known, now=now)
            invoices.follow(known, counts=fact.status not in Refund.FAILED, now=now)
    row.refresh_from_db()


def _tell(known: Refund, fact: RefundFact, *, actor: Actor, now: datetime) -> None:
    if known.status == fact.status:
        return
    data = {"amount": fact.amount, "currency": fact.currency, "reason": fact.failure_reason or known.reason}
    if fact.status == "succeeded":
        transitions.note(known.order, Kind.REFUNDED, actor=actor, now=now, data=data)
        mails.queue(known.order, Mail.Kind.REFUNDED, about=str(known.pk), now=now)
    elif fact.status in Refund.FAILED:
        transitions.note(known.order, Kind.REFUND_FAILED, actor=actor, now=now, data=data)
        transitions.flag(known.order, Attention.REFUND_FAILED, fact.id, actor=actor, now=now, data=data)


def _restock(row: Refund, *, now: datetime) -> None:
    """Put a refund's products back on the shelf; the condition lets it happen once."""
    for refund_line in row.lines.filter(restocked=False).select_related("line").order_by("line__variant_id"):
        if not RefundLine.objects.filter(pk=refund_line.pk, restocked=False).update(restocked=True):
            continue
        if refund_line.line.variant_id is not None:
            stock.put_back(
                {refund_line.line.variant_id: refund_line.quantity},
                reference=row.order.number,
                reason=StockMovement.Reason.RESTOCK,
                now=now,
            )


def _refuse(row: Refund, reason: str, *, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        if Refund.objects.filter(pk=row.pk, refund_id="").update(status="failed", failure_reason=reason[:80]):
            data = {"amount": row.amount, "currency": row.currency, "reason": reason}
            transitions.note(row.order, Kind.REFUND_FAILED, actor=actor, now=now, data=data)
            if actor.kind != Timeline.Actor.STAFF:  # who reads the refusal needs no mail about it
                about = str(row.pk)
                transitions.flag(row.order, Attention.REFUND_FAILED, about, actor=actor, now=now, data=data)
            invoices.follow(row, counts=False, now=now)
    row.refresh_from_db()


def sync(payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Take in every refund that Stripe has of a payment, also those made in the dashboard.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    for fact in gateway.refunds_of(payment.intent_id):
        with transaction.atomic():  # a row that counts is not seen without its credit note
            record(_row_of(payment, fact), fact, actor=actor, now=now)


def _row_of(payment: Payment, fact: RefundFact) -> Refund:
    ours = Q(refund_id=fact.id)
    with suppress(ValueError):
        ours |= Q(pk=UUID(fact.our_id))
    row = Refund.objects.filter(ours, payment=payment).first()
    if row:
        return row
    return Refund.objects.get_or_create(
        refund_id=fact.id,
        defaults={
            "order_id": payment.order_id,
            "payment": payment,
            "amount": fact.amount,
            "currency": fact.currency,
            "created_at": fact.created,
        },
    )[0]
