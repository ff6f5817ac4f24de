"""The one place where the status of an order changes.

Every move is a conditional UPDATE that must hit its row, and a timeline row in the same transaction. Whoever comes
second hits nothing, is told so, and looks again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from checkout.messages import mails, webhook_events
from checkout.models import Attention, Flag, Mail, Order, Timeline
from checkout.models.orders import gravest_first

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
    with transaction.atomic(savepoint=False):
        is_moved = Order.objects.filter(pk=order.pk, status=order.status).update(status=to, **fields)
        if is_moved:
            note(order, kind, actor=actor, now=now, data=data)
    if not is_moved:
        raise StaleOrderError(order.number)
    for name, value in {"status": to, **fields}.items():
        setattr(order, name, value)


def note(order: Order, kind: str, *, actor: Actor, now: datetime, data: dict[str, Any] | None = None) -> None:
    """Add a row to an order's timeline, and queue what other programs are told of it, in the caller's transaction."""
    entry = Timeline.objects.create(
        order=order, kind=kind, actor=actor.kind, user=actor.user, data=data or {}, at=now
    )
    webhook_events.queue(entry)


def flag(
    order: Order, reason: Attention, about: str, *, actor: Actor, now: datetime, data: dict[str, Any]
) -> None:
    """Put an order before staff, and write to them. The same reason about the same thing (an id, ours or Stripe's) is noted once."""
    facts = {**data, "reason": reason.value, "about": about}
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order.pk)
        _flag, is_new = Flag.objects.get_or_create(
            order=order, reason=reason, about=about[:255], defaults={"facts": facts, "raised_at": now}
        )
        if not is_new:
            return
        _sum_up(order)
        note(order, Kind.ATTENTION, actor=actor, now=now, data=facts)
        mails.queue(order, Mail.Kind.ATTENTION, about=f"{reason} {about}", now=now)


def settle_flag(flag: Flag, words: str, *, actor: Actor, now: datetime) -> None:
    """Note that one of an order's flags is settled, in the caller's transaction; its others stay open."""
    Flag.objects.filter(pk=flag.pk).update(settled_at=now, settled_by=actor.user)
    _sum_up(flag.order)
    data = {"reason": flag.reason, "about": flag.about, "words": words}
    note(flag.order, Kind.RESOLVED, actor=actor, now=now, data=data)


def _sum_up(order: Order) -> None:
    flags = gravest_first(Flag.objects.filter(order=order, settled_at=None))
    order.needs_attention = flags[0].reason if flags else ""
    Order.objects.filter(pk=order.pk).update(needs_attention=order.needs_attention)
