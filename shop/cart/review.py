"""Reviews a cart: current prices and stock, and what changed line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db.models import F, Prefetch

from shop import stock
from shop.cart.lines import available
from shop.models import Cart, CartLine, ProductImage, Variant

# As Product.pictures.
PICTURES = Prefetch("variant__product__images", to_attr="image_list")


@dataclass(frozen=True)
class Line:
    """A line as it is worth now. Prices in minor units; `available` is the most one may choose."""

    id: int
    variant: Variant
    quantity: int
    available: int

    @property
    def cover(self) -> ProductImage | None:
        """Return the first picture of the product."""
        return next(iter(self.variant.product.image_list), None)

    @property
    def cover_url(self) -> str:
        """Return the address of the cover, small, or nothing."""
        return self.cover.small_url if self.cover else ""

    @property
    def unit_price(self) -> int:
        """Return the price of one."""
        return self.variant.price

    @property
    def total(self) -> int:
        """Return the price of all."""
        return self.variant.price * self.quantity


@dataclass(frozen=True)
class Change:
    """What became different since the cart's owner last saw it. `before` and `after` are prices or quantities."""

    kind: Literal["price", "quantity", "sold_out", "gone"]
    title: str
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Review:
    """A cart as it stands now, and what changed."""

    lines: tuple[Line, ...]
    changes: tuple[Change, ...]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def count(self) -> int:
        """Return how many products."""
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> int:
        """Return what they cost, in minor units."""
        return sum(line.total for line in self.lines)

    @property
    def needs_delivery(self) -> bool:
        """Tell whether anything must be sent."""
        return any(not line.variant.is_digital for line in self.lines)


def of_cart(cart: Cart, *, with_pictures: bool = True) -> Review:
    """Look again at every line: take out what is gone, lower what is short, and say what changed since last time.

    What is told once is not told again: the cart remembers that its owner has seen it. Without pictures, its lines cannot
    show their covers.
    """
    # With the order that holds stock for the cart now: another tab may have placed it since it was read.
    found_lines = cart.lines.annotate(held_by=F("cart__held_by")).select_related("variant__product")
    rows = list(found_lines.prefetch_related(PICTURES) if with_pictures else found_lines)
    held = stock.held(rows[0].held_by) if rows and rows[0].held_by else {}
    lines: list[Line] = []
    changes: list[Change] = []
    for row in rows:
        line, found = _review_line(row, held)
        changes += found
        if line:
            lines.append(line)
        if found:
            _remember_seen(row, line)
    return Review(tuple(lines), tuple(changes))


def _review_line(row: CartLine, held: Mapping[int, int]) -> tuple[Line | None, list[Change]]:
    variant = row.variant
    if variant is None or not variant.product.is_published:
        return None, [Change("gone", row.title)]
    most = available(variant, held)
    if most == 0:
        return None, [Change("sold_out", variant.full_title)]
    changes = []
    if variant.price != row.seen_price:
        changes.append(Change("price", variant.full_title, row.seen_price, variant.price))
    if row.quantity > most:
        changes.append(Change("quantity", variant.full_title, row.quantity, most))
    return Line(row.pk, variant, min(row.quantity, most), most), changes


def _remember_seen(row: CartLine, line: Line | None) -> None:
    # Only if the line is still as we read it: the customer may be changing it in another tab.
    unchanged = CartLine.objects.filter(pk=row.pk, quantity=row.quantity)
    if line is None:
        unchanged.delete()
    else:
        unchanged.update(quantity=line.quantity, seen_price=line.unit_price)
