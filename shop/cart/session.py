"""Whose cart a request means: the user's, or a visitor's by a signed token. No session is made for a visitor.

A browser keeps the token in a cookie. An app keeps it itself, and sends it in a header.
"""

import secrets
from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.cart import lines, merging
from shop.cart.refill import Wanted, up_to
from shop.cart.review import Change
from shop.models import Cart, CartLine

COOKIE = "cart"
HEADER = "X-Cart-Token"
_HEADER_IN_META = "HTTP_X_CART_TOKEN"
_SALT = "shop.visitor"
_MAX_AGE = 60 * 60 * 24 * 30

# Takes a request, a level of django.contrib.messages and a sentence.
Tell = Callable[[HttpRequest, int, str], None]


def find_cart(request: HttpRequest, *, tell: Tell = messages.add_message) -> Cart | None:
    """Return the request's cart, or None where nothing was ever put into one.

    On the first request after log-in, the visitor's cart is brought into the user's and a notice says so.
    """
    if not request.user.is_authenticated:
        token = _token(request)
        return _of_visitor(token) if token else None
    _bring_along(request, request.user.pk, tell)
    return Cart.objects.filter(user_id=request.user.pk).first()


def count(request: HttpRequest) -> int:
    """Return how many copies are in the request's cart, in one SQL statement beside those that tell whose it is."""
    if not request.user.is_authenticated:
        token = _token(request)
        return lines.count(token=token) if token else 0
    _bring_along(request, request.user.pk, messages.add_message)
    return lines.count(user=request.user.pk)


def put_in(
    request: HttpRequest, variant_id: int, quantity: int, *, tell: Tell = messages.add_message
) -> CartLine:
    """Put products into the request's cart, making one where there is none; return the line.

    Raises what `cart.add` raises; then no empty cart and no cookie is left behind.
    """
    cart = find_cart(request, tell=tell)
    with transaction.atomic():
        line = lines.add_within(cart or _new_cart(request), variant_id, quantity)
    if cart is None and line.cart.token:
        _set_cookie(request, line.cart.token)
    return line


def refill(
    request: HttpRequest, wanted: Sequence[Wanted], *, tell: Tell = messages.add_message
) -> tuple[Change, ...]:
    """Let the request's cart hold what was bought before, making one where there is none; return what is not as wanted.

    Where nothing of it can be had, no empty cart and no cookie is left behind.
    """
    found = find_cart(request, tell=tell)
    with transaction.atomic():
        cart = found or _new_cart(request)
        changes = up_to(cart, wanted)
        is_empty = found is None and not cart.lines.exists()
        if is_empty:
            transaction.set_rollback(True)
    if found is None and not is_empty and cart.token:
        _set_cookie(request, cart.token)
    return changes


def _new_cart(request: HttpRequest) -> Cart:
    now = timezone.now()
    if request.user.is_authenticated:
        return Cart.objects.get_or_create(user_id=request.user.pk, defaults={"created_at": now})[0]
    return Cart.objects.create(token=secrets.token_urlsafe(18), created_at=now)


def _bring_along(request: HttpRequest, user_id: int, tell: Tell) -> None:
    token = _token(request)
    if not token:
        return
    _set_cookie(request, "")
    visitor = _of_visitor(token)
    if visitor is None:
        return
    merged = merging.merge(visitor, user_id, now=timezone.now())
    if merged.lines:
        came = _("Your cart came with you. What you chose before logging in is in it.")
        tell(request, messages.SUCCESS, came)
    if merged.limited:
        tell(
            request,
            messages.WARNING,
            _("We sell at most %(most)d of one edition, so there are now %(most)d of: %(titles)s.")
            % {"most": settings.MAX_LINE_QUANTITY, "titles": "; ".join(merged.limited)},
        )


def _of_visitor(token: str) -> Cart | None:
    return Cart.objects.filter(token=token).first()


def _token(request: HttpRequest) -> str:
    asked: str | None = request.META.get("shop.cart_token")
    if asked is not None:  # this very request made the cart, or brought it along
        return asked
    header = request.META.get(_HEADER_IN_META)  # `headers` would make a table of them all
    if header is not None or "shop.no_cookie" in request.META:
        return _unsigned(header or "")
    return _unsigned(request.COOKIES.get(settings.CART_COOKIE_NAME, ""))


def is_new(request: HttpRequest) -> bool:
    """Tell whether this request made a visitor's cart, whose cookie the browser may yet refuse."""
    return bool(request.META.get("shop.cart_token"))


def signed_token(cart: Cart) -> str:
    """Return what an app sends in `X-Cart-Token` to mean this cart; nothing for a user's."""
    return _signer().sign(cart.token) if cart.token else ""


def _unsigned(header: str) -> str:
    try:
        return _signer().unsign(header, max_age=_MAX_AGE)
    except signing.BadSignature:
        return ""


def _signer() -> signing.TimestampSigner:
    # One for both: the cookie's value and the header's are the same, whatever the cookie is called.
    return signing.get_cookie_signer(salt=COOKIE + _SALT)


def ignore_cookie(request: HttpRequest) -> None:
    """Let a request mean only the cart whose token it sends in the header, and get no cookie."""
    request.META["shop.no_cookie"] = True


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
        if token is None or "shop.no_cookie" in request.META or _HEADER_IN_META in request.META:
            return response
        if token:
            response.set_cookie(
                settings.CART_COOKIE_NAME,
                _signer().sign(token),
                max_age=_MAX_AGE,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        else:
            response.delete_cookie(settings.CART_COOKIE_NAME, samesite="Lax")
        return response
