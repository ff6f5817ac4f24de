"""The header's personal fragment: cart count and account. Private pages include it, public ones fetch it."""

from dataclasses import dataclass

from django.http import HttpRequest

from shop.cart import session


@dataclass(frozen=True)
class Personal:
    """The personal half of the header; the user is in the template's context already."""

    cart_count: int


def personal_half(request: HttpRequest) -> Personal:
    """Return the personal half of the header for a request."""
    return Personal(session.count(request))
