"""Whose cart a request means: the user's, or a visitor's by a signed cookie. No session is made for a visitor."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop import cart as carts
from shop.models import Cart, CartLine

COOKIE = "cart"
_SALT = "shop.visitor"
_MAX_AGE = 60 * 60 * 24 * 30


def find_cart(request: HttpRequest) -> Cart | None:
    """Return the request's cart, or None where nothing was ever put into one.

    On the first request after log-in, the visitor's cart is brought into the user's and a notice says so.
    """
    if not request.user.is_authenticated:
        token = _token(request)
        return Cart.objects.filter(token=token).first() if token else None
    _bring_along(request, request.user.pk)
    return Cart.objects.filter(user_id=request.user.pk).first()


def put_in(request: HttpRequest, variant_id: int, quantity: int) -> CartLine:
    """Put books into the request's cart, making one where there is none; return the line.

    Raises what `cart.add` raises; then no empty cart and no cookie is left behind.
    """
    cart = find_cart(request)
    with transaction.atomic():
        line = carts.add(cart or _new_cart(request), variant_id, quantity)
    if cart is None and line.cart.token:
        _set_cookie(request, line.cart.token)
    return line


def _new_cart(request: HttpRequest) -> Cart:
    now = timezone.now()
    if request.user.is_authenticated:
        return Cart.objects.get_or_create(user_id=request.user.pk, defaults={"created_at": now})[0]
    return Cart.objects.create(token=secrets.token_urlsafe(18), created_at=now)


def _bring_along(request: HttpRequest, user_id: int) -> None:
    token = _token(request)
    if not token:
        return
    _set_cookie(request, "")
    visitor = Cart.objects.filter(token=token).first()
    if visitor is None:
        return
    merged = carts.merge(visitor, user_id, now=timezone.now())
    if merged.lines:
        messages.success(request, _("Your cart came with you. What you chose before logging in is in it."))
    if merged.limited:
        messages.warning(
            request,
            _("We sell at most %(most)d of one edition, so there are now %(most)d of: %(titles)s.")
            % {"most": settings.MAX_LINE_QUANTITY, "titles": "; ".join(merged.limited)},
        )


def _token(request: HttpRequest) -> str:
    asked: str | None = request.META.get("shop.cart_token")
    if asked is not None:  # this very request made the cart, or brought it along
        return asked
    return request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_MAX_AGE) or ""


def _set_cookie(request: HttpRequest, token: str) -> None:
    request.META["shop.cart_token"] = token


class CartCookieMiddleware:
    """Sends the cookie that `put_in` and the log-in asked for. Looks at nothing on other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the view answer, then set or delete the cookie."""
        response = self.get_response(request)
        token: str | None = request.META.get("shop.cart_token")
        if token:
            response.set_signed_cookie(
                COOKIE,
                token,
                salt=_SALT,
                max_age=_MAX_AGE,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        elif token == "":
            response.delete_cookie(COOKIE, samesite="Lax")
        return response
