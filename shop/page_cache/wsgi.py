"""WSGI middleware in front of Django: sends the pages that this process has cached.

No middleware, no view, no signals: a kept page costs less than an empty view of Django's.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import Error, close_old_connections, connection

from shop.page_cache import version
from shop.page_cache.cached_pages import CachedPage, memory
from shop.page_cache.listener import listener
from shop.page_cache.middleware import is_on, key_of, page_version

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# Headers of programs that are somebody; a browser has its session's cookie.
_SOMEBODY = ("HTTP_X_SESSION_TOKEN", "HTTP_AUTHORIZATION")


class CachedPagesFirst:
    """A WSGI application in front of another one."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from memory where the address is written as our own links write it; else ask Django."""
        page = _in_memory(environ) if environ["REQUEST_METHOD"] in {"GET", "HEAD"} and is_on() else None
        if page is None:
            return self._application(environ, start_response)
        status, headers, body = page.wire_response(environ)
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [body]


def _in_memory(environ: "WSGIEnvironment") -> CachedPage | None:
    """Return what is kept for a request and still true. What is wrong with one, Django finds out and says."""
    try:
        page = memory.get(key_of(WSGIRequest(environ), environ.get("QUERY_STRING", "")))
    except DisallowedHost:
        return None
    return page if page and page.version == page_version(_token(environ)) else None


def _token(environ: "WSGIEnvironment") -> str | None:
    """Return the catalogue's token of now; None where there is none, or the database does not answer.

    Who may have changed the catalogue just now (staff, customers who bought the last copy) asks the database itself, as
    the notification of that change may still be on its way.
    """
    if connection.vendor == "postgresql" and not _may_have_written(environ):
        heard = listener.token()
        if heard is not None:
            return heard or None
    # As Django does before and after each request: what is broken is not used again, what has a pool goes back.
    close_old_connections()
    try:
        return version.current()
    except Error:
        return None
    finally:
        close_old_connections()


def _may_have_written(environ: "WSGIEnvironment") -> bool:
    cookies = environ.get("HTTP_COOKIE", "")
    return settings.SESSION_COOKIE_NAME in cookies or any(name in environ for name in _SOMEBODY)
