"""The cart: put in, change, take out, bring together, and look again at prices and stock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop import stock
from shop.cart import rows as cart_rows
from shop.cart.rows import Seen
from shop.errors import ShopError
from shop.models import Cart, CartLine, ProductImage, Variant


class InvalidQuantityError(ShopError):
    """A quantity that is no whole number from 1 to MAX_LINE_QUANTITY."""

    code = "invalid_quantity"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("Choose a whole number from 1 to %d.") % settings.MAX_LINE_QUANTITY)


class UnknownVariantError(ShopError):
    """No such variant is for sale: it never was, or it is not published."""

    code = "unknown_variant"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("We do not sell this edition, or not any more."))


class UnknownLineError(ShopError):
    """The cart has no such line."""

    code = "unknown_line"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("That book is not in your cart any more."))


class SoldOutError(ShopError):
    """Nothing is left of it."""

    code = "sold_out"

    def __init__(self, variant: Variant) -> None:
        super().__init__(_("%(title)s is sold out.") % {"title": full_title(variant)})


class TooManyError(ShopError):
    """Fewer are left than were asked for. `available` says how many one may choose, `in_cart` how many one has."""

    code = "not_enough_stock"

    def __init__(self, variant: Variant, available: int, in_cart: int = 0) -> None:
        only = ngettext(
            "There is only %(left)d of %(title)s.", "There are only %(left)d of %(title)s.", available
        ) % {"left": available, "title": full_title(variant)}
        if available == settings.MAX_LINE_QUANTITY:
            only = _("We sell at most %(left)d of %(title)s.") % {
                "left": available,
                "title": full_title(variant),
            }
        if in_cart:
            way_out = (
                ngettext("%d is in your cart already.", "%d are in your cart already.", in_cart) % in_cart
            )
        elif available == 1:
            way_out = _("Choose 1.")
        else:
            way_out = _("Choose %d or fewer.") % available
        super().__init__(f"{only} {way_out}")
        self.available = available


@dataclass(frozen=True)
class Line:
    """A line as it is worth now. Prices in minor units; `available` is the most one may choose."""

    id: int
    variant: Variant
    quantity: int
    available: int
    cover: ProductImage | None = None

    @property
    def cover_url(self) -> str:
        """Return the address of the book's cover, small, or nothing."""
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
        """Return how many books."""
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> int:
        """Return what they cost, in minor units."""
        return sum(line.total for line in self.lines)

    @property
    def needs_delivery(self) -> bool:
        """Tell whether anything must be sent."""
        return any(not line.variant.is_digital for line in self.lines)


def full_title(variant: Variant) -> str:
    """Return title and edition, as in “Walden, paperback”."""
    return f"{variant.product.title}, {variant.name_inside}"


# In plain SQL: every page asks for it, and to build the query would cost more than to answer it.
_COUNT = "SELECT coalesce(sum(quantity), 0) FROM shop_cartline WHERE cart_id = %s"
_COUNT_BY_TOKEN = _COUNT.replace("%s", "(SELECT id FROM shop_cart WHERE token = %s)")
_COUNT_BY_USER = _COUNT.replace("%s", "(SELECT id FROM shop_cart WHERE user_id = %s)")


def count(cart_id: int) -> int:
    """Return how many books are in a cart."""
    return _counted(_COUNT, cart_id)


def count_by_token(token: str) -> int:
    """Return how many books are in a visitor's cart; 0 where there is no such cart."""
    return _counted(_COUNT_BY_TOKEN, token)


def count_by_user(user_id: int) -> int:
    """Return how many books are in a user's cart; 0 where there is none."""
    return _counted(_COUNT_BY_USER, user_id)


def _counted(sql: str, parameter: int | str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [parameter])
        return int(cursor.fetchone()[0])


def add(cart: Cart, variant_id: int, quantity: int) -> CartLine:
    """Put `quantity` more of a variant into the cart and return its line.

    Raises InvalidQuantityError, UnknownVariantError, SoldOutError or TooManyError; then nothing changed.
    """
    with transaction.atomic():
        return add_within(cart, variant_id, quantity)


def add_within(cart: Cart, variant_id: int, quantity: int) -> CartLine:
    """Do the same as a part of a transaction, which what it raises must end."""
    if not 1 <= quantity <= settings.MAX_LINE_QUANTITY:
        raise InvalidQuantityError
    variant, held = cart_rows.for_sale(variant_id, cart.pk)
    if variant is None:
        raise UnknownVariantError
    line = _raise_quantity(cart, variant, quantity)
    _check_available(variant, held, line.quantity, in_cart=line.quantity - quantity)
    return line


def _raise_quantity(cart: Cart, variant: Variant, quantity: int) -> CartLine:
    """Add to the variant's line or make it, in one statement: two tabs that add at once end with both in one line."""
    line = CartLine(cart=cart, variant=variant, title=full_title(variant), seen_price=variant.price)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shop_cartline (cart_id, variant_id, title, quantity, seen_price) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = shop_cartline.quantity + excluded.quantity"
            " RETURNING id, title, quantity, seen_price",
            [cart.pk, variant.pk, line.title, quantity, line.seen_price],
        )
        line.pk, line.title, line.quantity, line.seen_price = cursor.fetchone()
    return line


def change(cart: Cart, line_id: int, quantity: int) -> str:
    """Set a line's quantity, 0 takes it out; return the line's title.

    Raises InvalidQuantityError, UnknownLineError, SoldOutError or TooManyError; then nothing changed.
    """
    if not 0 <= quantity <= settings.MAX_LINE_QUANTITY:
        raise InvalidQuantityError
    lines = CartLine.objects.filter(cart=cart, pk=line_id)
    line = lines.select_related("variant__product").first()
    if line is None:
        raise UnknownLineError
    if quantity == 0:
        lines.delete()
    elif line.variant is None:
        raise UnknownLineError
    else:
        _check_available(line.variant, stock.held(cart.held_by) if cart.held_by else {}, quantity)
        lines.update(quantity=quantity)
    return line.title


def _check_available(variant: Variant, held: Mapping[int, int], quantity: int, in_cart: int = 0) -> None:
    # What an order placed from this cart already took is still the customer's to choose.
    available = _available(variant, held)
    if quantity <= available:
        return
    if available == 0:
        raise SoldOutError(variant)
    raise TooManyError(variant, available, in_cart)


def _available(variant: Variant, held: Mapping[int, int]) -> int:
    return min(variant.stock + held.get(variant.pk, 0), settings.MAX_LINE_QUANTITY)


def review(cart: Cart) -> Review:
    """Look again at every line: take out what is gone, lower what is short, and say what changed since last time.

    What is told once is not told again: the cart remembers that its owner has seen it.
    """
    rows, held = cart_rows.lines(cart.pk)
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


def _review_line(row: Seen, held: Mapping[int, int]) -> tuple[Line | None, list[Change]]:
    variant = row.variant
    if variant is None or not variant.product.is_published:
        return None, [Change("gone", row.title)]
    available = _available(variant, held)
    if available == 0:
        return None, [Change("sold_out", full_title(variant))]
    changes = []
    if variant.price != row.seen_price:
        changes.append(Change("price", full_title(variant), row.seen_price, variant.price))
    if row.quantity > available:
        changes.append(Change("quantity", full_title(variant), row.quantity, available))
    return Line(row.pk, variant, min(row.quantity, available), available, row.cover), changes


def _remember_seen(row: Seen, line: Line | None) -> None:
    # Only if the line is still as we read it: the customer may be changing it in another tab.
    unchanged = CartLine.objects.filter(pk=row.pk, quantity=row.quantity)
    if line is None:
        unchanged.delete()
    else:
        unchanged.update(quantity=line.quantity, seen_price=line.unit_price)


def take_out(cart: Cart, quantities: Mapping[int, int]) -> None:
    """Take what was bought, `{variant id: quantity}`, out of the cart; what was added since stays."""
    for variant_id, quantity in sorted(quantities.items()):
        lines = CartLine.objects.filter(cart=cart, variant_id=variant_id)
        if not lines.filter(quantity__gt=quantity).update(quantity=F("quantity") - quantity):
            lines.delete()


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
