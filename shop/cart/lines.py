"""Lines of a cart: add, change, take out, count."""

from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop import stock
from shop.errors import ShopError
from shop.models import Cart, CartLine, Variant


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


class CookiesRefusedError(ShopError):
    """A visitor's browser kept no cookie, so it has no cart."""

    code = "cookies_refused"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Your browser did not keep your cart. Its settings refuse cookies, and one cookie is how we know whose "
                "cart it is. Allow cookies for this shop and add the book again."
            )
        )


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
        super().__init__(_("%(title)s is sold out.") % {"title": variant.full_title})


class TooManyError(ShopError):
    """Fewer are left than were asked for. `available` says how many one may choose, `in_cart` how many one has."""

    code = "not_enough_stock"

    def __init__(self, variant: Variant, available: int, in_cart: int = 0) -> None:
        only = ngettext(
            "There is only %(left)d of %(title)s.", "There are only %(left)d of %(title)s.", available
        ) % {"left": available, "title": variant.full_title}
        if available == settings.MAX_LINE_QUANTITY:
            only = _("We sell at most %(left)d of %(title)s.") % {
                "left": available,
                "title": variant.full_title,
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


def is_sent(cart: Cart | None) -> bool:
    """Tell whether anything in a cart must be sent: files need no street."""
    return cart is None or cart.lines.exclude(variant__is_digital=True).exists()


def count(**cart: object) -> int:
    """Return how many copies are in the cart that is named by some field of it; 0 where there is no such cart."""
    lines = CartLine.objects.filter(**{f"cart__{field}": value for field, value in cart.items()})
    return lines.order_by().aggregate(copies=Sum("quantity"))["copies"] or 0


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
    variants = Variant.objects.filter(pk=variant_id, product__is_published=True)
    variant = variants.select_related("product").first()
    if variant is None:
        raise UnknownVariantError
    line = _raise_quantity(cart, variant, quantity)
    _check_available(cart, variant, line.quantity, in_cart=line.quantity - quantity)
    return line


def _raise_quantity(cart: Cart, variant: Variant, quantity: int) -> CartLine:
    """Add to the variant's line or make it, in one statement: two tabs that add at once end with both in one line.

    Plain SQL, as the ORM's upsert can only put a new value in the old one's place.
    """
    line = CartLine(cart=cart, variant=variant, title=variant.full_title, seen_price=variant.price)
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
        _check_available(cart, line.variant, quantity)
        lines.update(quantity=quantity)
    return line.title


def _check_available(cart: Cart, variant: Variant, quantity: int, in_cart: int = 0) -> None:
    if quantity <= available(variant, {}):
        return
    # Another tab may have placed the cart since it was read.
    held_by = Cart.objects.values_list("held_by", flat=True).get(pk=cart.pk)
    most = available(variant, stock.held(held_by) if held_by else {})
    if quantity <= most:
        return
    if most == 0:
        raise SoldOutError(variant)
    raise TooManyError(variant, most, in_cart)


def available(variant: Variant, held: Mapping[int, int]) -> int:
    """Return the most that one may choose of a variant.

    `held` is what an order placed from this cart already took, by variant id: it is still the customer's to choose.
    """
    return min(variant.stock + held.get(variant.pk, 0), settings.MAX_LINE_QUANTITY)


def take_out(cart_id: int, quantities: Mapping[int, int]) -> None:
    """Take what was bought, `{variant id: quantity}`, out of a cart, in the caller's transaction; what was added since stays."""
    lines = CartLine.objects.filter(cart=cart_id, variant__in=quantities).order_by("pk").select_for_update()
    in_cart = {line.variant_id: line for line in lines}
    gone, kept = [], []
    for variant_id, quantity in quantities.items():
        line = in_cart.get(variant_id)
        if line and line.quantity > quantity:
            line.quantity -= quantity
            kept.append(line)
        elif line:
            gone.append(line.pk)
    CartLine.objects.filter(pk__in=gone).delete()
    CartLine.objects.bulk_update(kept, ["quantity"])
