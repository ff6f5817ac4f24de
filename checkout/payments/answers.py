"""The one place where the status of a payment changes: Stripe's answer is stored.

Every write is a conditional UPDATE, so that whoever comes second, or late, changes nothing.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from checkout.models import Payment
from checkout.orders.transitions import Actor, Kind, note
from checkout.payments.stripe_types import Intent


def record_answer(payment: Payment, intent: Intent, *, asked_at: datetime, actor: Actor) -> None:
    """Write down what Stripe said about a payment, in a commit of its own, before anything is decided from it.

    Facts only move forward: `succeeded` is never overwritten, `canceled` only by it, and of answers that Stripe may still
    change one to an older question never replaces one to a newer. `asked_at` is when the question was asked. `payment` is
    brought up to date.
    """
    if payment.status == Payment.SUCCEEDED:
        return  # nothing follows that
    rows = Payment.objects.filter(pk=payment.pk).exclude(status=Payment.SUCCEEDED)
    if intent.status != Payment.SUCCEEDED:
        rows = rows.exclude(status=Payment.CANCELED)
    if intent.status not in Payment.FINAL:
        rows = rows.filter(Q(asked_at=None) | Q(asked_at__lte=asked_at))
    facts = {"asked_at": asked_at, **_facts(intent)}
    _note_decline(payment, intent, actor=actor, now=asked_at)
    if intent.status == Payment.CANCELED:
        is_news = _close(rows, facts, payment, actor=actor, now=asked_at)
    else:
        is_news = bool(rows.update(**facts))
    if not is_news:
        payment.refresh_from_db()
        return
    for name, value in facts.items():
        setattr(payment, name, value)


def _close(
    rows: QuerySet[Payment], facts: dict[str, Any], payment: Payment, *, actor: Actor, now: datetime
) -> bool:
    with transaction.atomic():
        is_news = bool(rows.update(**facts))
        if is_news:
            data = {"payment": str(payment.pk)}
            note(payment.order, Kind.PAYMENT_CLOSED, actor=actor, now=now, data=data)
    return is_news


def close_unmade(payment: Payment, *, actor: Actor, now: datetime) -> None:
    """Close a payment for which Stripe made no PaymentIntent and never will, once."""
    unmade = Payment.objects.filter(pk=payment.pk, intent_id="").exclude(status__in=Payment.FINAL)
    with transaction.atomic():
        if unmade.update(status=Payment.CANCELED, asked_at=now):
            data = {"payment": str(payment.pk), "reason": "never made"}
            note(payment.order, Kind.PAYMENT_CLOSED, actor=actor, now=now, data=data)
    payment.refresh_from_db()


def _facts(intent: Intent) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "intent_id": intent.id,
        "status": intent.status,
        "amount_received": intent.amount_received,
        "error_code": intent.error.code if intent.error else "",
        "slip_url": intent.slip.url if intent.slip else "",
        "slip_expires_at": intent.slip.expires_at if intent.slip else None,
    }
    if intent.method:
        facts |= {
            "method_type": intent.method.type,
            "method_brand": intent.method.brand,
            "method_last4": intent.method.last4,
        }
    return facts


def _note_decline(payment: Payment, intent: Intent, *, actor: Actor, now: datetime) -> None:
    if intent.error is None:
        return
    reference = f"{intent.error.code} {intent.error.reference}"[:255]
    fresh = (
        Payment.objects.filter(pk=payment.pk)
        .exclude(status__in=Payment.FINAL)
        .exclude(error_reference=reference)
    )
    with transaction.atomic():
        if fresh.update(error_reference=reference):
            data = {"code": intent.error.code, "last4": intent.error.last4}
            note(payment.order, Kind.DECLINED, actor=actor, now=now, data=data)
