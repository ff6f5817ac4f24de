"""How much goes over the wire: the catalogue's pages with books of the demo, compressed as a small server compresses them."""

import gzip
import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

from shop.demo import loading, titles
from shop.models import Product
from tests.factories import EARLY

pytestmark = pytest.mark.django_db

PATHS = ["/", "/products/", "/products/?category=fiction&sort=new", "/products/middlemarch/", "/de/products/"]


@pytest.fixture
def demo(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    shelves = titles.read()[:2]
    monkeypatch.setattr(titles, "read", lambda: shelves)
    loading.load_products(now=EARLY)


def files(page, pattern):
    """Return the static files that a page names, without the hash that production adds."""
    return sorted(set(re.findall(rf'"/static/((?:css|js)/[\w./-]+\.{pattern})"', page)))


def test_catalogue_pages_are_light(client, demo):
    for path in PATHS:
        page = client.get(path).content
        sent = len(gzip.compress(page, 6))
        assert sent <= 12_000, f"{path}: {sent} bytes"


def test_our_own_styles_and_scripts_are_light(client, demo):
    for path in PATHS:
        page = client.get(path).content.decode()
        own = files(page, "css") + files(page, "js")
        sent = sum(len(brotli.compress(Path(finders.find(name)).read_bytes())) for name in own)
        assert {"css/tokens.css", "css/base.css", "css/components.css", "js/folio.js"} <= set(own)
        assert sent <= 20_000, f"{path}: {sent} bytes"


def test_nothing_comes_from_elsewhere_and_no_font_is_fetched(client, demo):
    for path in PATHS:
        page = client.get(path).content.decode()
        loaded = re.findall(
            r'<(?:script|img|source|link rel="(?:stylesheet|icon)")[^>]*?(?:src|href)="([^"]+)"', page
        )
        assert loaded
        assert all(address.startswith(("/static/", "/media/")) for address in loaded)
        assert "stripe" not in page
        for name in files(page, "css"):
            assert "@font-face" not in Path(finders.find(name)).read_text()


def test_every_picture_has_its_place_and_those_below_wait(client, demo):
    for path in PATHS:
        pictures = re.findall(r"<img [^>]*>", client.get(path).content.decode())
        assert pictures
        for picture in pictures:
            assert re.search(r' width="\d+" height="\d+"', picture)
        eager = [picture for picture in pictures if 'loading="lazy"' not in picture]
        assert len(eager) <= 6, path


def test_a_listing_with_photographs_stays_light(client, demo):
    for product in Product.objects.prefetch_related("images"):
        product.images.update(file=f"covers/{product.slug}-0123456789ab.jpg", widths=[240, 480, 960])

    assert len(gzip.compress(client.get("/products/").content, 6)) <= 12_000
