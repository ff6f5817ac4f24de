"""Who asks by JSON: an app with the token of its session, a browser with its cookie, or a visitor.

A cookie is sent by the browser, whoever wrote the page; a header of ours only by a program that was given its value.
So what comes with a token needs no further proof, and what changes something by a cookie needs one.
"""

from http import HTTPStatus
from typing import cast

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import APIKeyCookie, APIKeyHeader
from ninja.utils import check_csrf

from accounts.models import User
from shop.cart import session
from shop.cart.origin import SAFE_METHODS, CrossOriginError, is_same_origin
from shop.errors import ShopError

SESSION_TOKEN = "X-Session-Token"  # noqa: S105 - a header's name


class LoginRequiredError(ShopError):
    """Only somebody who is logged in may ask this."""

    code = "login_required"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__(_("Log in first."))


class SessionOverError(ShopError):
    """The session token is of no session, or not any more."""

    code = "session_over"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self) -> None:
        super().__init__(_("Your session is over. Log in again."))


class CsrfError(ShopError):
    """Something was to be changed by a browser's session, without Django's CSRF token."""

    code = "csrf_failed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(_("This did not come from a page of ours. Load the page again, then try once more."))


def identify(request: HttpRequest) -> User | None:
    """Return who asks, None for a visitor, and make it `request.user`.

    Raises SessionOverError, CsrfError or CrossOriginError.
    """
    if "shop.caller" not in request.META:
        request.META["shop.caller"] = _identify(request)
    return cast("User | None", request.META["shop.caller"])


def _identify(request: HttpRequest) -> User | None:
    token = request.headers.get(SESSION_TOKEN)
    if token is not None:
        found = authenticate_by_x_session_token(token)
        if found is None:
            raise SessionOverError
        session.ignore_cookie(request)
        request.user = found[0]
        return cast("User", found[0])
    changes_something = request.method not in SAFE_METHODS
    if changes_something and not is_same_origin(request):
        if {settings.SESSION_COOKIE_NAME, settings.CART_COOKIE_NAME} & request.COOKIES.keys():
            raise CrossOriginError
        session.ignore_cookie(request)
        request.user = AnonymousUser()
        return None
    if not request.user.is_authenticated:
        return None
    if changes_something and check_csrf(request) is not None:
        raise CsrfError
    return request.user


class SessionToken(APIKeyHeader):
    """The token of a session that `/_allauth/app/v1/auth/login` or `…/signup` began."""

    param_name = SESSION_TOKEN
    openapi_description = "The `session_token` that `POST /_allauth/app/v1/auth/login` answered."

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Return whose session it is."""
        return identify(request) if key is not None else None


class SessionCookie(APIKeyCookie):
    """The cookie of a browser that is logged in to the shop. What changes something needs `X-CSRFToken` too."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "A browser's session. Writing needs the header `X-CSRFToken` too."

    def __call__(self, request: HttpRequest) -> User | None:
        """Return whose session it is."""
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:  # noqa: ARG002 - ninja's signature
        """Return whose session it is."""
        return identify(request)


class CartToken(APIKeyHeader):
    """A visitor, with the token of a cart or without one."""

    param_name = session.HEADER
    openapi_description = "The `token` of a visitor's cart, which the first `POST /cart/lines` answers."

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:  # noqa: ARG002 - ninja's signature
        """Let everybody in."""
        return identify(request) is None


# What a router or a handler takes as `auth`.
LOGGED_IN = [SessionToken(), SessionCookie()]
ANYONE = [*LOGGED_IN, CartToken()]
