"""Middleware of public pages: the same bytes for everybody, cached until the catalogue changes.

A view under `@public` sees neither who asks nor what its address does not say, so what it answers may be kept under
that address. PublicPages, the outermost middleware, keeps it as it goes out, one answer for each encoding.
"""

import copy
import gzip
from collections.abc import Callable
from functools import lru_cache, wraps
from hashlib import sha256
from time import time
from typing import NamedTuple

import brotli
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from shop.i18n import languages
from shop.page_cache import cached_pages, release, version
from shop.page_cache.cached_pages import CachedPage, Key

# What an answer may vary by and still be kept: all are part of what it is kept under.
_KNOWN_VARIATION = {"accept-encoding", "accept-language", "origin"}
_ASKED = "shop.page_cache.asked"

View = Callable[..., HttpResponse]


class PageRequest(NamedTuple):
    """What a public view was asked for, for the middleware to keep; `cached` is what was found instead."""

    key: Key
    version: str | None
    cached: CachedPage | None


def is_on() -> bool:
    """Tell whether pages are kept at all. With DEBUG on they are not: code and templates change under our hands."""
    return bool(settings.PAGE_CACHE) and not settings.DEBUG


def page_version(token: str | None) -> str | None:
    """Return the version of a page that is made now: of the data, whose token this is, the code and the day."""
    return f"{token} {release.digest()} {_day(int(time()) // 60)}" if token else None


@lru_cache(maxsize=1)
def _day(minute: int) -> str:  # noqa: ARG001 - it is asked for anew each minute
    return str(timezone.localdate())


def public(*reads: str) -> Callable[[View], View]:
    """Make a view's answer one that everybody may keep, and ask for again each time.

    `reads` names the query parameters that the view looks at; it is shown no others, and no cookies, session or user.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def public_view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            bare = _bare(request, reads)
            key = key_of(request, bare.META["QUERY_STRING"])
            # Before anything is read that the page shows.
            now = page_version(version.current()) if is_on() else None
            cached = cached_pages.find(key, now) if now else None
            response = HttpResponse() if cached else view(bare, *args, **kwargs)
            request.META[_ASKED] = PageRequest(key, now, cached)
            return response

        cacheable = cache_control(public=True, max_age=0, must_revalidate=True)(public_view)
        return require_safe(cacheable)

    return decorate


def _bare(request: HttpRequest, reads: tuple[str, ...]) -> HttpRequest:
    """Return the request with nothing in it that is one visitor's own. Empty parameters are as if not there."""
    query = QueryDict(mutable=True)
    for name in reads:
        if values := [value for value in request.GET.getlist(name) if value]:
            query.setlist(name, values)
    bare = copy.copy(request)
    for name in ("user", "auser", "session", "htmx", "headers", "_messages", "_body"):
        bare.__dict__.pop(name, None)
    shown = ("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
    bare.META = {name: value for name, value in request.META.items() if name[:5] != "HTTP_" or name in shown}
    bare.META["QUERY_STRING"] = query.urlencode()
    bare.__dict__ |= {"GET": query, "COOKIES": {}}
    return bare


def key_of(request: HttpRequest, query: str) -> Key:
    """Return what the answer to a request is kept under."""
    # An answer of the API names the storefront that asks, where that is one of those that may.
    origin = request.META.get("HTTP_ORIGIN", "")
    storefront = origin if origin in settings.CORS_ALLOWED_ORIGINS else ""
    return Key(
        f"{storefront} {request.scheme}://{request.get_host()}{request.path}?{query}",
        languages.of_request(request),
        _encoding(request.META.get("HTTP_ACCEPT_ENCODING", "")),
    )


@lru_cache(maxsize=256)
def _encoding(accepted: str) -> str:
    """Return the best encoding that a browser accepts, or none."""
    names = [part.partition(";") for part in accepted.replace(" ", "").lower().split(",")]
    good = {name for name, _semicolon, weight in names if weight not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}}
    return next((encoding for encoding in ("br", "gzip") if encoding in good), "")


class PublicPages:
    """Keeps what may be, and answers with it. Stands outermost, so that all headers are there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with what the view made or found."""
        response = self.get_response(request)
        asked: PageRequest | None = request.META.get(_ASKED)
        if asked is None:
            return response
        if asked.cached:
            return asked.cached.response(request)
        return _keep(request, response, asked)


def _keep(request: HttpRequest, response: HttpResponse, asked: PageRequest) -> HttpResponse:
    """Encode and mark an answer, and keep it if it is one for everybody; return it for this request."""
    encoding = asked.key.encoding
    body = _ENCODE[encoding](response.content)
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Content-Length"] = str(len(body))
    response.headers["ETag"] = f'"{sha256(body).hexdigest()[:20]}"'
    if encoding:
        response.headers["Content-Encoding"] = encoding
    if response.status_code != 200 or response.cookies:
        response.content = body
        return response
    page = CachedPage(asked.version or "", dict(response.headers), body)
    if asked.version and _is_for_everybody(request, response):
        cached_pages.keep(asked.key, page)
    return page.response(request)


_ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=3),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
    "": lambda body: body,
}


def _is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    variation = {name.strip().lower() for name in response.headers["Vary"].split(",")}
    # Of all cookies only the language's changes anything, and the language is part of the key.
    known = _KNOWN_VARIATION | ({"cookie"} if languages.is_chosen(request.path_info) else set())
    return (
        variation <= known
        and "public" in response.headers["Cache-Control"]
        and "'nonce-" not in response.headers.get("Content-Security-Policy", "")
    )
