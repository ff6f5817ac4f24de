"""Disputes: recorded and shown to staff. Nothing is refunded automatically."""

from datetime import datetime

from django.db import transaction

from checkout.models import Attention, Dispute, Payment
from checkout.orders import transitions
from checkout.orders.transitions import Actor, Kind
from checkout.payments import gateway
from checkout.payments.stripe_types import DisputeFact


def sync(payment: Payment, dispute_id: str, *, actor: Actor, now: datetime) -> None:
    """Ask Stripe about a dispute of a payment and write down what it says.

    Raises StripeUnavailableError or StripeRefusedError.
    """
    record(payment, gateway.retrieve_dispute(dispute_id), actor=actor, now=now)


def record(payment: Payment, fact: DisputeFact, *, actor: Actor, now: datetime) -> None:
    """Write down how a dispute stands, and tell staff when it is opened and when it is decided."""
    with transaction.atomic():
        row, is_new = Dispute.objects.select_for_update().get_or_create(
            dispute_id=fact.id,
            defaults={
                "order_id": payment.order_id,
                "payment": payment,
                "status": "",
                "amount": fact.amount,
                "currency": fact.currency,
                "created_at": fact.created,
            },
        )
        if row.asked_at is not None and row.asked_at > now:
            return
        before = row.status
        Dispute.objects.filter(pk=row.pk).update(
            status=fact.status, amount=fact.amount, reason=fact.reason, due_by=fact.due_by, asked_at=now
        )
        data = {
            "amount": fact.amount,
            "currency": fact.currency,
            "status": fact.status,
            "reason": fact.reason,
        }
        if is_new:
            transitions.note(payment.order, Kind.DISPUTED, actor=actor, now=now, data=data)
            transitions.flag(payment.order, Attention.DISPUTED, fact.id, actor=actor, now=now, data=data)
        if fact.status in Dispute.CLOSED and before != fact.status:
            transitions.note(payment.order, Kind.DISPUTE_CLOSED, actor=actor, now=now, data=data)
