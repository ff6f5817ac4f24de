"""Carts and their lines as they are stored, read by plain SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from shop import stock
from shop.catalogue.rows import FIRST_PICTURE, Reader
from shop.models import Cart, Product, ProductImage, Variant

_carts = Reader(Cart, "c")


def of_visitor(token: str) -> Cart | None:
    """Return the cart with this token."""
    return _cart("c.token = %s", token)


def of_user(user_id: int) -> Cart | None:
    """Return a user's cart."""
    return _cart("c.user_id = %s", user_id)


def _cart(condition: str, parameter: int | str) -> Cart | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_carts.columns} FROM shop_cart c WHERE {condition}", [parameter])
        row = cursor.fetchone()
    return _carts.read(row) if row else None


def of_new_visitor(token: str, *, now: datetime) -> Cart:
    """Make a cart with this token."""
    cart = Cart(token=token, created_at=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shop_cart (token, held_by, created_at) VALUES (%s, '', %s) RETURNING id",
            [token, connection.ops.adapt_datetimefield_value(now)],
        )
        cart.pk = cursor.fetchone()[0]
    cart._state.adding = False  # noqa: SLF001 - as save() does
    return cart


class Seen(NamedTuple):
    """A line as it is stored, and what it is of now; without a variant where that was deleted."""

    pk: int
    title: str
    quantity: int
    seen_price: int
    variant: Variant | None
    cover: ProductImage | None


_variants, _images = Reader(Variant, "v"), Reader(ProductImage, "i")
_products = Reader(Product, "p", "id", "slug", "title", "author", "is_published")
_FOR_SALE = f"""
    SELECT {stock.HELD_BY_CART}, {_variants.columns}, {_products.columns}
    FROM shop_variant v JOIN shop_product p ON p.id = v.product_id LEFT JOIN shop_cart c ON c.id = %s
    WHERE v.id = %s AND p.is_published
"""
# With what the cart's open order holds of each, and the first picture of its book.
_LINES = f"""
    SELECT l.id, l.title, l.quantity, l.seen_price, {stock.HELD_BY_CART},
        {_variants.columns}, {_products.columns}, {_images.columns}
    FROM shop_cartline l JOIN shop_cart c ON c.id = l.cart_id
    LEFT JOIN shop_variant v ON v.id = l.variant_id LEFT JOIN shop_product p ON p.id = v.product_id
    {FIRST_PICTURE}
    WHERE l.cart_id = %s ORDER BY l.id
"""


def lines(cart_id: int) -> tuple[list[Seen], dict[int, int]]:
    """Return a cart's lines, and what its open order holds of their variants, in one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [cart_id])
        rows = cursor.fetchall()
    held: dict[int, int] = {}
    found = []
    for pk, title, quantity, seen_price, holds, *rest in rows:
        variant = _with_product(rest) if rest[0] else None
        if variant and holds:
            held[variant.pk] = holds
        image = rest[_variants.width + _products.width :]
        cover = _images.read(image) if image[0] else None
        found.append(Seen(pk, title, quantity, seen_price, variant, cover))
    return found, held


def for_sale(variant_id: int, cart_id: int) -> tuple[Variant | None, dict[int, int]]:
    """Return a variant that is for sale, and what the open order of a cart holds of it, in one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FOR_SALE, [cart_id, variant_id])
        row = cursor.fetchone()
    if row is None:
        return None, {}
    return _with_product(row[1:]), {variant_id: row[0] or 0}


def _with_product(values: Sequence[Any]) -> Variant:
    variant = _variants.read(values[: _variants.width])
    variant.product = _products.read(values[_variants.width : _variants.width + _products.width])
    return variant
