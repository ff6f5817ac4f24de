"""Proof that a form was sent from our own pages, without a token in them: public pages are the same for everybody.

Browsers say where a request comes from, and scripts of other sites cannot change what they say.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import is_same_domain
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from shop.errors import ShopError

View = TypeVar("View", bound=Callable[..., HttpResponse])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossOriginError(ShopError):
    """A form that a page of another website sent."""

    code = "cross_origin"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(_("This came from another website, so we did nothing."))


def same_origin(view: View) -> View:
    """Let a view change something only for a page of ours; it then needs no CSRF token.

    Every other sender gets 403, in our look.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in SAFE_METHODS and not is_same_origin(request):
            error = CrossOriginError()
            return render(request, "shop/refused.html", {"error": error}, status=error.status)
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def is_same_origin(request: HttpRequest) -> bool:
    """Tell whether a request comes from a page of ours, by the best witness it carries.

    A request with none of the three headers comes from no browser: every browser sends at least Origin with a
    POST. So nobody's cookies were added to it behind their back, and it may go on.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    sender = request.headers.get("Origin", request.headers.get("Referer"))
    return sender is None or _is_ours(sender, request)


def _is_ours(address: str, request: HttpRequest) -> bool:
    try:
        sender = urlsplit(address)
    except ValueError:
        return False
    if not sender.scheme or not sender.netloc:  # "null", from sandboxed frames and some redirects
        return False
    own = (request.scheme, request.get_host())
    return (sender.scheme, sender.netloc) == own or any(
        sender.scheme == trusted.scheme and is_same_domain(sender.netloc, trusted.netloc.lstrip("*"))
        for trusted in map(urlsplit, settings.CSRF_TRUSTED_ORIGINS)
    )
