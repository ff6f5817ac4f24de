"""The dashboard's bar chart: money taken above the line and refunded below it, day by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from checkout.models import Order, Refund
from shop import money

DAYS = 30
DAYS_ON_PHONES = 14
# The plot, in units of the picture: room at the left for amounts, below for dates, at the right for half of a word.
TOP, HEIGHT, LEFT, BELOW, RIGHT = 10, 160, 52, 30, 10
STEPS = 4


@dataclass(frozen=True)
class Day:
    """What was paid on a day and what went back, in minor units of the shop's currency."""

    day: date
    paid: int
    refunded: int


@dataclass(frozen=True)
class Bar:
    """A day in the picture: `y` and `height` of what was paid, and how far what went back hangs below the line."""

    x: int
    y: int
    height: int
    hangs: int
    is_today: bool


@dataclass(frozen=True)
class Mark:
    """A word beside the plot: an amount at a height, or a day below its bar."""

    at: int
    words: str


@dataclass(frozen=True)
class Chart:
    """Bars for so many days. All measures are whole units of a picture that is `width` × `height`."""

    width: int
    height: int
    left: int
    zero: int
    thickness: int
    bars: tuple[Bar, ...]
    amounts: tuple[Mark, ...]
    days: tuple[Mark, ...]


@dataclass(frozen=True)
class Sales:
    """The days as numbers, oldest first, and as pictures: for a desk, and with fewer days for a phone."""

    days: tuple[Day, ...]
    wide: Chart
    narrow: Chart

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was paid and nothing went back."""
        return not any(day.paid or day.refunded for day in self.days)

    @property
    def summary(self) -> str:
        """Return in a sentence what the picture shows."""
        facts = {
            "days": len(self.days),
            "paid": money.written(sum(day.paid for day in self.days)),
            "refunded": money.written(sum(day.refunded for day in self.days)),
        }
        return _("In the last %(days)d days %(paid)s was paid and %(refunded)s went back.") % facts


def sales(*, now: datetime) -> Sales:
    """Return what the last days brought, in two statements whatever the number of orders."""
    today = timezone.localdate(now)
    first = today - timedelta(days=DAYS - 1)
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(DAYS - 1)
    here = {"currency": settings.STORE_CURRENCY}
    paid = _by_day(Order.objects.filter(paid_at__gte=since, **here), "paid_at", "total")
    back = Refund.objects.exclude(status__in=Refund.FAILED).filter(created_at__gte=since, **here)
    refunded = _by_day(back, "created_at", "amount")
    dates = [first + timedelta(number) for number in range(DAYS)]
    days = tuple(Day(day, paid.get(day, 0), refunded.get(day, 0)) for day in dates)
    return Sales(days, chart(days, slot=22), chart(days[-DAYS_ON_PHONES:], slot=20))


def _by_day(rows: QuerySet[Order] | QuerySet[Refund], at: str, amount: str) -> Mapping[date, int]:
    sums = rows.order_by().annotate(day=TruncDate(at)).values("day").annotate(sum=Sum(amount))
    return dict(sums.values_list("day", "sum"))


def chart(days: tuple[Day, ...], *, slot: int) -> Chart:
    """Return the picture of some days, each `slot` wide."""
    step = round_step(max(day.paid for day in days))
    highest, lowest = step * STEPS, max(day.refunded for day in days)
    scale = HEIGHT / (highest + lowest)
    zero = TOP + round(highest * scale)
    last = len(days) - 1
    bars = tuple(
        Bar(
            x=LEFT + number * slot + slot // 5,
            y=zero - round(day.paid * scale),
            height=round(day.paid * scale),
            hangs=round(day.refunded * scale),
            is_today=number == last,
        )
        for number, day in enumerate(days)
    )
    return Chart(
        width=LEFT + len(days) * slot + RIGHT,
        height=TOP + HEIGHT + BELOW,
        left=LEFT,
        zero=zero,
        thickness=slot * 3 // 5,
        bars=bars,
        amounts=tuple(
            Mark(zero - round(step * number * scale), money.written_whole(step * number))
            for number in range(STEPS + 1)
        ),
        days=tuple(
            Mark(LEFT + number * slot + slot // 2, _("today") if number == last else _named(days[number].day))
            # Where the first would be cut off at the edge there is none.
            for number in range(last, 0, -7)
        ),
    )


def round_step(highest: int) -> int:
    """Return a round number of minor units of which four reach as high as the highest, and at least one main unit."""
    step: int = 10 ** money.exponent(settings.STORE_CURRENCY)
    while step * STEPS < highest:
        for factor in (2, 5, 10):
            if step * factor * STEPS >= highest:
                return step * factor
        step *= 10
    return step


def _named(day: date) -> str:
    return date_format(day, "SHORT_MONTH_DAY")
