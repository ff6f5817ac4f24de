"""Whose cart a request means: the user's, or a visitor's by a signed cookie. No session is made for a visitor."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop import cart as carts
from shop.models import Cart

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


def open_cart(request: HttpRequest) -> Cart:
    """Return the request's cart and make one where there is none."""
    cart = find_cart(request)
    if cart is not None:
        return cart
    if request.user.is_authenticated:
        return Cart.objects.get_or_create(user_id=request.user.pk, defaults={"created_at": timezone.now()})[0]
    token = secrets.token_urlsafe(18)
    _set_cookie(request, token)
    return Cart.objects.create(token=token, created_at=timezone.now())


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
    token: str = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_MAX_AGE)
    return token


def _set_cookie(request: HttpRequest, token: str) -> None:
    request.META["shop.cart_token"] = token


class CartCookieMiddleware:
    """Sends the cookie that `open_cart` and the log-in asked for. Looks at nothing on other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the view answer, then set or delete the cookie."""
        response = self.get_response(request)
        token = request.META.get("shop.cart_token")
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
