"""Orders and agreements as pages show them: summary lines with covers, totals, and the steps of a timeline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkout import words
from checkout.models import Order, OrderLine, Timeline
from checkout.placing import Agreement
from shop.models import Product


@dataclass(frozen=True)
class SummaryLine:
    """A line of a summary. `amount` in minor units."""

    cover_url: str
    title: str
    detail: str
    amount: int


@dataclass(frozen=True)
class Step:
    """A step of a timeline. `kind`: done, good, bad, now, wait or todo."""

    kind: str
    words: str
    at: datetime | None = None
    with_day: bool = False


def orders_of(user: User) -> QuerySet[Order]:
    """Return a customer's orders, newest first, with what their pages need."""
    lines = OrderLine.objects.select_related("variant__product").prefetch_related("variant__product__images")
    return Order.objects.filter(user=user).prefetch_related(Prefetch("lines", lines))


def agreement_summary(agreement: Agreement) -> dict[str, Any]:
    """Return what the summary part takes, for a cart that is being checked out."""
    totals = agreement.totals
    return {
        "lines": [
            SummaryLine(
                cover_url(line.variant.product),
                line.variant.product.title,
                _detail(line.variant.name, line.quantity),
                line.total,
            )
            for line in agreement.review
        ],
        "totals": {**vars(totals), "total": totals.total, "needs_delivery": agreement.review.needs_delivery},
    }


def order_summary(order: Order) -> dict[str, Any]:
    """Return what the summary part takes, for a placed order."""
    lines = list(order.lines.all())
    return {
        "lines": [
            SummaryLine(
                cover_url(line.variant.product if line.variant else None),
                line.title,
                _detail(line.edition, line.quantity),
                line.total,
            )
            for line in lines
        ],
        "totals": {
            **{name: getattr(order, name) for name in ("subtotal", "discount", "delivery", "tax", "total")},
            "needs_delivery": any(not line.is_digital for line in lines),
        },
        "currency": order.currency,
    }


def cover_url(product: Product | None) -> str:
    """Return the address of a product's first picture, or nothing. The images must be prefetched."""
    images = list(product.images.all()) if product else []
    url: str = images[0].file.url if images else ""
    return url


def _detail(edition: str, quantity: int) -> str:
    return f"{edition} × {quantity}"


def steps(order: Order) -> list[Step]:
    """Return what has happened to an order, what happens now and what is to come."""
    entries = [entry for entry in order.timeline.all() if entry.kind != Timeline.Kind.PAYMENT_CLOSED]
    return [*_past(entries), *_ahead(order)]


def _past(entries: Iterable[Timeline]) -> list[Step]:
    tones = {
        Timeline.Kind.PAID: "good",
        Timeline.Kind.DECLINED: "bad",
        Timeline.Kind.REOPENED: "bad",
        Timeline.Kind.CANCELLED: "bad",
        Timeline.Kind.EXPIRED: "bad",
        Timeline.Kind.ATTENTION: "wait",
        Timeline.Kind.PROCESSING: "wait",
    }
    day = None
    past = []
    for entry in entries:
        new_day = timezone.localdate(entry.at)
        tone = tones.get(Timeline.Kind(entry.kind), "done")
        past.append(Step(tone, words.happened(entry), entry.at, with_day=new_day != day))
        day = new_day
    # Waiting was over as soon as something came after it.
    return [
        Step("done", step.words, step.at, step.with_day) if step.kind == "wait" else step
        for step in past[:-1]
    ] + past[-1:]


def _ahead(order: Order) -> list[Step]:
    digital = all(line.is_digital for line in order.lines.all())
    match order.status:
        case Order.Status.PLACED if not order.needs_attention:
            return [Step("now", _("We are waiting for your payment")), Step("todo", _("Paid"))]
        case Order.Status.PROCESSING:
            return [Step("todo", _("Paid")), *([] if digital else [Step("todo", _("Sent"))])]
        case Order.Status.PAID if not digital:
            return [
                Step("now", _("We are packing it")),
                Step("todo", _("Sent")),
                Step("todo", _("Delivered")),
            ]
        case Order.Status.SHIPPED:
            return [Step("todo", _("Delivered"))]
        case _:
            return []


@dataclass(frozen=True)
class OrderRow:
    """An order in a list: up to three covers, how many books, and where it is."""

    order: Order
    cover_urls: tuple[str, ...]
    count: int
    tag: words.Tag


def order_row(order: Order) -> OrderRow:
    """Return an order as the list of orders shows it."""
    lines = list(order.lines.all())
    covers = [cover_url(line.variant.product if line.variant else None) for line in lines]
    return OrderRow(order, tuple(covers[:3]), sum(line.quantity for line in lines), words.tag(order))
