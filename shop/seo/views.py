"""Views with one URL in every language: pictures, sitemap, feed, robots.txt."""

import mimetypes

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from shop.catalogue.product_page import by_slug
from shop.errors import ShopError
from shop.i18n import languages
from shop.i18n.links import absolute
from shop.seo import sitemap as maps
from shop.seo import social

_for_ever = cache_control(public=True, max_age=31_536_000, immutable=True)


@require_safe
@_for_ever
def media(request: HttpRequest, path: str) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """Send a picture of a product. A file's name carries its hash, so it never changes.

    That is enough for a shop on one machine. A large one lets its web server or CDN answer under MEDIA_URL, with
    these headers.
    """
    return _picture(path)


@require_safe
def social_picture(request: HttpRequest, digest: str, slug: str = "") -> HttpResponseBase:
    """Send the picture that stands beside a shared link. An old address leads to the picture of now."""
    try:
        card = social.of_product(by_slug(slug)) if slug else social.of_shop()
    except ShopError as error:
        raise Http404 from error
    if card.digest != digest:
        return redirect(card.url)
    return _for_ever(lambda _request: _picture(social.kept(card)))(request)


_for_an_hour = cache_control(public=True, max_age=3600)


@require_safe
@_for_an_hour
@conditional_page
def sitemap(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """List the pages of the map of all pages."""
    return _xml(maps.index())


@require_safe
@_for_an_hour
@conditional_page
def sitemap_shelves(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """List the first page, the listing and the categories."""
    return _xml(maps.shelves())


@require_safe
@_for_an_hour
@conditional_page
def sitemap_products(request: HttpRequest, number: int) -> HttpResponse:  # noqa: ARG001
    """List the products of one page of the map."""
    return _xml(maps.of_products(number))


def _xml(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


@require_safe
@_for_an_hour
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots where the map is, and what is not worth their time."""
    context = {"sitemap": absolute(reverse("outside:sitemap")), "prefixes": languages.prefixes()}
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Lead what asks for the icon at its old place to the file."""
    return redirect(static("img/favicon.ico"))


# An SVG can carry scripts. Opened by itself, it may run none and load nothing.
_INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def _picture(name: str) -> FileResponse:
    kind, _encoding = mimetypes.guess_type(name)
    if kind is None or not kind.startswith("image/"):
        raise Http404
    try:
        picture = default_storage.open(name)
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    return FileResponse(
        picture,
        content_type=kind,
        headers={"Content-Security-Policy": _INERT, "X-Content-Type-Options": "nosniff"},
    )
