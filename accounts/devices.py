"""Browsers in which an account was logged in before: whatever strangers try, they are not locked out.

The proof is a signed cookie with an id of its own and the last few accounts. It opens nothing.
"""

import secrets
from typing import Any

from allauth.account.internal.userkit import filter_users_by_email
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User

_SALT = "accounts.device"
_MAX_AGE = 60 * 60 * 24 * 365
_MOST_ACCOUNTS = 5


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Write into an answer that this browser was logged in to an account."""
    known = _read(request)
    accounts = [*(pk for pk in known["accounts"] if pk != user.pk), user.pk][-_MOST_ACCOUNTS:]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({"id": known["id"], "accounts": accounts}, salt=_SALT),
        max_age=_MAX_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def known_as(request: HttpRequest, email: str) -> str:
    """Return the id of a browser in which the account with this address was logged in; else an empty string."""
    known = _read(request)
    if known["accounts"] and {user.pk for user in filter_users_by_email(email)} & set(known["accounts"]):
        return str(known["id"])
    return ""


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        known: dict[str, Any] = signing.loads(cookie, salt=_SALT, max_age=_MAX_AGE)
    except signing.BadSignature:
        return {"id": secrets.token_urlsafe(12), "accounts": []}
    return known
