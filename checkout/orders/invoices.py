"""Writes invoices and credit notes: numbers of one series without a gap, and what they say, frozen.

A number is taken in the transaction of the fact that it is for, by an UPDATE of the year's row. The row is locked until
that commits, so who dies gives the number back, and who comes next waits. It is the last lock of every transaction.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Sum, prefetch_related_objects
from django.utils import timezone

from checkout.models import Invoice, InvoiceSeries, Order, Payment, Refund
from checkout.models.prices import Taxed, portion
from checkout.orders.pricing import spread

Kind = Invoice.Kind
BATCH = 500


def write(orders: Sequence[Order], *, now: datetime) -> None:
    """Write the invoices of orders that are paid, in the caller's transaction."""
    prefetch_related_objects(orders, "lines")
    documents = [
        Invoice(order=order, total=order.total, tax=order.tax, content=_of_order(order)) for order in orders
    ]
    _number(documents, now=now)


def follow(refund: Refund, *, counts: bool, now: datetime) -> None:
    """Write a refund's credit note as soon as it counts, or take it back when it failed, in the caller's transaction.

    The refund's row is the caller's: written or locked in the same transaction. What is written already stays.
    """
    last = Invoice.objects.filter(refund=refund.pk).order_by("-pk").first()
    stands = last is not None and last.kind == Kind.CREDIT_NOTE
    if counts == stands:
        return
    if last is not None and stands:
        content = {**last.content, "corrects": last.number}
        facts: dict[str, Any] = {"total": last.total, "tax": last.tax, "content": content}
        document = Invoice(kind=Kind.REVERSAL, order_id=refund.order_id, refund=refund, **facts)
    else:
        # Two refunds of an order at once would share out the same tax.
        order = Order.objects.select_for_update().get(pk=refund.order_id)
        document = _credit_note(order, refund)
    _number([document], now=now)


def write_missing(*, now: datetime) -> Iterator[int]:
    """Write what is missing of invoices and credit notes, in batches; yield how many each wrote.

    For orders that were paid before there were invoices, the oldest first. They are issued now: numbers follow the days.
    """
    without = Order.objects.filter(
        ~Exists(Invoice.objects.filter(order=OuterRef("pk"), kind=Kind.INVOICE)), status__in=Order.SETTLED
    )
    while True:
        with transaction.atomic():
            # Locked, as paying does, and in the order of their ids: nobody else writes the same one.
            chosen = list(without.order_by("paid_at", "pk").values_list("pk", flat=True)[:BATCH])
            locked = Order.objects.select_for_update().filter(pk__in=chosen).order_by("pk")
            known = set(
                Invoice.objects.filter(order__in=locked, kind=Kind.INVOICE).values_list("order", flat=True)
            )
            orders = [order for order in locked if order.pk not in known]
            write(sorted(orders, key=lambda order: (order.paid_at, order.pk)), now=now)
        if not chosen:
            break
        yield len(orders)
    written = Invoice.objects.filter(refund=OuterRef("pk"))
    counting = Refund.objects.filter(~Exists(written)).exclude(status__in=Refund.FAILED)
    for pk in list(counting.order_by("created_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            refund = Refund.objects.select_for_update().get(pk=pk)
            follow(refund, counts=refund.counts, now=now)
        yield 1


def credit_notes(order: Order) -> list[Invoice]:
    """Return an order's credit notes in the order of its refunds: the first is number 1 in their addresses."""
    return list(order.invoices.filter(kind=Kind.CREDIT_NOTE).order_by("pk"))


def _number(documents: Sequence[Invoice], *, now: datetime) -> None:
    """Give documents the next numbers of the year, and write them."""
    if not documents:
        return
    year = timezone.localdate(now).year
    last = _take(year, len(documents))
    for position, document in enumerate(documents, last - len(documents) + 1):
        document.year, document.position, document.issued_at = year, position, now
        document.number = f"{year}-{position:06}"
    Invoice.objects.bulk_create(documents, batch_size=BATCH)


def _take(year: int, count: int) -> int:
    """Take so many numbers of a year and return the last; nobody takes any more until the transaction ends."""
    series = InvoiceSeries.objects.filter(year=year)
    if not series.update(last=F("last") + count):
        InvoiceSeries.objects.get_or_create(year=year)
        series.update(last=F("last") + count)
    return series.values_list("last", flat=True).get()


def _frame(order: Order) -> dict[str, Any]:
    """Return what every document of an order says."""
    return {
        "seller": {
            "name": settings.SELLER_NAME,
            "address": settings.SELLER_ADDRESS,
            "vat_id": settings.SELLER_VAT_ID,
            "email": settings.SELLER_EMAIL,
        },
        "customer": {"email": order.email, **{name: getattr(order, name) for name in Order.ADDRESS_FIELDS}},
        "currency": order.currency,
        "tax_included": order.tax_included,
    }


def _of_order(order: Order) -> dict[str, Any]:
    names = ("subtotal", "discount", "delivery", "delivery_name", "voucher_code")
    of_line = ("title", "edition", "sku", "quantity", "unit_price", "total", "tax_rate")
    return {
        **_frame(order),
        **{name: getattr(order, name) for name in names},
        "paid_at": order.paid_at.isoformat() if order.paid_at else "",
        "lines": [{name: getattr(line, name) for name in of_line} for line in order.lines.all()],
        "taxes": _as_json(order.taxes),
    }


def _as_json(taxes: Iterable[Taxed]) -> list[dict[str, int]]:
    return [{"rate": part.rate, "net": part.net, "tax": part.tax} for part in taxes]


def _credit_note(order: Order, refund: Refund) -> Invoice:
    documents = list(order.invoices.order_by("pk"))
    invoice = next((each for each in documents if each.kind == Kind.INVOICE), None)
    part = _of_invoice(order, invoice, documents, refund.amount)
    taxes = _share(invoice, documents, part) if invoice else []
    content = {
        **_frame(order),
        "corrects": invoice.number if invoice else "",
        "of_invoice": part,
        "taxes": _as_json(taxes),
    }
    tax = sum(each.tax for each in taxes)
    facts: dict[str, Any] = {"total": refund.amount, "tax": tax, "content": content}
    return Invoice(kind=Kind.CREDIT_NOTE, order=order, refund=refund, **facts)


def _of_invoice(order: Order, invoice: Invoice | None, documents: Iterable[Invoice], amount: int) -> int:
    """Return how much of a refund takes back what was sold. What was received beyond the invoice goes back first."""
    if invoice is None:
        return 0
    payments = order.payments.filter(status=Payment.SUCCEEDED)
    received = payments.aggregate(sum=Sum("amount_received"))["sum"] or 0
    credited: int = sum(_sign(each) * each.content["of_invoice"] for each in documents if _sign(each))
    given_back = sum(_sign(each) * each.total for each in documents)
    beyond = max(received - invoice.total - (given_back - credited), 0)
    return max(min(amount - beyond, invoice.total - credited), 0)


def _share(invoice: Invoice, documents: Sequence[Invoice], part: int) -> list[Taxed]:
    """Share a refund out over the rates of what is left of the invoice: the last one takes the rest to the minor unit."""
    rates = [each["rate"] for each in invoice.content["taxes"]]
    net, tax = ({each["rate"]: each[name] for each in invoice.content["taxes"]} for name in ("net", "tax"))
    left = invoice.total
    for document in documents:
        left -= _sign(document) * document.content.get("of_invoice", 0)
        for each in document.content["taxes"]:
            net[each["rate"]] -= _sign(document) * each["net"]
            tax[each["rate"]] -= _sign(document) * each["tax"]
    paid = [net[rate] + tax[rate] for rate in rates]
    shares = spread(part, [*paid, left - sum(paid)])
    taxes = [portion(tax[rate], share, of) for rate, share, of in zip(rates, shares, paid, strict=False)]
    parts = zip(rates, shares, taxes, strict=False)
    return [Taxed(rate, share - of_it, of_it) for rate, share, of_it in parts if share]


def _sign(document: Invoice) -> int:
    return {Kind.CREDIT_NOTE: 1, Kind.REVERSAL: -1}.get(Kind(document.kind), 0)
