"""What a page says of the one who reads it. Private pages write it in place, public ones fetch it."""

from dataclasses import dataclass

from django.http import HttpRequest

from shop import cart as carts
from shop.visitor import find_cart


@dataclass(frozen=True)
class Personal:
    """The personal half of the header; the user is in the template's context already."""

    cart_count: int


def personal_half(request: HttpRequest) -> Personal:
    """Return the personal half of the header for a request."""
    cart = find_cart(request)
    return Personal(carts.count(cart.pk) if cart else 0)
