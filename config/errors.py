"""Error pages for what nobody caught, and for a database that is away."""

import logging
import sys
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import page_not_found

from accounts.database import is_away

RETRY_AFTER_SECONDS = 60

logger = logging.getLogger(__name__)


def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 503 where the database is away, which passes, and 500 for every other error."""
    error = sys.exception()
    if not is_away(error):
        return HttpResponse(_page("500.html"), status=500)
    logger.error("The database could not be used: %s", error)
    return HttpResponse(_page("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _page(template: str) -> str:
    """Write a page for when anything may be broken: it asks nobody, not even the database."""
    return render_to_string(template)


class NotFoundInTheShopsLook:
    """With DEBUG on, show the shop's own page where something is not found, as in production.

    An address that leads nowhere keeps Django's page, which lists those that do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Leave every answer as it is."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a view could not find."""
        return page_not_found(request, exception) if isinstance(exception, Http404) else None
