"""The e-books of an order, as downloads. What may be downloaded says `fulfilment/downloads.py`."""

from http import HTTPStatus
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.http import require_safe

from checkout.fulfilment import downloads
from checkout.fulfilment.downloads import Download
from checkout.models import Order
from checkout.orders import access
from checkout.pages import byte_ranges
from checkout.pages.byte_ranges import Part, UnsatisfiableError, Version
from shop.cart.header import personal_half
from shop.errors import ShopError
from shop.media import ebooks


@require_safe
def download(request: HttpRequest, number: str, line: int) -> HttpResponseBase:
    """Send a file of an order to whoever may see the order, or has its key in the address.

    A download counts when it begins. HEAD, a copy that is still the same (304) and a part further on do not.
    """
    order = access.asked_for(request, number)
    try:
        response = _answer(request, downloads.find(order, line))
    except ShopError as error:
        response = _refuse(request, order, error)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answer(request: HttpRequest, found: Download) -> HttpResponseBase:
    """Send what the request wants. Raises DownloadLimitError."""
    modified = found.file.storage.get_modified_time(found.file.name or "")
    version = Version(found.size, modified)
    same = get_conditional_response(request, version.etag, int(modified.timestamp()))
    if same is not None:
        return same
    try:
        part = byte_ranges.wanted(request, version)
    except UnsatisfiableError:
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return HttpResponse(status=status, headers={"Content-Range": f"bytes */{found.size}"})
    _count(request, found, part)
    response = _file(request, found, part, version)
    response["Content-Type"] = ebooks.content_type(found.name)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=found.name) or ""
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _count(request: HttpRequest, found: Download, part: Part | None) -> None:
    if request.method == "HEAD":
        downloads.check(found.line)
    elif part is None or part.start == 0:
        downloads.count(found.line, now=timezone.now())
    else:
        downloads.go_on(found.line, now=timezone.now())


def _file(request: HttpRequest, found: Download, part: Part | None, version: Version) -> HttpResponseBase:
    """Return the file, or tell nginx which, that then looks at the range itself and sends the same ETag."""
    if settings.X_ACCEL_REDIRECT:
        place = f"{settings.X_ACCEL_REDIRECT.rstrip('/')}/{quote(found.file.name or '')}"
        return HttpResponse(headers={"X-Accel-Redirect": place})
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(headers={"Content-Length": str(version.size)})
    else:
        response = byte_ranges.send(found.file.open("rb").file, part, version)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = version.etag
    response["Last-Modified"] = http_date(version.modified.timestamp())
    return response


def _refuse(request: HttpRequest, order: Order, error: ShopError) -> HttpResponse:
    """Say why not: to people as a page, to programs that ask for JSON as the API does."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        problem = {"code": error.code, "message": error.message, "fields": {}, "lines": []}
        response: HttpResponse = JsonResponse({"error": problem}, status=error.status)
    else:
        context = {
            "order": order,
            "may_see": access.may_see(request, order),
            "problem": error,
            "personal": personal_half(request),
        }
        response = render(request, "checkout/no_file.html", context, status=error.status)
    response["Vary"] = "Accept"
    return response
