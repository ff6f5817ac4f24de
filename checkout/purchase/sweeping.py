"""The sweep: unpaid orders expire, and payments without a final answer are reconciled.

Every open payment and refund is asked about, orders out of time are ended (at Stripe first), those who have not paid
are reminded, and mails that could not be sent are sent. All of it may run twice at once: every change is conditional.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import mails as account_mails
from accounts.models import mailbox
from checkout.messages import mails
from checkout.models import Mail, Order, Payment, Refund, Run
from checkout.one_by_one import attempt
from checkout.orders import access
from checkout.orders.transitions import SWEEP
from checkout.payments import gateway, paying, refunds, webhooks
from checkout.payments.reconcile import reconcile
from checkout.purchase import closing

# Stripe takes 25 requests a second in test mode; four at a time with a quarter of a second each stay below.
WORKERS = 4
# How far Stripe's list of events goes back, and how far the first sweep of all does.
EVENTS_KEPT = timedelta(days=30)
FIRST_LOOK_BACK = timedelta(days=3)
CLOCKS_DIFFER = timedelta(minutes=5)
REMINDED_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Swept:
    """What came of one order: its number, and the code of what stood in the way ("" when nothing did)."""

    number: str
    problem: str = ""


def reconcile_open(*, now: datetime, workers: int = WORKERS) -> Iterator[Swept]:
    """Ask Stripe about every payment and refund that may still change, and settle what it says."""
    yield from _each(_with_open_payment(), lambda order: _look(order, now), workers)
    yield from _each(_with_open_refund(), lambda order: _look_at_refunds(order, now), workers)


def _with_open_payment() -> list[int]:
    """Return the orders with a payment that is not final, or with one that is and of which the order has not heard."""
    payments = Payment.objects.filter(order=OuterRef("pk"))
    unfinished = Exists(payments.exclude(status__in=Payment.FINAL))
    # A money fact is a commit of its own, and whoever wrote it down may have died before the next.
    kept = payments.filter(status=Payment.SUCCEEDED).exclude(
        refunds__in=Refund.objects.exclude(status__in=Refund.FAILED)
    )
    unheard = Q(Exists(kept), ~Q(status__in=Order.SETTLED), needs_attention="")
    stuck = Q(~unfinished, status=Order.Status.PROCESSING, needs_attention="")
    return list(
        Order.objects.filter(unfinished | unheard | stuck).order_by("pk").values_list("pk", flat=True)
    )


def _with_open_refund() -> list[int]:
    waiting = Refund.objects.filter(order=OuterRef("pk")).exclude(status__in=(*Refund.FAILED, "succeeded"))
    return list(Order.objects.filter(Exists(waiting)).order_by("pk").values_list("pk", flat=True))


def _look(order: Order, now: datetime) -> None:
    if not order.payments.exclude(status__in=Payment.FINAL).exists():
        paying.look(order, actor=SWEEP, now=now)
    for payment in order.payments.exclude(status__in=Payment.FINAL):
        if payment.intent_id:
            reconcile(payment, actor=SWEEP, now=now)
        else:
            with suppress(gateway.KeySpentError):  # the payment is closed, which is as good
                paying.start(payment, actor=SWEEP, now=now)


def _look_at_refunds(order: Order, now: datetime) -> None:
    # First what Stripe has: under a key that it has forgotten, the same refund would be made twice.
    for payment in order.payments.filter(~Q(refunds=None)).distinct():
        refunds.sync(payment, actor=SWEEP, now=now)
    for row in order.refunds.filter(refund_id="").exclude(status__in=Refund.FAILED):
        refunds.send(row, actor=SWEEP, now=now)


def expire(*, now: datetime, workers: int = WORKERS) -> Iterator[Swept]:
    """End every order whose time to pay is over, except those that turn out to be paid or on their way."""
    late = Order.objects.filter(status=Order.Status.PLACED, expires_at__lte=now, needs_attention="")
    yield from _each(
        list(late.order_by("pk").values_list("pk", flat=True)), lambda order: _expire(order, now), workers
    )


def _expire(order: Order, now: datetime) -> None:
    try:
        closing.expire(order, actor=SWEEP, now=now)
    except closing.StillBeingPaidError:
        return  # which is settled now, and is as good


def catch_up(*, now: datetime) -> tuple[int, int]:
    """Take in what webhooks should have told since last time: refunds at the dashboard, disputes, whatever got lost.

    Returns how many events could be handled now and how many could not, which the next time tries again. Raises
    StripeUnavailableError or StripeRefusedError; then the next time looks back as far as this one.
    """
    last = Run.objects.filter(command=Run.EVENTS).values_list("began_at", flat=True).first()
    since = max(last - CLOCKS_DIFFER, now - EVENTS_KEPT) if last else now - FIRST_LOOK_BACK
    done, failed = webhooks.catch_up(since=since, actor=SWEEP, now=now)
    Run.objects.update_or_create(command=Run.EVENTS, defaults={"began_at": now, "problems": failed})
    return done, failed


def remind(*, now: datetime) -> int:
    """Queue a mail to everybody who has not paid after half of their time; return how many.

    Of what guests placed, one a day to each mailbox: anybody can type anybody's address, again and again.
    """
    half = timedelta(minutes=settings.ORDER_TTL_MINUTES) / 2
    reminded = Mail.objects.filter(order=OuterRef("pk"), kind=Mail.Kind.PLACED)
    # Who has a slip was told so.
    slips = Payment.objects.filter(order=OuterRef("pk"), slip_expires_at__isnull=False)
    unpaid = Order.objects.filter(
        ~Exists(reminded), ~Exists(slips), status=Order.Status.PLACED, needs_attention=""
    )
    waiting = unpaid.filter(placed_at__lte=now - half, expires_at__gt=now)
    waiting = waiting.annotate(is_by_account=access.is_by_account())
    lately = Order.objects.filter(Exists(reminded), placed_at__gt=now - REMINDED_AGAIN)
    known = {mailbox(email) for email in lately.values_list("email", flat=True)}
    queued = 0
    for order in waiting:
        if order.is_by_account or mailbox(order.email) not in known:
            known.add(mailbox(order.email))
            queued += not attempt(f"Reminder of {order.number}", partial(_remind, order, now))
    return queued


def _remind(order: Order, now: datetime) -> None:
    with transaction.atomic():
        mails.queue(order, Mail.Kind.PLACED, now=now)


def send_mails(*, now: datetime) -> tuple[int, int]:
    """Send the mails that were queued a minute ago or longer and never left; return how many did and did not."""
    problems = [
        attempt(f"{name} {mail_id}", partial(send, mail_id, now=now))
        for name, waiting, send in (
            ("Account mail", account_mails.waiting(now=now), _send_account_mail),
            ("Mail", mails.waiting(now=now), mails.send),
        )
        for mail_id in list(_a_minute_old(waiting, now).order_by("pk").values_list("pk", flat=True))
    ]
    return problems.count(""), len(problems) - problems.count("")


def _a_minute_old(rows: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    return rows.filter(queued_at__lte=now - timedelta(minutes=1))


def _send_account_mail(mail_id: int, *, now: datetime) -> None:
    try:
        account_mails.send(mail_id, now=now)
    except OSError as error:
        raise mails.MailServerError(str(error)) from error


def _each(order_ids: Iterable[int], act: Callable[[Order], None], workers: int) -> Iterator[Swept]:
    """Do something with each order, a few at a time, and tell what came of it."""
    if workers == 1:
        yield from (_swept(order_id, act) for order_id in order_ids)
        return
    with ThreadPoolExecutor(workers, initializer=close_old_connections) as pool:
        yield from pool.map(lambda order_id: _in_thread(order_id, act), order_ids)


def _in_thread(order_id: int, act: Callable[[Order], None]) -> Swept:
    try:
        return _swept(order_id, act)
    finally:
        connections.close_all()


def _swept(order_id: int, act: Callable[[Order], None]) -> Swept:
    order = Order.objects.get(pk=order_id)
    return Swept(order.number, attempt(f"Order {order.number}", partial(act, order)))
