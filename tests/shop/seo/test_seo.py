"""What those outside get of a page: search engines, people who share a link."""

import json
import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from shop.covers import draw
from shop.models import Product
from shop.seo import sitemap, social
from tests.factories import EARLY, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings, tmp_path):
    settings.STORE_URL = "https://folio.example"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def walden():
    product = ProductFactory(
        title="Walden", slug="walden", author="Henry David Thoreau", year=1854, pages=352,
        description="Two years in a hut, told as one.",
    )  # fmt: skip
    name = default_storage.save("covers/walden.svg", ContentFile(draw("Walden", "Thoreau", 1854).encode()))
    ProductImageFactory(product=product, file=name)
    VariantFactory(product=product, name="Paperback", sku="WALDEN-PB", price=1100, stock=10)
    VariantFactory(product=product, name="Hardback", sku="WALDEN-HB", price=2400, stock=2)
    VariantFactory(product=product, name="E-book", sku="WALDEN-EB", price=500, stock=0, is_digital=True)
    return product


def meta(response):
    """Return what a page's meta elements say, by name."""
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', response.content.decode())
    return {name: unescape(content) for name, content in found}


def linked_data(response):
    """Return a page's JSON-LD as a browser would hand it on: all up to the next end of a script."""
    (text,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script', response.content.decode(), re.DOTALL
    )
    return json.loads(text)


def test_a_book_says_what_it_costs_and_whether_there_is_one(client, walden):
    book, crumbs = linked_data(client.get("/products/walden/"))["@graph"]

    assert book["@type"] == ["Product", "Book"]
    assert (book["name"], book["author"]["name"]) == ("Walden", "Henry David Thoreau")
    assert (book["datePublished"], book["numberOfPages"]) == ("1854", 352)
    assert book["url"] == "https://folio.example/products/walden/"
    assert [
        (offer["sku"], offer["price"], offer["priceCurrency"], offer["availability"].rpartition("/")[2])
        for offer in book["offers"]
    ] == [
        ("WALDEN-PB", "11.00", "EUR", "InStock"),
        ("WALDEN-HB", "24.00", "EUR", "LimitedAvailability"),
        ("WALDEN-EB", "5.00", "EUR", "OutOfStock"),
    ]
    assert [(step["position"], step["name"], step["item"]) for step in crumbs["itemListElement"]] == [
        (1, "All books", "https://folio.example/products/"),
        (2, "Fiction", "https://folio.example/products/?category=fiction"),
        (3, "Walden", "https://folio.example/products/walden/"),
    ]


@pytest.mark.parametrize(
    "title", ["</script><script>alert(1)</script>", "<!--<script>", '"}]', "Tom & Jerry", "a\u2028b\\"]
)
def test_no_title_ends_the_data_it_stands_in(client, walden, title):
    Product.objects.update(title=title)

    response = client.get("/products/walden/")

    assert linked_data(response)["@graph"][0]["name"] == title
    assert b"<script>alert" not in response.content


def test_the_year_of_an_ancient_book_and_a_missing_author_are_left_out(client, walden):
    Product.objects.update(year=-380, author="", pages=None, description="")

    response = client.get("/products/walden/")

    assert not {"datePublished", "author", "numberOfPages", "description"} & set(
        linked_data(response)["@graph"][0]
    )
    assert meta(response)["description"] == "Walden"


def test_a_shared_link_has_a_title_a_sentence_and_a_picture(client, walden):
    told = meta(client.get("/products/walden/?utm_source=x"))

    assert told["og:title"] == "Walden"
    assert told["og:type"] == "book"
    assert told["og:url"] == "https://folio.example/products/walden/"
    assert told["description"] == told["og:description"] == "Two years in a hut, told as one."
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:image"].startswith("https://folio.example/social/walden/")


@pytest.mark.parametrize("path", ["/", "/products/", "/products/?category=fiction", "/products/walden/"])
def test_the_picture_of_every_public_page_is_there_and_kept_for_ever(client, walden, path):
    address = meta(client.get(path))["og:image"].removeprefix("https://folio.example")

    first, second = client.get(address), client.get(address)

    assert first.headers["Content-Type"] == "image/jpeg"
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    data = b"".join(first.streaming_content)
    assert data == b"".join(second.streaming_content)
    assert Image.open(BytesIO(data)).size == (1200, 630)
    assert len(data) < 200_000


def test_it_is_drawn_once(client, walden, monkeypatch):
    address = meta(client.get("/products/walden/"))["og:image"].removeprefix("https://folio.example")
    b"".join(client.get(address).streaming_content)
    monkeypatch.setattr(social, "draw", None)

    response = client.get(address)

    assert response.status_code == 200
    b"".join(response.streaming_content)


def test_an_old_address_leads_to_the_picture_of_now_and_a_made_up_one_draws_nothing(client, walden):
    old = meta(client.get("/products/walden/"))["og:image"].removeprefix("https://folio.example")
    Product.objects.update(title="Walden; or, Life in the Woods")
    new = meta(client.get("/products/walden/"))["og:image"].removeprefix("https://folio.example")

    assert old != new
    assert client.get(old).headers["Location"] == new
    assert client.get("/social/walden/0123456789abcdef.jpg").headers["Location"] == new
    assert client.get("/social/nothing/0123456789abcdef.jpg").status_code == 404
    Product.objects.update(is_published=False)
    assert client.get(new).status_code == 404
    assert not default_storage.exists("social")


@pytest.mark.parametrize(("title", "author"), [("A" * 200, "B" * 160), ("紅樓夢", "曹雪芹"), ("<&>", "")])
def test_any_title_can_be_drawn(title, author):
    assert social.draw(social.Card(title, author, "covers/lost.svg", "walden", "Folio"))


def test_what_somebody_searched_is_not_for_search_engines(client, walden):
    assert meta(client.get("/products/?q=walden"))["robots"] == "noindex, follow"
    assert "robots" not in meta(client.get("/products/?category=fiction"))


# Search engines and feed readers


def locations(client, path):
    response = client.get(path)
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    return [element.text for element in ET.fromstring(response.content).findall(".//{*}loc")]


def test_the_map_leads_to_every_public_page_in_every_language_and_each_is_there(client, walden):
    ProductFactory(slug="hidden", is_published=False)
    pages = locations(client, "/sitemap.xml")
    addresses = [
        address for page in pages for address in locations(client, page.removeprefix("https://folio.example"))
    ]

    assert addresses == [
        f"https://folio.example{prefix}{path}"
        for path in ("/", "/products/", "/products/?category=fiction", "/products/walden/")
        for prefix in ("", "/de")
    ]
    for address in addresses:
        path = address.removeprefix("https://folio.example")
        page = client.get(path)
        assert page.status_code == 200
        assert f'<link rel="canonical" href="{address}">' in page.content.decode()


def test_the_map_is_paged_by_id_without_counting(client, walden, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(sitemap, "PRODUCTS_PER_PAGE", 4)
    first = walden.pk
    for number in range(9):
        VariantFactory(product__slug=f"volume-{number}")
    pages = locations(client, "/sitemap.xml")[1:]

    assert [int(re.search(r"(\d+)\.xml", page)[1]) for page in pages] == list(
        range(first // 4, (first + 9) // 4 + 1)
    )
    found = [locations(client, page.removeprefix("https://folio.example")) for page in pages]
    assert max(map(len, found)) == 4 * 2
    assert len({address for page in found for address in page}) == 10 * 2
    for path, most in (
        ("/sitemap.xml", 2),
        ("/sitemap-shelves.xml", 2),
        (f"/sitemap-books-{first // 4}.xml", 1),
    ):
        with django_assert_num_queries(most):
            client.get(path)


def test_an_empty_shop_has_a_map_and_no_number_breaks_it(client):
    assert locations(client, "/sitemap.xml") == ["https://folio.example/sitemap-shelves.xml"]
    assert locations(client, f"/sitemap-books-{'9' * 40}.xml") == []
    assert client.get("/sitemap-books--1.xml").status_code == 404


def test_who_has_the_map_already_gets_304(client, walden):
    tag = client.get("/sitemap.xml").headers["ETag"]

    assert client.get("/sitemap.xml", headers={"If-None-Match": tag}).status_code == 304


def test_robots_find_the_map_and_no_private_corner(client):
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: https://folio.example/sitemap.xml" in lines
    assert {"Disallow: /admin/", "Disallow: /de/products/?*q=", "Disallow: /products/?*q="} <= set(lines)


@pytest.mark.parametrize(
    "path", ["/cart/", "/accounts/login/", "/accounts/signup/", "/nowhere/", "/de/cart/"]
)
def test_what_is_private_or_nowhere_is_not_for_search_engines(client, path):
    assert meta(client.get(path))["robots"] == "noindex"


def test_the_feed_tells_the_newest_books(client, walden, django_assert_num_queries):
    VariantFactory(
        product__title="Emma & others", product__slug="emma", product__created_at=EARLY + timedelta(days=1)
    )

    with django_assert_num_queries(1):
        response = client.get("/new-books.atom")

    feed = ET.fromstring(response.content)
    name = {"": "http://www.w3.org/2005/Atom"}
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    assert feed.find("title", name).text == "New books at Folio"
    assert [entry.find("title", name).text for entry in feed.iterfind("entry", name)] == [
        "Emma & others",
        "Walden",
    ]
    entry = feed.find("entry", name)
    assert entry.find("link", name).get("href") == "https://folio.example/products/emma/"
    assert entry.find("published", name).text == "2026-01-06T09:00:00+00:00"
    assert entry.find("author/name", name).text == "George Eliot"
    assert not response.cookies
    assert '<link rel="alternate" type="application/atom+xml"' in client.get("/").content.decode()
    german = ET.fromstring(client.get("/de/new-books.atom").content)
    assert (
        german.find("entry", name).find("link", name).get("href") == "https://folio.example/de/products/emma/"
    )


def test_the_icon_is_where_browsers_look_for_it(client):
    assert client.get("/favicon.ico").headers["Location"] == "/static/img/favicon.ico"
