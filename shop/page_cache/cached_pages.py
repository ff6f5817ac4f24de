"""Stored responses: in the process's memory and, where configured, in the cache that processes share.

Each is kept with the catalogue's version, read before the page's data were: a page may then be newer than its version
says, never older. Who asks for it has the version of now, and gets no other page.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple
from zlib import crc32

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

# Of a process's memory.
MOST_BYTES = 8 * 1024 * 1024
# Of the shared cache: so many places, one of which each address has. Invented addresses take turns in them.
PLACES = 8192
_SHARED_FOR = 60 * 60 * 24

logger = logging.getLogger(__name__)


class Key(NamedTuple):
    """What an answer is kept under: all that it depends on but the version."""

    address: str
    language: str
    encoding: str


class WireResponse(NamedTuple):
    """What goes out for one request."""

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class CachedPage:
    """An answer with all its headers, encoded."""

    version: str
    headers: dict[str, str]
    body: bytes

    def wire_response(self, asked: Mapping[str, Any]) -> WireResponse:
        """Return what goes out for a request with these headers (as in WSGI): no body for who has it already."""
        tag, known = self.headers["ETag"], asked.get("HTTP_IF_NONE_MATCH")
        if known and (tag in known or known.strip() == "*"):
            names = ("Cache-Control", "ETag", "Vary")
            headers = {name: self.headers[name] for name in names}
            return WireResponse(HTTPStatus.NOT_MODIFIED, headers, b"")
        return WireResponse(
            HTTPStatus.OK, self.headers, b"" if asked["REQUEST_METHOD"] == "HEAD" else self.body
        )

    def response(self, request: HttpRequest) -> HttpResponse:
        """Return what goes out for a request, as Django's middleware sends it."""
        status, headers, body = self.wire_response(request.META)
        if status is HTTPStatus.NOT_MODIFIED:
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(body, headers=headers)


class Memory:
    """Answers in the memory of this process; those not asked for longest make room."""

    def __init__(self, most_bytes: int) -> None:
        self.bytes, self._most = 0, most_bytes
        self._kept: OrderedDict[Key, CachedPage] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> CachedPage | None:
        """Return what is kept, of whatever version."""
        with self._lock:
            page = self._kept.get(key)
            if page:
                self._kept.move_to_end(key)
            return page

    def put(self, key: Key, page: CachedPage) -> None:
        """Keep an answer."""
        with self._lock:
            self._take_out(key)
            self._kept[key] = page
            self.bytes += _size(key, page)
            while self.bytes > self._most:
                self._take_out(next(iter(self._kept)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _take_out(self, key: Key) -> None:
        page = self._kept.pop(key, None)
        if page:
            self.bytes -= _size(key, page)


def _size(key: Key, page: CachedPage) -> int:
    return len(page.body) + len(key.address) + 2000  # headers and what Python adds


memory = Memory(MOST_BYTES)


def find(key: Key, version: str) -> CachedPage | None:
    """Return the page that is kept of this version, wherever it is."""
    page = memory.get(key)
    if page and page.version == version:
        return page
    found = _shared(key)
    if found and found.version == version:
        memory.put(key, found)
        return found
    return None


def keep(key: Key, page: CachedPage) -> None:
    """Keep a page."""
    memory.put(key, page)
    _share(key, page)


# A cache that is away costs time, not pages: its errors are of many kinds, and all mean the same.


def _shared(key: Key) -> CachedPage | None:
    if not settings.CACHE_IS_SHARED:
        return None
    try:
        there = cache.get(_place(key))
    except Exception:  # noqa: BLE001 - see above
        logger.warning("The shared cache does not answer.")
        return None
    return CachedPage(*there[1:]) if there and there[0] == key else None


def _share(key: Key, page: CachedPage) -> None:
    if not settings.CACHE_IS_SHARED:
        return
    try:
        cache.set(_place(key), (key, page.version, page.headers, page.body), _SHARED_FOR)
    except Exception:  # noqa: BLE001 - see above
        logger.warning("The shared cache takes nothing.")


def _place(key: Key) -> str:
    return f"page:{crc32(repr(tuple(key)).encode()) % PLACES}"
