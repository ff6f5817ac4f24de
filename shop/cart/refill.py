"""Fills a cart with what was bought before, as far as it is still sold."""

from collections.abc import Sequence
from typing import NamedTuple

from shop import stock
from shop.cart.lines import available
from shop.cart.review import Change
from shop.models import Cart, CartLine, Variant


class Wanted(NamedTuple):
    """What a cart shall hold: a variant (None where it is gone for good), what it was called, how many, and at which price."""

    variant_id: int | None
    title: str
    quantity: int
    unit_price: int


def up_to(cart: Cart, wanted: Sequence[Wanted]) -> tuple[Change, ...]:
    """Let a cart hold at least these quantities, as far as there are so many, and return what is not as wanted.

    Doing it twice changes nothing more. A fixed number of SQL statements, in the caller's transaction.
    """
    cart = Cart.objects.select_for_update().get(pk=cart.pk)
    ids = [line.variant_id for line in wanted if line.variant_id]
    on_sale = Variant.objects.filter(product__is_published=True).select_related("product").in_bulk(ids)
    held = stock.held(cart.held_by) if cart.held_by else {}
    rows = CartLine.objects.filter(cart=cart, variant__in=ids).order_by("pk").select_for_update()
    there = dict(rows.values_list("variant_id", "quantity"))
    changes: list[Change] = []
    new: list[CartLine] = []
    for line in wanted:
        variant = on_sale.get(line.variant_id or 0)
        if variant is None:
            changes.append(Change("gone", line.title))
            continue
        most = min(line.quantity, available(variant, held))
        changes += _differences(line, variant, max(most, there.get(variant.pk, 0)))
        if most > there.get(variant.pk, 0):
            new.append(_line(cart, variant, most))
    CartLine.objects.bulk_create(
        new, update_conflicts=True, unique_fields=["cart", "variant"], update_fields=["quantity"]
    )
    return tuple(changes)


def _differences(line: Wanted, variant: Variant, quantity: int) -> list[Change]:
    """Return what is not as wanted of a variant of which the cart has a quantity now."""
    if quantity == 0:
        return [Change("sold_out", variant.full_title)]
    found = []
    if quantity < line.quantity:
        found.append(Change("quantity", variant.full_title, line.quantity, quantity))
    if variant.price != line.unit_price:
        found.append(Change("price", variant.full_title, line.unit_price, variant.price))
    return found


def _line(cart: Cart, variant: Variant, quantity: int) -> CartLine:
    return CartLine(
        cart=cart, variant=variant, title=variant.full_title, quantity=quantity, seen_price=variant.price
    )
