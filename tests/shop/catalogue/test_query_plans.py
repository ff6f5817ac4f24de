"""How the database answers pages: from an index, and the same whichever index it is."""

from datetime import UTC, datetime
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop.catalogue import facets, product_page, products
from shop.catalogue import listing as catalogue
from shop.catalogue.filters import Filters, Sort
from shop.catalogue.home import home
from shop.models import Product
from tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db
SORTS = [sort for sort in Sort if sort != Sort.MATCH]
CHOICES = [
    {},
    {"in_stock": True},
    {"format": "ebook"},
    {"price": "500-1000"},
    {"author": "Ada Abendroth"},
    {"format": "ebook", "price": "500-1000"},
    {"format": "ebook", "author": "Ada Abendroth", "in_stock": True},
]
LISTINGS = [
    Filters(category=category, sort=sort, **choices)
    for category, sort, choices in product(("", "fiction"), SORTS, CHOICES)
]


@pytest.fixture(autouse=True)
def books():
    for number in range(24):
        shelf = CategoryFactory(name="Fiction" if number % 3 else "Poetry")
        author = "Ada Abendroth" if number % 4 == 1 else f"Author {number % 5}"
        made = ProductFactory(title=f"Volume {number % 7}", author=author, category=shelf)
        VariantFactory(
            product=made,
            price=400 + 90 * (number % 8),
            stock=number % 5,
            format="ebook" if number % 2 else "paperback",
            is_digital=bool(number % 2),
        )


def plans(statements):
    """Yield how the database would answer each, in lines; it may read a table whole only where it has no other way."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What it knows of the tables may still be what other tests left in them.
            cursor.execute("ANALYZE shop_product, shop_category, shop_variant")
            cursor.execute("SET LOCAL enable_seqscan = off")
        for statement in statements:
            cursor.execute(explain + statement)
            yield [str(row[-1]) for row in cursor.fetchall()]


def reads_all_books(lines):
    # Books that were gathered first are called p too.
    gathered = sum(line in {"CO-ROUTINE p", "MATERIALIZE p"} for line in lines)
    return sum(
        line in {"SCAN p", "SCAN shop_product"} for line in lines
    ) > gathered or "Seq Scan on shop_product " in " ".join(lines)


def asked(act, *arguments):
    with CaptureQueriesContext(connection) as captured:
        act(*arguments)
    return [query["sql"] for query in captured if query["sql"].lstrip().startswith(("SELECT", "WITH"))]


def everything(slug):
    for filters in LISTINGS:
        catalogue.listing(filters)
        part = catalogue.part(filters, size=2)
        catalogue.part(filters, part.next or "", size=2)
    page = product_page.product_page(slug)
    products.by_ids(product_page.neighbours(page.shown.product))
    home(datetime(2026, 11, 14, tzinfo=UTC))


@pytest.mark.parametrize("limit", [0, 1000])
def test_no_page_reads_all_books(monkeypatch, limit):
    monkeypatch.setattr(facets, "COUNT_LIMIT", limit)
    statements = asked(everything, Product.objects.latest("pk").slug)
    assert len(statements) > 300
    assert [lines for lines in plans(statements) if reads_all_books(lines)] == []


def test_a_statement_without_an_index_would_be_seen():
    [lines] = plans(["SELECT p.id FROM shop_product p WHERE p.description = 'x'"])
    assert reads_all_books(lines)


# Among two dozen books PostgreSQL gladly gathers and sorts them; bench/ shows that it does not among a million.
@pytest.mark.only_on("sqlite")
def test_neighbours_are_found_by_the_index_of_their_category():
    statements = asked(product_page.product_page, Product.objects.latest("pk").slug)
    found = [lines for lines in plans(statements) if "product_in_category_by_new" in " ".join(lines)]
    assert len(found) == 2  # the newest has none that are newer, so the oldest come too
    assert "TEMP B-TREE" not in str(found)


def test_few_books_and_many_are_found_alike(monkeypatch):
    def all_pages():
        return [
            ([card.url for card in listing.cards], [item.product.pk for item in part.products], part.next)
            for filters in LISTINGS
            for listing, part in [(catalogue.listing(filters), catalogue.part(filters, size=3))]
        ]

    few = all_pages()
    monkeypatch.setattr(facets, "COUNT_LIMIT", 0)
    assert all_pages() == few


@pytest.mark.parametrize("chosen", CHOICES)
def test_counts_are_those_of_counting_one_by_one(chosen):
    found = catalogue.listing(Filters(category="fiction", **chosen)).facets
    assert found.count == len(catalogue.listing(Filters(category="fiction", **chosen)).cards)
    for name, counts in (("category", found.categories), ("format", found.formats), ("price", found.prices)):
        for value, count in counts.items():
            asked_for = {"category": "fiction", **chosen, name: value}
            assert count == len(catalogue.listing(Filters(**asked_for)).cards), (name, value)
    for author, count in found.authors.items():
        asked_for = {"category": "fiction", **chosen, "author": author}
        assert count == len(catalogue.listing(Filters(**asked_for)).cards)
    in_stock = Filters(category="fiction", **{**chosen, "in_stock": True})
    assert found.in_stock == len(catalogue.listing(in_stock).cards)
