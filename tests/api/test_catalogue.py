"""The catalogue as JSON: the same bytes for everybody, kept by whoever likes, asked for anew at little cost."""

import gzip
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from shop.models import Variant
from tests.api.app import ROOT, App
from tests.conftest import logged_in
from tests.factories import ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db

PUBLIC = [
    "/products",
    "/products/book",
    "/facets?q=book",
    "/suggestions?q=boo",
    "/categories",
    "/pages",
    "/config",
    "/delivery-options",
]


@pytest.fixture
def book(db: None) -> Variant:
    variant = VariantFactory(product__slug="book", product__title="Middlemarch", price=1100, stock=9)
    ProductImageFactory(product=variant.product)
    return variant


def test_a_book_has_what_others_rely_on(book: Variant) -> None:
    shown = App().get("/products/book")
    [edition] = shown["variants"]
    assert edition == {
        "id": book.pk,
        "sku": book.sku,
        "name": "Paperback",
        "detail": "",
        "price": 1100,
        "is_digital": False,
        "availability": "in_stock",
        "left": None,
    }
    assert (shown["slug"], shown["title"], shown["price_from"]) == ("book", "Middlemarch", 1100)
    assert shown["category"] == {"slug": "fiction", "name": "Fiction"}
    assert shown["cover"] == shown["images"][0]
    assert shown["cover"]["url"].startswith("/media/covers/")


@pytest.mark.parametrize(
    ("stock", "availability", "left"),
    [
        (0, "sold_out", None),
        (1, "few_left", 1),
        (5, "few_left", 5),
        (6, "in_stock", None),
        (600, "in_stock", None),
    ],
)
def test_the_exact_stock_is_told_only_when_it_is_small(
    db: None, stock: int, availability: str, left: int | None
) -> None:
    VariantFactory(product__slug="book", stock=stock)
    for shown in (App().get("/products/book"), App().get("/products")["items"][0]):
        [edition] = shown["variants"]
        assert (edition["availability"], edition["left"]) == (availability, left)
        assert (shown["availability"], shown["left"]) == (availability, left)


def test_an_e_book_is_in_stock_or_sold_out(db: None) -> None:
    VariantFactory(product__slug="e", is_digital=True, stock=2)
    [edition] = App().get("/products/e")["variants"]
    assert (edition["availability"], edition["left"], edition["is_digital"]) == ("in_stock", None, True)


def test_what_is_not_published_is_not_there(book: Variant) -> None:
    ProductFactory(slug="hidden", is_published=False)
    assert [shown["slug"] for shown in App().get("/products")["items"]] == ["book"]
    assert App().ask("GET", "/products/hidden").status_code == 404


def test_a_listing_is_walked_to_its_end_and_nothing_comes_twice(db: None) -> None:
    slugs = [VariantFactory().product.slug for _book in range(60)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        part = App().get(f"/products?cursor={cursor}")
        seen += [shown["slug"] for shown in part["items"]]
        cursor = part["next"]
    assert seen == slugs


def test_filters_and_sorts_are_those_of_the_pages(db: None) -> None:
    VariantFactory(product__title="Walden", product__category__name="Essays", price=900, stock=0)
    VariantFactory(product__title="Emma", price=700)
    VariantFactory(product__title="Ulysses", price=1900)

    def titles(query: str) -> list[str]:
        return [shown["title"] for shown in App().get(f"/products?{query}")["items"]]

    assert titles("") == ["Emma", "Ulysses", "Walden"]
    assert titles("q=WALD") == ["Walden"]
    assert titles("category=fiction") == ["Emma", "Ulysses"]
    assert titles("in_stock=true") == titles("in_stock=1") == ["Emma", "Ulysses"]
    assert titles("in_stock=false") == ["Emma", "Ulysses", "Walden"]
    assert titles("sort=price&in_stock=1") == ["Emma", "Ulysses"]
    assert titles("sort=-price&in_stock=1") == ["Ulysses", "Emma"]


def test_facets_say_what_each_choice_leads_to(db: None) -> None:
    VariantFactory(product__title="Walden", product__category__name="Essays", price=900, stock=0)
    VariantFactory(product__title="Emma", price=700)
    VariantFactory(product__title="Ulysses", price=1900)
    facets = App().get("/facets?category=fiction")
    assert (facets["count"], facets["in_stock"], facets["more"], facets["meant"]) == (2, 2, False, None)
    assert [option["value"] for option in facets["categories"] if option["chosen"]] == ["fiction"]
    assert {option["value"]: option["count"] for option in facets["categories"]} == {
        "fiction": 2,
        "essays": 1,
    }
    assert [option["count"] for option in facets["authors"]] == [2]
    assert App().get("/facets?q=waldne")["meant"] == "walden"


def test_suggestions_come_while_somebody_types(db: None) -> None:
    VariantFactory(product__title="Middlemarch", product__slug="middlemarch")
    assert App().get("/suggestions?q=midd")["items"] == [
        {"slug": "middlemarch", "title": "Middlemarch", "author": "George Eliot"}
    ]
    assert App().get("/suggestions?q=%20")["items"] == []


def test_what_is_kept_is_kept_for_each_storefront(book: Variant, settings: Any) -> None:
    settings.PAGE_CACHE = True
    settings.CORS_ALLOWED_ORIGINS = ["https://one.example", "https://two.example"]
    origins = ["https://one.example", "https://two.example", "https://evil.example", ""]
    for _time in range(2):  # made, then kept
        for origin in origins:
            answer = Client().get(f"{ROOT}/products/book", headers={"Origin": origin} if origin else {})
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert allowed == (origin if origin in settings.CORS_ALLOWED_ORIGINS else None)
            assert "origin" in answer["Vary"]


def test_config_tells_what_a_client_must_know(settings: Any) -> None:
    config = App().get("/config")
    assert {name: config[name] for name in ("store_name", "currency", "decimals", "max_line_quantity")} == {
        "store_name": "Folio",
        "currency": "eur",
        "decimals": 2,
        "max_line_quantity": 99,
    }
    assert config["publishable_key"] == settings.STRIPE.publishable_key
    assert {"code": "NL", "name": "Netherlands"} in config["countries"]
    assert settings.STRIPE.secret_key not in json.dumps(config)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_answers_are_the_same_for_everybody_and_may_be_kept(
    book: Variant, alice: User, path: str
) -> None:
    visitor, customer = Client(), logged_in(alice)
    visitor.post(f"{ROOT}/cart/lines", {"variant": book.pk}, "application/json")
    answers = [client.get(ROOT + path) for client in (Client(), visitor, customer)]
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        assert "public" in answer["Cache-Control"]
        assert "Cookie" not in answer["Vary"]
        assert not answer.cookies


@pytest.mark.parametrize("path", PUBLIC)
def test_what_has_not_changed_is_not_sent_again(book: Variant, path: str) -> None:
    first = Client().get(ROOT + path, headers={"Accept-Encoding": "gzip"})
    again = Client().get(ROOT + path, headers={"If-None-Match": first["ETag"], "Accept-Encoding": "gzip"})
    assert (again.status_code, again.content) == (304, b"")


def test_a_new_price_is_there_at_once(book: Variant) -> None:
    first = Client().get(f"{ROOT}/products/book")
    Variant.objects.update(price=1200)
    again = Client().get(f"{ROOT}/products/book", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.json()["price_from"]) == (200, 1200)


def test_answers_are_compressed(db: None) -> None:
    for _book in range(10):
        VariantFactory()
    packed = Client().get(f"{ROOT}/products", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    plain = gzip.decompress(packed.content)
    assert len(packed.content) < len(plain) / 4
    assert plain == Client().get(f"{ROOT}/products").content


def test_what_is_personal_is_kept_by_nobody(alice: User) -> None:
    app = App()
    app.log_in(alice)
    for path in ("/cart", "/orders", "/me", "/addresses"):
        assert app.ask("GET", path)["Cache-Control"] == "private, no-store"
    assert App().ask("GET", "/orders")["Cache-Control"] == "private, no-store"


def test_nothing_takes_more_statements_for_many_books_than_for_few(db: None, settings: Any) -> None:
    settings.PAGE_CACHE = False

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as found:
            App().get(path)
        return len(found)

    VariantFactory(product__slug="book")
    VariantFactory()
    few = [statements(path) for path in PUBLIC]
    for _book in range(20):
        ProductImageFactory(product=VariantFactory().product)
    many = [statements(path) for path in PUBLIC]
    assert all(now <= before for now, before in zip(many, few, strict=True))
