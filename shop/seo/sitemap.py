"""The sitemap.

https://www.sitemaps.org/protocol.html
A page of it holds the products whose ids lie between two multiples of PRODUCTS_PER_PAGE. So neither the index nor a page
counts or skips anything, at a thousand products and at a million.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max, Min
from django.urls import reverse
from django.utils import translation

from shop.catalogue import text_pages
from shop.i18n import languages
from shop.i18n.links import absolute
from shop.models import Category, Product

PRODUCTS_PER_PAGE = 4000
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def index() -> str:
    """Return the list of the map's pages.

    Two SQL statements: asked for both ends at once, SQLite reads all that is between them.
    """
    first, last = (Product.objects.aggregate(end=end("pk"))["end"] for end in (Min, Max))
    numbers = () if last is None else range(first // PRODUCTS_PER_PAGE, last // PRODUCTS_PER_PAGE + 1)
    pages = [
        reverse("outside:sitemap_shelves"),
        *(reverse("outside:sitemap_products", args=[n]) for n in numbers),
    ]
    entries = "".join(f"<sitemap><loc>{escape(absolute(page))}</loc></sitemap>\n" for page in pages)
    return f"{_HEAD}<sitemapindex {_SPACE}>\n{entries}</sitemapindex>\n"


def shelves() -> str:
    """Return the page of the map with the first page, the listing, every category and every page of text, in two SQL statements."""
    with translation.override(settings.LANGUAGE_CODE):
        paths = [reverse("shop:home"), reverse("shop:products")]
        paths += [category.get_absolute_url() for category in Category.objects.all()]
        paths += [link.url for link in text_pages.links()]
    return _urlset(paths)


def of_products(number: int) -> str:
    """Return a page of the map with the products on sale, in one SQL statement. An empty one is an honest one."""
    first = number * PRODUCTS_PER_PAGE
    rows = Product.objects.shown().filter(pk__gte=first, pk__lt=first + PRODUCTS_PER_PAGE).order_by("pk")
    with translation.override(settings.LANGUAGE_CODE):
        before, after = reverse("shop:product", args=["-"]).rsplit("-", 1)
    return _urlset(f"{before}{slug}{after}" for slug in rows.values_list("slug", flat=True))


def _urlset(paths: Iterable[str]) -> str:
    """Write a page of the map: each path in every language that the shop speaks."""
    codes = [code for code, _name in settings.LANGUAGES]
    entries = "".join(
        f"<url><loc>{escape(absolute(languages.address_in(code, path)))}</loc></url>\n"
        for path in paths
        for code in codes
    )
    return f"{_HEAD}<urlset {_SPACE}>\n{entries}</urlset>\n"
