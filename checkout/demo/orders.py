"""Orders of the past for a demonstration: plausible, many, and with books that hold.

Their payments exist here only, so `check_books --stripe` names them; everything else takes them for what they say.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import User
from checkout.models import Mail, Order, OrderLine, Payment, Timeline
from checkout.orders import invoices
from checkout.orders.numbers import random_number
from shop import stock
from shop.models import Variant

BATCH = 1000
DOMAIN = "demo.example"
ORDERS_EACH = 4
DELIVERY = 450
# How many of a hundred orders end how, and what their timelines tell.
ENDS = {
    Order.Status.PAID: (20, ["placed", "paid"]),
    Order.Status.SHIPPED: (15, ["placed", "paid", "shipped"]),
    Order.Status.DELIVERED: (55, ["placed", "paid", "shipped", "delivered"]),
    Order.Status.EXPIRED: (7, ["placed", "expired"]),
    Order.Status.CANCELLED: (3, ["placed", "cancelled"]),
}


@dataclass
class Batch:
    """The rows of some orders, before they are written."""

    orders: list[Order] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    timeline: list[Timeline] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    held: dict[str, dict[int, int]] = field(default_factory=dict)


def load(count: int, *, now: datetime) -> Iterator[int]:
    """Add what is missing of `count` orders of invented customers; yield how many each batch added."""
    there = Order.objects.filter(email__endswith=f"@{DOMAIN}").count()
    variants = list(Variant.objects.select_related("product").order_by("pk")[:500])
    for start in range(there, count, BATCH):
        size = min(BATCH, count - start)
        with transaction.atomic():
            _write(_batch(start, size, variants, now), now)
        yield size


def _batch(start: int, size: int, variants: list[Variant], now: datetime) -> Batch:
    chance = random.Random(start)  # noqa: S311 - a demonstration, the same each time
    customers = _customers(start, size)
    batch = Batch()
    for number in range(size):
        _add(batch, customers[number // ORDERS_EACH], chance, variants, now)
    return batch


def _customers(start: int, size: int) -> list[User]:
    emails = [
        f"customer{start // ORDERS_EACH + number}@{DOMAIN}" for number in range(-(-size // ORDERS_EACH))
    ]
    known = User.objects.in_bulk(emails, field_name="email")
    missing = [User(email=email, password="!") for email in emails if email not in known]  # noqa: S106 - nobody can log in
    known |= {user.email: user for user in User.objects.bulk_create(missing)}
    return [known[email] for email in emails]


def _add(batch: Batch, user: User, chance: random.Random, variants: list[Variant], now: datetime) -> None:
    [status] = chance.choices(list(ENDS), weights=[weight for weight, _kinds in ENDS.values()])
    placed_at = now - timedelta(minutes=chance.randint(60, 60 * 24 * 365))
    chosen = {
        variant: chance.choice([1, 1, 1, 2]) for variant in chance.sample(variants, chance.randint(1, 3))
    }
    order = _order(user, status, chosen, placed_at)
    batch.orders.append(order)
    batch.lines += [_line(order, variant, quantity) for variant, quantity in chosen.items()]
    batch.held[order.number] = {variant.pk: quantity for variant, quantity in chosen.items()}
    batch.payments.append(_payment(order, placed_at))
    for step, kind in enumerate(ENDS[status][1]):
        at = placed_at + timedelta(minutes=4) * step
        batch.timeline.append(
            Timeline(order=order, kind=kind, actor="customer" if kind == "placed" else "sweep", at=at)
        )
    if order.is_paid:
        batch.mails.append(Mail(order=order, kind=Mail.Kind.PAID, queued_at=placed_at, sent_at=placed_at))


def _order(user: User, status: str, chosen: dict[Variant, int], placed_at: datetime) -> Order:
    subtotal = sum(variant.price * quantity for variant, quantity in chosen.items())
    return Order(
        number=random_number(),
        user=user,
        email=user.email,
        status=status,
        currency=settings.STORE_CURRENCY,
        subtotal=subtotal,
        delivery=DELIVERY,
        total=subtotal + DELIVERY,
        delivery_name="Post",
        full_name="A customer of the past",
        line1="Oudegracht 12",
        city="Utrecht",
        postal_code="3511 AB",
        country="NL",
        placed_at=placed_at,
        expires_at=placed_at + timedelta(minutes=settings.ORDER_TTL_MINUTES),
        paid_at=placed_at + timedelta(minutes=4) if status in Order.SETTLED else None,
    )


def _line(order: Order, variant: Variant, quantity: int) -> OrderLine:
    return OrderLine(
        order=order,
        variant=variant,
        sku=variant.sku,
        title=variant.product.title,
        edition=variant.name,
        is_digital=variant.is_digital,
        quantity=quantity,
        unit_price=variant.price,
    )


def _payment(order: Order, at: datetime) -> Payment:
    payment = Payment(order=order, amount=order.total, currency=order.currency, created_at=at, asked_at=at)
    payment.intent_id = f"pi_demo_{payment.pk.hex}"
    payment.status = Payment.SUCCEEDED if order.is_paid else Payment.CANCELED
    if order.is_paid:
        payment.amount_received, payment.method_type = order.total, "card"
        payment.method_brand, payment.method_last4 = "visa", "4242"
    return payment


def _write(batch: Batch, now: datetime) -> None:
    Order.objects.bulk_create(batch.orders)
    OrderLine.objects.bulk_create(batch.lines)
    Payment.objects.bulk_create(batch.payments)
    Timeline.objects.bulk_create(batch.timeline)
    Mail.objects.bulk_create(batch.mails)
    stock.record_past(batch.held, [order.number for order in batch.orders if order.is_closed], now=now)
    invoices.write([order for order in batch.orders if order.is_paid], now=now)
