"""Whether all adds up: what must hold of stock, orders and money, asked of the database in a few statements.

Each check returns the sentence of every breach it finds. None means that all holds.
"""

from collections.abc import Callable, Iterator

from django.db.models import (
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from checkout.models import Invoice, Mail, Order, OrderLine, Payment, Refund, RefundLine, Timeline, Voucher
from shop.models import StockMovement, Variant

SETTLED = Q(status__in=Order.SETTLED)


def breaches() -> list[str]:
    """Return every breach, as sentences that name the order or the SKU."""
    return [sentence for check in CHECKS for sentence in check()]


def stock_is_the_sum_of_its_movements() -> Iterator[str]:
    """I1: a variant's stock is what its movements add up to."""
    moved = Coalesce(Sum("movements__delta"), 0)
    for sku, stock, total in (
        Variant.objects.annotate(moved=moved).exclude(stock=F("moved")).values_list("sku", "stock", "moved")
    ):
        yield f"{sku} has a stock of {stock}, but its movements add up to {total}."


def totals_are_the_sum_of_their_lines() -> Iterator[str]:
    """I3, I16: an order's subtotal, discount and tax are those of its lines (and the delivery's tax).

    That its parts add up to the total, the database itself demands.
    """
    for name, of_order, verb, of_line in (
        ("subtotal", F("subtotal"), "cost", F("unit_price") * F("quantity")),
        ("discount", F("discount"), "have", F("discount")),
        ("tax on its lines", F("tax") - F("delivery_tax"), "have", F("tax")),
    ):
        lines = (
            OrderLine.objects.filter(order=OuterRef("pk"))
            .order_by()
            .values("order")
            .annotate(together=Sum(of_line, output_field=IntegerField()))
            .values("together")
        )
        orders = Order.objects.annotate(
            mine=ExpressionWrapper(of_order, IntegerField()), theirs=Coalesce(Subquery(lines), 0)
        ).exclude(mine=F("theirs"))
        for number, mine, theirs in orders.values_list("number", "mine", "theirs"):
            yield f"Order {number} has a {name} of {mine}, but its lines {verb} {theirs}."


def vouchers_count_their_orders() -> Iterator[str]:
    """I14: a voucher was used by as many orders as have it and are not closed."""
    orders = (
        Order.objects.filter(voucher_code=OuterRef("code"))
        .exclude(status__in=Order.CLOSED)
        .order_by()
        .values("voucher_code")
        .annotate(together=Count("pk"))
        .values("together")
    )
    vouchers = Voucher.objects.annotate(orders=Coalesce(Subquery(orders), 0)).exclude(used=F("orders"))
    for code, used, count in vouchers.values_list("code", "used", "orders"):
        yield f"Voucher {code} counts {used} uses, but {count} orders have it."


def paid_orders_have_their_money() -> Iterator[str]:
    """I5: an order is paid exactly when one payment of its amount and currency succeeded, or nothing was to pay."""
    fitting = Payment.objects.filter(
        order=OuterRef("pk"),
        status=Payment.SUCCEEDED,
        amount_received=OuterRef("total"),
        currency=OuterRef("currency"),
    )
    for number in Order.objects.filter(SETTLED, ~Exists(fitting), total__gt=0).values_list(
        "number", flat=True
    ):
        yield f"Order {number} counts as paid, but no payment brought its total."
    # Staff may have given late money back; then there is nothing left to decide.
    given_back = Refund.objects.filter(payment=OuterRef("pk")).exclude(status__in=Refund.FAILED)
    kept = fitting.exclude(Exists(given_back))
    unflagged = Order.objects.filter(~SETTLED, Exists(kept), needs_attention="")
    for number in unflagged.values_list("number", flat=True):
        yield f"Order {number} has its money, but is neither paid nor before staff."
    succeeded = Payment.objects.filter(order=OuterRef("pk"), status=Payment.SUCCEEDED).exclude(
        Exists(given_back)
    )
    count = succeeded.order_by().values("order").annotate(count=Count("pk")).values("count")
    twice = Order.objects.annotate(succeeded=Subquery(count)).filter(succeeded__gt=1, needs_attention="")
    for number in twice.values_list("number", flat=True):
        yield f"Order {number} was paid more than once, and staff do not know."


def orders_hold_their_stock() -> Iterator[str]:
    """I9: an open or paid order holds its lines' quantities but what refunds put back; a closed one holds nothing."""
    moved = (
        StockMovement.objects.filter(reference=OuterRef("order__number"), variant=OuterRef("variant"))
        .exclude(reason=StockMovement.Reason.ADJUST)
        .order_by()
        .values("variant")
        .annotate(held=Sum("delta"))
        .values("held")
    )
    put_back = (
        RefundLine.objects.filter(line=OuterRef("pk"), restocked=True)
        .order_by()
        .values("line")
        .annotate(sum=Sum("quantity"))
        .values("sum")
    )
    lines = OrderLine.objects.filter(variant__isnull=False).annotate(
        held=Value(0) - Coalesce(Subquery(moved, output_field=IntegerField()), 0),
        due=F("quantity") - Coalesce(Subquery(put_back, output_field=IntegerField()), 0),
    )
    holding = Q(order__status__in=(*Order.OPEN, *Order.SETTLED))
    wrong = lines.filter(holding & ~Q(held=F("due")) | ~holding & ~Q(held=0))
    for number, sku, due, held in wrong.values_list("order__number", "sku", "due", "held"):
        yield f"Order {number} holds {held} of {sku}; it should hold {due} while it is open or paid, else nothing."


def refunds_stay_within_what_was_received() -> Iterator[str]:
    """I6: the refunds of a payment that did not fail are not more than it received."""
    counting = Sum("refunds__amount", filter=~Q(refunds__status__in=Refund.FAILED))
    payments = Payment.objects.annotate(given_back=counting).filter(given_back__gt=F("amount_received"))
    for number, given_back, received in payments.values_list(
        "order__number", "given_back", "amount_received"
    ):
        yield f"Order {number} gave back {given_back} of {received} received."


def paid_orders_have_a_confirmation() -> Iterator[str]:
    """I8: a paid order has its confirmation queued. That it is queued once, the database itself demands."""
    confirmation = Mail.objects.filter(order=OuterRef("pk"), kind=Mail.Kind.PAID)
    for number in Order.objects.filter(SETTLED, ~Exists(confirmation)).values_list("number", flat=True):
        yield f"Order {number} is paid, but no confirmation is queued."


def states_have_their_timeline() -> Iterator[str]:
    """I10: an order's timeline tells how it came to be in its state."""
    told = Timeline.objects.filter(order=OuterRef("pk"), kind=OuterRef("status"))
    for number, status in Order.objects.filter(~Exists(told)).values_list("number", "status"):
        yield f"Order {number} is {status}, and its timeline does not say so."


def invoices_are_complete() -> Iterator[str]:
    """I15: a paid order has one invoice, a refund that counts one credit note that stands, and no number is missing."""
    invoice = Invoice.objects.filter(order=OuterRef("pk"), kind=Invoice.Kind.INVOICE)
    paid = Order.objects.filter(SETTLED)
    for number in paid.filter(~Exists(invoice)).values_list("number", flat=True):
        yield f"Order {number} is paid, but has no invoice."
    standing = Count("credit_notes", filter=Q(credit_notes__kind=Invoice.Kind.CREDIT_NOTE)) - Count(
        "credit_notes", filter=Q(credit_notes__kind=Invoice.Kind.REVERSAL)
    )
    refunds = Refund.objects.annotate(standing=standing)
    failed = Q(status__in=Refund.FAILED)
    wrong = refunds.filter(~failed & ~Q(standing=1) | failed & ~Q(standing=0))
    for pk, number, status, count in wrong.values_list("pk", "order__number", "status", "standing"):
        yield f"Refund {pk} of order {number} is {status}, but {count} credit notes of it stand."
    series = Invoice.objects.order_by().values("year").annotate(last=Max("position"), count=Count("pk"))
    for year, last, count in series.exclude(last=F("count")).values_list("year", "last", "count"):
        yield f"The invoices of {year} go up to {last}, but there are {count} of them."


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    stock_is_the_sum_of_its_movements,
    totals_are_the_sum_of_their_lines,
    vouchers_count_their_orders,
    paid_orders_have_their_money,
    refunds_stay_within_what_was_received,
    orders_hold_their_stock,
    paid_orders_have_a_confirmation,
    states_have_their_timeline,
    invoices_are_complete,
)
