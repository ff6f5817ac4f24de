"""Compares our payments and refunds with Stripe's, for one order or for all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from checkout.models import Order, Payment, Refund
from checkout.payments import gateway
from checkout.payments.reconcile import UNFINISHED
from checkout.payments.stripe_types import Intent, RefundFact
from shop.money import written

CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Fact:
    """The same thing as we have it and as Stripe has it, in words."""

    name: str
    ours: str
    stripes: str

    @property
    def differs(self) -> bool:
        """Tell whether the two disagree."""
        return self.ours != self.stripes


def facts(payment: Payment, intent: Intent) -> list[Fact]:
    """Return a payment's facts beside those of its PaymentIntent."""
    order = payment.order
    received = payment.amount_received
    return [
        Fact(_("PaymentIntent"), payment.intent_id, intent.id),
        Fact(_("Status"), payment.status, intent.status),
        Fact(_("Amount"), written(order.total, order.currency), written(intent.amount, intent.currency)),
        Fact(
            _("Received"),
            written(received, payment.currency),
            written(intent.amount_received, intent.currency),
        ),
        Fact(_("Order"), order.number, intent.order_number),
        Fact(_("Payment"), str(payment.pk), intent.payment_id),
        Fact(_("Last error"), payment.error_code, intent.error.code if intent.error else ""),
    ]


def open_orders() -> Iterator[tuple[Order, list[Fact]]]:
    """Ask Stripe about every open order and yield what differs, without changing anything.

    Raises StripeUnavailableError or StripeRefusedError, at any step.
    """
    payments = (
        Payment.objects.select_related("order").filter(order__status__in=Order.OPEN).exclude(intent_id="")
    )
    for payment in payments.order_by("order_id"):
        different = [
            fact for fact in facts(payment, gateway.retrieve_intent(payment.intent_id)) if fact.differs
        ]
        yield payment.order, different


def breaches(*, until: datetime) -> Iterator[str]:
    """Yield, as sentences, money at Stripe that no order knows, and orders whose money Stripe does not know.

    What was made after `until` is left out: it may be on its way. Raises StripeUnavailableError or
    StripeRefusedError, at any step.
    """
    first = Payment.objects.order_by("created_at").values_list("created_at", flat=True).first()
    since = (first or until) - CLOCKS_DIFFER
    yield from _intents(since, until)
    yield from _refunds(since, until)


def _intents(since: datetime, until: datetime) -> Iterator[str]:
    ours = {
        payment.intent_id: payment
        for payment in Payment.objects.select_related("order").exclude(intent_id="").iterator(1000)
    }
    seen = set()
    for intent in gateway.intents_since(since):
        seen.add(intent.id)
        if intent.created and intent.created <= until:
            yield from _intent(intent, ours.get(intent.id))
    for intent_id, payment in ours.items():
        if payment.status == Payment.SUCCEEDED and intent_id not in seen:
            yield f"Order {payment.order.number} counts {intent_id} as paid, and Stripe does not know it."


def _intent(intent: Intent, payment: Payment | None) -> Iterator[str]:
    money = written(intent.amount_received, intent.currency)
    paid = intent.status == Payment.SUCCEEDED
    if payment is None:
        if paid:
            yield f"Stripe has {money} with {intent.id}, and no order knows it."
        elif intent.payment_id and intent.status in UNFINISHED:
            yield f"{intent.id} could still be paid, and no order knows it."
        return
    number = payment.order.number
    if paid and (payment.status, payment.amount_received) != (intent.status, intent.amount_received):
        yield f"Stripe has {money} with {intent.id}; order {number} says {payment.status}."
    elif payment.status == Payment.SUCCEEDED and not paid:
        yield f"Order {number} counts {intent.id} as paid; Stripe says {intent.status}."
    elif payment.order.is_closed and intent.status in UNFINISHED:
        yield f"{intent.id} could still be paid, and order {number} is closed."


def _refunds(since: datetime, until: datetime) -> Iterator[str]:
    ours = {
        row.refund_id: row
        for row in Refund.objects.select_related("order").exclude(refund_id="").iterator(1000)
    }
    seen = set()
    for fact in gateway.refunds_since(since):
        seen.add(fact.id)
        if fact.created <= until:
            yield from _refund(fact, ours.get(fact.id))
    for refund_id, row in ours.items():
        if row.counts and refund_id not in seen:
            yield f"Order {row.order.number} counts the refund {refund_id}, and Stripe does not know it."


def _refund(fact: RefundFact, row: Refund | None) -> Iterator[str]:
    money = written(fact.amount, fact.currency)
    if row is None:
        yield f"Stripe gave back {money} with {fact.id}, and no order knows it."
    elif (row.status, row.amount) != (fact.status, fact.amount):
        yield f"Stripe says {fact.status} of {fact.id} ({money}); order {row.order.number} says {row.status}."
