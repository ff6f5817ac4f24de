"""Merges a visitor's cart into the user's at log-in."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from shop.models import Cart, CartLine


@dataclass(frozen=True)
class Merged:
    """What came of bringing two carts together: how many lines came over, and titles cut to the most we sell."""

    lines: int
    limited: tuple[str, ...]


def merge(visitor: Cart, user_id: int, *, now: datetime) -> Merged:
    """Bring a visitor's cart into a user's, within MAX_LINE_QUANTITY of each, and let the visitor's go.

    Safe to run twice at once: the second finds the visitor's cart gone and moves nothing.
    """
    with transaction.atomic():
        own, _created = Cart.objects.get_or_create(user_id=user_id, defaults={"created_at": now})
        locked = Cart.objects.select_for_update().filter(pk__in=[own.pk, visitor.pk]).order_by("pk")
        if len(locked) < 2:
            return Merged(0, ())
        moved = list(CartLine.objects.filter(cart=visitor))
        limited = tuple(line.title for line in moved if not _merge_line(line, own))
        visitor.delete()
    return Merged(len(moved), limited)


def _merge_line(line: CartLine, own: Cart) -> bool:
    """Move one line and tell whether all of it found room."""
    same = CartLine.objects.filter(cart=own, variant=line.variant).first() if line.variant_id else None
    if same is None:
        CartLine.objects.filter(pk=line.pk).update(cart=own)
        return True
    wanted = same.quantity + line.quantity
    CartLine.objects.filter(pk=same.pk).update(quantity=min(wanted, settings.MAX_LINE_QUANTITY))
    return wanted <= settings.MAX_LINE_QUANTITY
