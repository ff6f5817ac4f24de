"""The WSGI application, behind the page cache."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from shop.page_cache.wsgi import CachedPagesFirst  # noqa: E402 - models can be imported only now


class UnderPath:
    """Takes the path that the shop stands under from the front of `PATH_INFO`, where a proxy leaves it there."""

    def __init__(self, application: "WSGIApplication", root: str) -> None:
        self._application, self._root = application, root

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on, as if the shop stood at the root of its host."""
        if environ["PATH_INFO"].startswith(f"{self._root}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(self._root)
        return self._application(environ, start_response)


application: "WSGIApplication" = CachedPagesFirst(django_application)
if settings.FORCE_SCRIPT_NAME:
    application = UnderPath(application, settings.FORCE_SCRIPT_NAME)
