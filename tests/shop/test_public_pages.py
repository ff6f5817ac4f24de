"""Public pages: the same for everybody, and beside them what is personal."""

import pytest
from django.test import Client

from shop import stock
from shop.models import Variant
from shop.page_cache import cached_pages
from tests import statements
from tests.factories import EARLY, ProductFactory, ProductImageFactory, VariantFactory
from tests.shop.pages import add, tag, words

pytestmark = pytest.mark.django_db


# Public pages


PUBLIC = [
    "/",
    "/products/",
    "/products/?q=walden&in_stock=1&sort=price",
    "/products/walden/",
    "/products/nothing/",
]


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_the_same_bytes_for_everybody(client, as_alice, as_sam, walden, path):
    visitor = Client()
    add(visitor, walden)
    add(as_alice, walden)

    answers = [who.get(path) for who in (client, visitor, as_alice, as_sam)]

    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    for answer in answers:
        # The first page leads to the language that was chosen before, which a cookie tells.
        assert ("Cookie" in answer.headers.get("Vary", "")) == (path == "/")
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert b"csrf" not in answer.content


@pytest.mark.parametrize("path", ["/", "/products/", "/products/walden/"])
def test_who_has_the_page_already_gets_304_until_it_changes(client, walden, path):
    tag = client.get(path).headers["ETag"]

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    Variant.objects.update(price=1250)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/products/?page=abc", 200, "Walden"),
        ("/products/?page=0", 200, "Walden"),
        ("/products/?sort=nonsense&in_stock=maybe", 200, "Walden"),
        ("/products/?q=%00", 200, "Walden"),
        ("/products/?q=wuthring", 200, "No book matches “wuthring”. Try fewer letters, or an author."),
        ("/products/?q=waldne", 200, "No book matches “waldne”. Did you mean walden ?"),
        ("/products/?category=fiction&in_stock=1", 200, "1 book Remove Fiction Remove In stock Clear both"),
        ("/products/?category=cookery", 404, "We have no such category."),
        ("/products/?page=2", 404, "This list has fewer pages than that."),
        ("/products/?page=9999999999999999999999", 200, "Walden"),
        ("/products/nothing/", 404, "We have no such book, or not any more."),
    ],
)
def test_odd_addresses_get_a_clear_page(client, walden, path, status, said):
    response = client.get(path)

    assert response.status_code == status
    assert said in words(response)


def test_a_listing_names_its_one_address(client, walden, settings):
    settings.STORE_URL = "https://folio.example"
    response = client.get("/products/?sort=nonsense&page=abc&category=fiction&in_stock=&utm_source=x")
    page = response.content.decode()

    assert response.headers["HX-Push-Url"] == "/products/?category=fiction"
    assert '<link rel="canonical" href="https://folio.example/products/?category=fiction">' in page
    assert (
        '<link rel="canonical" href="https://folio.example/products/walden/">'
        in client.get("/products/walden/?utm_source=x").content.decode()
    )


@pytest.mark.parametrize("path", ["/", "/products/", "/products/walden/", "/cart/", "/fragments/personal/"])
def test_pages_that_only_show_refuse_to_be_written_to(client, walden, path):
    assert client.post(path).status_code in {403, 405}
    assert Client(enforce_csrf_checks=True).post(path).status_code in {403, 405}


def test_what_people_typed_is_shown_as_text(client, walden):
    page = client.get("/products/", {"q": '<script>"&'}).content.decode()

    assert '<script>"' not in page
    assert "&lt;script&gt;&#34;&amp;" in page


@pytest.mark.django_db(transaction=True)
def test_public_pages_cost_the_same_however_many_books_there_are(client):
    paths = ("/", "/products/?category=fiction&in_stock=1", "/products/?q=book", "/products/volume-0/")

    def more(numbers):
        for number in numbers:
            product = ProductFactory(slug=f"volume-{number}", quote="A line.")
            ProductImageFactory(product=product)
            VariantFactory.create_batch(2, product=product, stock=2)

    def made_anew():
        cached_pages.memory.clear()
        return [statements.count(lambda path=path: client.get(path)) for path in paths]

    more(range(8))
    for_few = made_anew()
    more(range(8, 40))
    assert made_anew() == for_few


def test_the_first_available_edition_is_chosen_and_a_sold_out_one_cannot_be(client, walden):
    product = walden.product
    gone = VariantFactory(product=product, name="Hardback", stock=0, position=0)
    Variant.objects.filter(pk=walden.pk).update(position=1)

    response = client.get("/products/walden/")

    assert tag(response, rf'<input[^>]*value="{gone.pk}"[^>]*>').endswith(" disabled>")
    assert tag(response, rf'<input[^>]*value="{walden.pk}"[^>]*>').endswith(" checked>")


def test_a_book_that_is_wholly_sold_out_says_so_and_offers_no_button(client, walden):
    stock.set_level(walden.pk, 0, reason="test", now=EARLY)

    response = client.get("/products/walden/")

    assert "Every edition is sold out." in words(response)
    assert "Add to cart" not in words(response)


def test_the_exact_stock_above_a_few_is_nowhere_in_a_page(client, walden):
    stock.set_level(walden.pk, 4321, reason="test", now=EARLY)
    add(client, walden)

    for path in ("/", "/products/", "/products/walden/", "/cart/"):
        assert b"4321" not in client.get(path).content


# The personal half


def test_the_personal_fragment_is_private_and_never_kept(as_alice, alice, walden):
    add(as_alice, walden, "3")

    response = as_alice.get("/fragments/personal/")

    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Your orders Alice" in words(response)
    assert "3 books" in words(response)
    assert "In your cart. Walden, paperback." in words(response)


def test_a_visitors_fragment_knows_nobody(client, walden):
    assert words(client.get("/fragments/personal/")).split() == ["Log", "in", "Cart"]
    add(client, walden, "2")
    assert "2 books" in words(client.get("/fragments/personal/"))


def test_messages_are_told_once(client, walden):
    add(client, walden)

    assert "In your cart." in words(client.get("/fragments/personal/"))
    assert "In your cart." not in words(client.get("/cart/"))
