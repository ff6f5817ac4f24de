"""Orders for tests, made as the shop makes them."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from checkout.models import DeliveryOption, Order, Payment, Refund
from checkout.orders import invoices
from checkout.orders.address import Address
from checkout.orders.transitions import CUSTOMER_RETURNS
from checkout.payments.reconcile import settle
from checkout.payments.stripe_types import Intent, PaymentError, PaymentMethod
from checkout.purchase import placing
from checkout.purchase.placing import Terms
from shop.cart import lines as carts
from shop.models import Cart, Variant

NOW = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)

ADDRESS = Address(
    full_name="Alice Liddell", line1="Oudegracht 12", city="Utrecht", postal_code="3511 AB", country="NL"
)

FORM = {
    "full_name": "Alice Liddell",
    "line1": "Oudegracht 12",
    "line2": "",
    "city": "Utrecht",
    "region": "",
    "postal_code": "3511 AB",
    "country": "NL",
    "phone": "",
    "delivery": "post",
}

ADDRESS_JSON = {name: FORM[name] for name in FORM if name != "delivery"}

VISA = PaymentMethod("card", "visa", "4242")
DECLINED = PaymentError("insufficient_funds", "9995", "ch_declined")


def offer_delivery() -> None:
    """Offer what the migrations offer: a test with real transactions empties the tables after itself."""
    migration = import_module("checkout.migrations.0002_delivery_options")
    for facts in migration.OPTIONS:
        DeliveryOption.objects.get_or_create(code=facts["code"], defaults=facts)


def fill_cart(user: User, *wanted: tuple[Variant, int]) -> Cart:
    """Put `(variant, quantity)` pairs into a user's cart."""
    cart, _created = Cart.objects.get_or_create(user=user, defaults={"created_at": NOW})
    for variant, quantity in wanted:
        carts.add(cart, variant.pk, quantity)
    return cart


def place(user: User, *wanted: tuple[Variant, int], now: datetime = NOW, **changes: Any) -> Order:
    """Fill the user's cart and place it for what it costs."""
    cart = fill_cart(user, *wanted)
    agreement = placing.agree(cart, Terms(ADDRESS.country))
    facts: dict[str, Any] = {
        "user": user,
        "cart": cart,
        "address": ADDRESS,
        "delivery": "",
        "total_shown": agreement.totals.total,
        "now": now,
        **changes,
    }
    return placing.place(**facts)


def intent_for(payment: Payment, status: str = "succeeded", **changes: Any) -> Intent:
    """Return what Stripe would say about a payment."""
    paid = status == "succeeded"
    intent = Intent(
        id=payment.intent_id or f"pi_{payment.pk.hex}",
        status=status,
        amount=payment.amount,
        amount_received=payment.amount if paid else 0,
        currency=payment.currency,
        livemode=settings.STRIPE.livemode,
        order_number=payment.order.number,
        payment_id=str(payment.pk),
        client_secret="pi_secret",
        error=None,
        method=VISA if paid else None,
    )
    return replace(intent, **changes)


def hear(payment: Payment, status: str = "succeeded", *, now: datetime = NOW, **changes: Any) -> Order:
    """Settle an answer of Stripe's and return the order as it is then."""
    settle(payment, intent_for(payment, status, **changes), actor=CUSTOMER_RETURNS, now=now)
    return Order.objects.get(pk=payment.order_id)


def pay(order: Order, *, now: datetime = NOW) -> Order:
    """Pay an order as Stripe would tell it."""
    return hear(order.payments.get(), now=now)


def write_refund(**facts: Any) -> Refund:
    """Write a refund as it would stand after Stripe's answer, with its credit note where it counts."""
    with transaction.atomic():
        row: Refund = Refund.objects.create(**facts)
        invoices.follow(row, counts=row.counts, now=row.created_at)
    return row
