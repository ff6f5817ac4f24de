"""What a visitor sees when something broke."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

RETRY_AFTER_SECONDS = 60

logger = logging.getLogger(__name__)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 where the database is locked or gone, which passes, and 500 for every other error.

    Whatever was being written was one transaction, so nothing of it is there, and it may be tried again.
    """
    error = sys.exception()
    if not isinstance(error, (OperationalError, InterfaceError)):
        return server_error(request)
    logger.error("The database could not be used: %s", error)
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
