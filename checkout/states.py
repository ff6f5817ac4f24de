"""The one place where the state of an order or a payment changes.

Every move is a conditional UPDATE that must hit its row, and a timeline row in the same transaction. Whoever comes
second hits nothing, is told so, and looks again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from checkout import mails, outbound
from checkout.facts import Intent
from checkout.models import Attention, Mail, Order, Payment, Timeline

Status = Order.Status
Kind = Timeline.Kind

# What may follow what. Out of `cancelled` and `expired` leads only money that came late.
MOVES: dict[str, frozenset[str]] = {
    Status.PLACED: frozenset({Status.PROCESSING, Status.PAID, Status.CANCELLED, Status.EXPIRED}),
    Status.PROCESSING: frozenset({Status.PLACED, Status.PAID}),
    Status.PAID: frozenset({Status.SHIPPED}),
    Status.SHIPPED: frozenset({Status.DELIVERED}),
    Status.DELIVERED: frozenset(),
    Status.CANCELLED: frozenset({Status.PAID}),
    Status.EXPIRED: frozenset({Status.PAID}),
}


class StaleOrderError(Exception):
    """The order is not in the state it was read in. Read it again and decide again."""


@dataclass(frozen=True)
class Actor:
    """Who does it: one of Timeline.Actor, and the user where there is one."""

    kind: str
    user: User | None = None


CUSTOMER = Actor(Timeline.Actor.CUSTOMER)
CUSTOMER_RETURNS = Actor(Timeline.Actor.RETURN)
WEBHOOK = Actor(Timeline.Actor.WEBHOOK)
SWEEP = Actor(Timeline.Actor.SWEEP)


def move(
    order: Order,
    to: str,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    data: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move an order from the state it was read in to `to`, set `fields` with it, and write the timeline.

    Raises StaleOrderError when it is in another state by now, ValueError for a move that MOVES does not have.
    """
    if to not in MOVES[order.status]:
        raise ValueError(f"An order cannot go from {order.status} to {to}.")
    with transaction.atomic():
        if not Order.objects.filter(pk=order.pk, status=order.status).update(status=to, **fields):
            raise StaleOrderError(order.number)
        note(order, kind, actor=actor, now=now, data=data)
    for name, value in {"status": to, **fields}.items():
        setattr(order, name, value)


def note(order: Order, kind: str, *, actor: Actor, now: datetime, data: dict[str, Any] | None = None) -> None:
    """Add a row to an order's timeline, and queue what other programs are told of it, in the caller's transaction."""
    entry = Timeline.objects.create(
        order=order, kind=kind, actor=actor.kind, user=actor.user, data=data or {}, at=now
    )
    outbound.queue(entry)


def flag(
    order: Order, reason: Attention, about: str, *, actor: Actor, now: datetime, data: dict[str, Any]
) -> None:
    """Put an order before staff, and write to them. The same reason about the same thing (an id, ours or Stripe's) is noted once."""
    facts = {**data, "reason": reason.value, "about": about}
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        known = Timeline.objects.filter(
            order=order, kind=Kind.ATTENTION, data__reason=reason.value, data__about=about
        )
        if known.exists():
            return
        Order.objects.filter(pk=order.pk).update(needs_attention=reason)
        note(order, Kind.ATTENTION, actor=actor, now=now, data=facts)
        mails.queue(order, Mail.Kind.ATTENTION, about=f"{reason} {about}", now=now)
    order.needs_attention = reason


def record_answer(payment: Payment, intent: Intent, *, asked_at: datetime, actor: Actor) -> None:
    """Write down what Stripe said about a payment, in a commit of its own, before anything is decided from it.

    Facts only move forward: `succeeded` is never overwritten, `canceled` only by it, and of answers that Stripe may still
    change one to an older question never replaces one to a newer. `asked_at` is when the question was asked.
    """
    rows = Payment.objects.filter(pk=payment.pk).exclude(status=Payment.SUCCEEDED)
    if intent.status != Payment.SUCCEEDED:
        rows = rows.exclude(status=Payment.CANCELED)
    if intent.status not in Payment.FINAL:
        rows = rows.filter(Q(asked_at=None) | Q(asked_at__lte=asked_at))
    with transaction.atomic():
        _note_decline(payment, intent, actor=actor, now=asked_at)
        if rows.update(asked_at=asked_at, **_facts(intent)) and intent.status == Payment.CANCELED:
            note(
                payment.order,
                Kind.PAYMENT_CLOSED,
                actor=actor,
                now=asked_at,
                data={"payment": str(payment.pk)},
            )
    payment.refresh_from_db()


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
    if fresh.update(error_reference=reference):
        data = {"code": intent.error.code, "last4": intent.error.last4}
        note(payment.order, Kind.DECLINED, actor=actor, now=now, data=data)
