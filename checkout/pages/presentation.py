"""Orders as pages show them: summary lines with covers, totals, and the steps of a timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from checkout.messages import order_text, timeline_text
from checkout.models import Attention, Invoice, Order, Timeline
from checkout.orders.access import UnknownOrderError, numbered, orders_of
from checkout.purchase.placing import Agreement
from shop.catalogue.paging import InvalidCursorError
from shop.i18n.stored_text import translate_value
from shop.media import pictures
from shop.models import CartLine, ProductImage
from shop.money import written

ORDERS_PER_PAGE = 20


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


def orders_after(user: User, cursor: str) -> tuple[list[Order], str | None]:
    """Return a part of a customer's orders, newest first, after a cursor ("": the first part), and the next cursor.

    A cursor is the number of the last order one has seen. Raises InvalidCursorError.
    """
    found = with_lines(orders_of(user))
    if cursor:
        try:
            last = numbered(orders_of(user), cursor)
        except UnknownOrderError as error:
            raise InvalidCursorError from error
        older = Q(placed_at__lt=last.placed_at) | Q(placed_at=last.placed_at, pk__lt=last.pk)
        found = found.filter(older)
    part = list(found[: ORDERS_PER_PAGE + 1])
    has_more = len(part) > ORDERS_PER_PAGE
    part = part[:ORDERS_PER_PAGE]
    return part, part[-1].number if has_more else None


def with_lines(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Prefetch what a list of orders shows of their lines and of what went back."""
    return orders.prefetch_related("lines", "payments", "refunds")


def load_lines(order: Order) -> None:
    """Fetch what the summary of an order shows, and its payments, in a fixed number of statements."""
    prefetch_related_objects([order], "lines", "payments")


def complete(order: Order) -> None:
    """Fetch all that the page of one order shows, in a fixed number of statements.

    Comes after Stripe was asked: refreshing an order forgets what was prefetched.
    """
    load_lines(order)
    prefetch_related_objects([order], "timeline", "refunds")


def agreement_summary(agreement: Agreement) -> dict[str, Any]:
    """Return what the summary part takes, for a cart that is being checked out."""
    totals = agreement.totals
    covers = cover_urls(line.variant.pk for line in agreement.review)
    return {
        "lines": [
            SummaryLine(
                covers.get(line.variant.pk, ""),
                line.variant.product.title,
                _detail(line.variant.name, line.quantity),
                line.total,
            )
            for line in agreement.review
        ],
        "totals": {
            **totals.as_fields(),
            "taxes": totals.taxes,
            "voucher": agreement.voucher.code if agreement.voucher else "",
            "needs_delivery": agreement.review.needs_delivery,
        },
    }


def order_summary(order: Order) -> dict[str, Any]:
    """Return what the summary part takes, for a placed order."""
    lines = list(order.lines.all())
    covers = cover_urls(line.variant_id for line in lines)
    return {
        "lines": [
            SummaryLine(
                covers.get(line.variant_id, ""),
                line.title,
                _detail(line.edition, line.quantity),
                line.total,
            )
            for line in lines
        ],
        "totals": {
            **{
                name: getattr(order, name)
                for name in ("subtotal", "discount", "delivery", "tax_included", "total")
            },
            "taxes": order.taxes,
            "voucher": order.voucher_code,
            "needs_delivery": any(not line.is_digital for line in lines),
        },
        "currency": order.currency,
    }


def cover_urls(variants: Iterable[int | None]) -> dict[int | None, str]:
    """Return for each of these variants, by its id, the address of its small cover, where there is one. One statement."""
    images = ProductImage.objects.filter(product__variants__in=set(variants))
    # The first picture comes last, and stays.
    rows = images.order_by("-position", "-pk").values_list("product__variants", "file", "widths")
    return {variant: pictures.small_url(file, widths) for variant, file, widths in rows}


def _detail(variant: str, quantity: int) -> str:
    return f"{translate_value(variant)} × {quantity}"


def papers(order: Order) -> list[tuple[str, str]]:
    """Return words and address of an order's invoice and of its credit notes that stand. One statement, none before payment."""
    if not order.is_paid and not any(refund.counts for refund in order.refunds.all()):
        return []
    documents = order.invoices.order_by("pk").values_list("kind", "number", "refund")
    invoice = [number for kind, number, _refund in documents if kind == Invoice.Kind.INVOICE]
    notes = [(number, pk) for kind, number, pk in documents if kind == Invoice.Kind.CREDIT_NOTE]
    counting = {refund.pk for refund in order.refunds.all() if refund.counts}
    return [
        *((_("Invoice %s") % number, reverse("checkout:invoice", args=[order.number])) for number in invoice),
        *(
            (_("Credit note %s") % number, reverse("checkout:credit_note", args=[order.number, position]))
            for position, (number, refund) in enumerate(notes, 1)
            if refund in counting
        ),
    ]


def cart_differs(order: Order) -> bool:
    """Tell whether the cart that an order was placed from holds something else by now: it changed in another tab."""
    if order.cart_id is None:
        return False
    in_cart = CartLine.objects.filter(cart=order.cart_id).values_list("variant_id", "quantity")
    return set(in_cart) != {(line.variant_id, line.quantity) for line in order.lines.all()}


def seconds_to_next_look(order: Order, *, now: datetime) -> int:
    """Return when a status page that waits for the bank looks again: the older the wait, the more seldom."""
    return min(max(int((now - order.placed_at).total_seconds()) // 20, 4), 60)


_TONES = {
    Timeline.Kind.PAID: "good",
    Timeline.Kind.REFUNDED: "good",
    Timeline.Kind.REFUND_FAILED: "wait",
    Timeline.Kind.DECLINED: "bad",
    Timeline.Kind.REOPENED: "bad",
    Timeline.Kind.CANCELLED: "bad",
    Timeline.Kind.EXPIRED: "bad",
    Timeline.Kind.ATTENTION: "wait",
    Timeline.Kind.PROCESSING: "wait",
}


def steps(order: Order) -> list[Step]:
    """Return what has happened to an order, what happens now and what is to come."""
    past: list[Step] = []
    for entry in _told(order):
        # Waiting was over as soon as something came after it.
        past = [replace(step, kind="done") if step.kind == "wait" else step for step in past]
        past += _steps_of(entry, order)
    return [*_with_days(past), *_ahead(order)]


# What goes on behind the counter. A customer reads what came of it.
_BEHIND = frozenset(
    {
        Timeline.Kind.PAYMENT_CLOSED,
        Timeline.Kind.REFUND_STARTED,
        Timeline.Kind.RESOLVED,
        Timeline.Kind.DISPUTED,
        Timeline.Kind.DISPUTE_CLOSED,
    }
)


def _told(order: Order) -> list[Timeline]:
    """Return the timeline without what is not the customer's to read, or said twice."""
    entries = [entry for entry in order.timeline.all() if entry.kind not in _BEHIND]
    if not any(entry.kind == Timeline.Kind.REFUNDED for entry in entries):
        # A refund that never left is the shop's to make again.
        entries = [entry for entry in entries if entry.kind != Timeline.Kind.REFUND_FAILED]
    if order.is_paid:  # what staff look at after that does not change where the customer's money is
        entries = [entry for entry in entries if entry.kind != Timeline.Kind.ATTENTION]
    following = [entry.kind for entry in entries[1:]] + [""]
    return [
        entry
        for entry, after in zip(entries, following, strict=True)
        if (entry.kind, after) != (Timeline.Kind.DECLINED, Timeline.Kind.REOPENED)
    ]


def _steps_of(entry: Timeline, order: Order) -> list[Step]:
    steps = [Step(_TONES.get(Timeline.Kind(entry.kind), "done"), timeline_text.happened(entry), entry.at)]
    if entry.data.get("reason") == Attention.LATE_WITHOUT_STOCK:
        arrived = _("Your %s arrived") % written(order.total, order.currency)
        steps.insert(0, Step("good", arrived, entry.at))
    return steps


def _with_days(steps: list[Step]) -> list[Step]:
    """Let the first step of each day name it."""
    days = [timezone.localdate(step.at) for step in steps]
    return [
        replace(step, with_day=day != before)
        for step, day, before in zip(steps, days, [None, *days], strict=False)
    ]


def _ahead(order: Order) -> list[Step]:
    digital = all(line.is_digital for line in order.lines.all())
    if order_text.is_refunded(order):
        return []
    match order.status:
        case Order.Status.PLACED if not order.needs_attention:
            if any(payment.status == "requires_capture" for payment in order.payments.all()):
                return [Step("wait", _("Your bank has set the money aside")), Step("todo", _("Paid"))]
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
    """An order in a list: up to three covers, how many products, where it is, and whether money went back."""

    order: Order
    cover_urls: tuple[str, ...]
    count: int
    tag: order_text.Tag
    refund_tag: order_text.Tag | None


def order_rows(orders: Sequence[Order]) -> list[OrderRow]:
    """Return orders as the list of orders shows them."""
    covers = cover_urls(line.variant_id for order in orders for line in order.lines.all())
    return [_order_row(order, covers) for order in orders]


def _order_row(order: Order, covers: Mapping[int | None, str]) -> OrderRow:
    lines = list(order.lines.all())
    urls = tuple(covers.get(line.variant_id, "") for line in lines[:3])
    count = sum(line.quantity for line in lines)
    return OrderRow(order, urls, count, order_text.tag(order), order_text.refund_tag(order))
