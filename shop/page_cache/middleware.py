"""Public pages, kept ready to send: the same bytes for everybody, until the catalogue changes.

A view under `@public` sees neither who asks nor what its address does not say, so what it answers may be kept under
that address. Each page is kept with the catalogue's version, read before the page's data were: a page may then be
newer than its version says, never older. Who asks for it has the version of now, and gets no other page. So no stale
price is shown by any process, and nothing has to be told to the others.

Kept are answers as they go out, one for each encoding, with all their headers: by PublicPages, the outermost
middleware, in the memory of the process and, where there is a cache that processes share, in that. KeptPages stands
before Django and sends what is in memory; what it does not know, it leaves to Django.
"""

import copy
import gzip
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, wraps
from hashlib import sha256
from http import HTTPStatus
from threading import Lock
from time import time
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import brotli
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, close_old_connections, connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, QueryDict
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from shop.i18n import languages
from shop.page_cache import release

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Of a process's memory.
MOST_BYTES = 8 * 1024 * 1024
# Of the shared cache: so many places, one of which each address has. Invented addresses take turns in them.
PLACES = 8192
_SHARED_FOR = 60 * 60 * 24

# What an answer may vary by and still be kept: all are part of what it is kept under.
_KNOWN_VARIATION = {"accept-encoding", "accept-language", "origin"}
_ASKED = "shop.pages.asked"

View = Callable[..., HttpResponse]
logger = logging.getLogger(__name__)


class Key(NamedTuple):
    """What an answer is kept under."""

    address: str
    language: str
    encoding: str


@dataclass(frozen=True)
class Kept:
    """An answer as it goes out."""

    version: str
    headers: dict[str, str]
    body: bytes

    def sent(self, asked: Mapping[str, Any]) -> "Sent":
        """Return what goes out for a request with these headers: no body for who has it already."""
        tag, known = self.headers["ETag"], asked.get("HTTP_IF_NONE_MATCH")
        if known and (tag in known or known.strip() == "*"):
            names = ("Cache-Control", "ETag", "Vary")
            return Sent(HTTPStatus.NOT_MODIFIED, {name: self.headers[name] for name in names}, b"")
        return Sent(HTTPStatus.OK, self.headers, b"" if asked["REQUEST_METHOD"] == "HEAD" else self.body)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return what goes out for a request, as Django's middleware sends it."""
        status, headers, body = self.sent(request.META)
        if status is HTTPStatus.NOT_MODIFIED:
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(body, headers=headers)


class Sent(NamedTuple):
    """What goes out for one request."""

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes


class _Asked(NamedTuple):
    """What a public view was asked for, for the middleware to keep; `kept` is what was found instead."""

    key: Key
    version: str | None
    kept: Kept | None


class Memory:
    """Answers in the memory of this process; those not asked for longest make room."""

    def __init__(self, most_bytes: int) -> None:
        self.bytes, self._most = 0, most_bytes
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Kept | None:
        """Return what is kept, of whatever version."""
        with self._lock:
            kept = self._kept.get(key)
            if kept:
                self._kept.move_to_end(key)
            return kept

    def put(self, key: Key, kept: Kept) -> None:
        """Keep an answer."""
        with self._lock:
            self._take_out(key)
            self._kept[key] = kept
            self.bytes += _size(key, kept)
            while self.bytes > self._most:
                self._take_out(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _take_out(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept:
            self.bytes -= _size(key, kept)


def _size(key: Key, kept: Kept) -> int:
    return len(kept.body) + len(key.address) + 2000  # headers and what Python adds


memory = Memory(MOST_BYTES)


def catalogue_version() -> str | None:
    """Return what is another as soon as pages would show something else, in one small SQL statement.

    None where nothing may be kept: inside a transaction that has written, which sees what nobody else does.
    """
    sql = "SELECT token FROM shop_catalogueversion"
    if connection.vendor == "postgresql":  # there the token is written at commit
        sql += " WHERE pg_current_xact_id_if_assigned() IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


# The version of the page that is being made.
_made: ContextVar[str | None] = ContextVar("_made", default=None)


@contextmanager
def _making(version: str | None) -> Iterator[None]:
    before = _made.set(version)
    try:
        yield
    finally:
        _made.reset(before)


def version_now() -> str | None:
    """Return the version of the page that is being made, without asking again; elsewhere the catalogue's."""
    return _made.get() or catalogue_version()


def _version() -> str | None:
    """Return the version of a page that is made from now on: of the data, the code and the day."""
    if not settings.PAGE_CACHE or settings.DEBUG:  # with DEBUG on, code and templates change under our hands
        return None
    token = catalogue_version()
    return token and f"{token} {release.digest()} {_day(int(time()) // 60)}"


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
            key = _key(request, bare.META["QUERY_STRING"])
            version = _version()
            kept = _find(key, version) if version else None
            with _making(version):
                response = HttpResponse() if kept else view(bare, *args, **kwargs)
            request.META[_ASKED] = _Asked(key, version, kept)
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


def _key(request: HttpRequest, query: str) -> Key:
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


class KeptPages:
    """Stands before Django's WSGI application, and sends what is in memory: no middleware, no view, no signals."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from memory where the address is written as our own links write it; else ask Django."""
        kept = _in_memory(environ) if environ["REQUEST_METHOD"] in {"GET", "HEAD"} else None
        if kept is None:
            return self._application(environ, start_response)
        status, headers, body = kept.sent(environ)
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [body]


def _in_memory(environ: "WSGIEnvironment") -> Kept | None:
    """Return what is kept for a request and still true. What is wrong with one, Django finds out and says."""
    request = WSGIRequest(environ)
    try:
        kept = memory.get(_key(request, environ.get("QUERY_STRING", "")))
    except DisallowedHost:
        return None
    if kept is None:
        return None
    # As Django does before and after each request: what is broken is not used again, what has a pool goes back.
    close_old_connections()
    try:
        return kept if kept.version == _version() else None
    except DatabaseError:
        return None
    finally:
        close_old_connections()


class PublicPages:
    """Keeps what may be, and answers with it. Stands outermost, so that all headers are there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with what the view made or found."""
        response = self.get_response(request)
        asked: _Asked | None = request.META.get(_ASKED)
        if asked is None:
            return response
        if asked.kept:
            return asked.kept.answer(request)
        return _keep(request, response, asked)


def _keep(request: HttpRequest, response: HttpResponse, asked: _Asked) -> HttpResponse:
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
    kept = Kept(asked.version or "", dict(response.headers), body)
    if asked.version and _is_for_everybody(response):
        memory.put(asked.key, kept)
        _share(asked.key, kept)
    return kept.answer(request)


_ENCODE: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=3),
    "gzip": lambda body: gzip.compress(body, 5, mtime=0),
    "": lambda body: body,
}


def _is_for_everybody(response: HttpResponse) -> bool:
    variation = {name.strip().lower() for name in response.headers["Vary"].split(",")}
    return (
        variation <= _KNOWN_VARIATION
        and "public" in response.headers["Cache-Control"]
        and "'nonce-" not in response.headers.get("Content-Security-Policy", "")
    )


def _find(key: Key, version: str) -> Kept | None:
    kept = memory.get(key)
    if kept and kept.version == version:
        return kept
    found = _shared(key)
    if found and found.version == version:
        memory.put(key, found)
        return found
    return None


# A cache that is away costs time, not pages: its errors are of many kinds, and all mean the same.


def _shared(key: Key) -> Kept | None:
    if not settings.CACHE_IS_SHARED:
        return None
    try:
        there = cache.get(_place(key))
    except Exception:  # noqa: BLE001 - see above
        logger.warning("The shared cache does not answer.")
        return None
    return Kept(*there[1:]) if there and there[0] == key else None


def _share(key: Key, kept: Kept) -> None:
    if not settings.CACHE_IS_SHARED:
        return
    try:
        cache.set(_place(key), (key, kept.version, kept.headers, kept.body), _SHARED_FOR)
    except Exception:  # noqa: BLE001 - see above
        logger.warning("The shared cache takes nothing.")


def _place(key: Key) -> str:
    return f"page:{crc32(repr(tuple(key)).encode()) % PLACES}"
