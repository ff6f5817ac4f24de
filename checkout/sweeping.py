"""What nobody came back for: every open payment is asked about, and orders out of time are ended, at Stripe first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checkout import closing, paying
from checkout.models import Order, Payment
from checkout.states import SWEEP
from shop.errors import ShopError


@dataclass(frozen=True)
class Swept:
    """What came of one order: its number, and the code of what stood in the way ("" when nothing did)."""

    number: str
    problem: str = ""


def reconcile_open(*, now: datetime) -> Iterator[Swept]:
    """Ask Stripe about every payment that is not final, one after the other, and settle what it says."""
    waiting = Order.objects.exclude(payments=None).exclude(status__in=Order.SETTLED)
    for order in waiting.filter(payments__in=Payment.objects.exclude(status__in=Payment.FINAL)).order_by(
        "pk"
    ):
        try:
            paying.look(order, actor=SWEEP, now=now)
            yield Swept(order.number)
        except ShopError as error:
            yield Swept(order.number, error.code)


def expire(*, now: datetime) -> Iterator[Swept]:
    """End every order whose time to pay is over, except those that turn out to be paid or on their way."""
    for order in Order.objects.filter(status=Order.Status.PLACED, expires_at__lte=now).order_by("pk"):
        try:
            closing.expire(order, actor=SWEEP, now=now)
            yield Swept(order.number)
        except closing.StillBeingPaidError:
            yield Swept(order.number)
        except ShopError as error:
            yield Swept(order.number, error.code)
