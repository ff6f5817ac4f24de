from datetime import UTC, datetime, timedelta

import pytest

from shop.catalogue import facets
from shop.catalogue.count_text import browse_all
from shop.catalogue.home import home
from shop.catalogue.product_page import product_page
from tests import statements
from tests.factories import EARLY, ProductImageFactory
from tests.shop.catalogue.books import book

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)


def test_a_hidden_book_stands_on_no_shelf_of_any_page():
    shown = book("Walden", quote="Simplify.")
    book("Emma", quote="Badly done.", is_published=False, editions=[(1100, 1)])

    page = home(NOVEMBER)

    assert page.choice[1].title == "Walden"
    assert (page.shelf, page.last_copies, page.total) == ([], [], 1)
    assert product_page(shown.slug).related == ()


def test_the_choice_changes_with_the_month_and_not_within_it():
    for number in range(12):
        book(f"Volume {number}", quote="A line.")

    first = home(NOVEMBER)
    later = home(NOVEMBER + timedelta(days=10))
    months = {home(datetime(2027, month, 3, tzinfo=UTC)).choice[1].title for month in range(1, 13)}

    assert first == later
    assert len(months) > 3
    assert first.choice[1].title not in {found.title for found in first.shelf}
    assert len(first.shelf) == 6


def test_without_quotations_the_newest_books_stand_in():
    for number in range(9):
        book(f"Volume {number}", created_at=EARLY + timedelta(days=number))

    page = home(NOVEMBER)

    assert {page.choice[1].title, *(found.title for found in page.shelf)} == {
        f"Volume {n}" for n in range(2, 9)
    }


def test_a_sold_out_book_is_not_recommended():
    book("Candide", quote="Cultivate.", editions=[(1100, 0)])

    assert home(NOVEMBER).choice is None


def test_last_copies_are_books_of_which_few_are_printed_scarcest_first():
    book("Emma", editions=[(1100, 3)])
    book("Candide", editions=[(1100, 1), (2400, 1)])
    book("Walden", editions=[(1100, 6)])
    book("Dracula", editions=[(1100, 0)])
    for number in range(7):
        book(f"Volume {number}", quote="A line.", editions=[(1100, 50)])

    assert [found.title for found in home(NOVEMBER).last_copies] == ["Candide", "Emma"]


def test_the_first_page_counts_a_category_only_so_far(monkeypatch, client):
    monkeypatch.setattr(facets, "SHELF_LIMIT", 2)
    for number in range(3):
        book(f"Volume {number}")
    book("Sonnets", category="Poetry")

    page = home(NOVEMBER)

    assert [(shelf.category.name, shelf.count, shelf.more) for shelf in page.contents] == [
        ("Fiction", 2, True),
        ("Poetry", 1, False),
    ]
    assert browse_all(page.total) == "Browse all books"
    assert "2+" in client.get("/").content.decode()


def test_an_empty_shop_has_a_first_page():
    page = home(NOVEMBER)

    assert (page.choice, page.shelf, page.last_copies, page.total) == (None, [], [], 0)


def test_an_edition_that_is_scarce_beside_one_that_is_not_makes_no_last_copy():
    book("Emma", editions=[(1100, 3), (2400, 40)])
    book("Walden", editions=[(1100, 3), (2400, 4)])
    for number in range(7):
        book(f"Volume {number}", quote="A line.", editions=[(1100, 50)])

    assert home(NOVEMBER).last_copies == []


def test_the_first_page_costs_the_same_for_few_books_and_for_many():
    def more(numbers):
        for number in numbers:
            product = book(f"Volume {number}", quote="A line.", editions=[(900, 3), (1100, 1)])
            ProductImageFactory(product=product)

    more(range(8))
    for_few = statements.count(lambda: home(NOVEMBER))
    more(range(8, 40))
    assert statements.count(lambda: home(NOVEMBER)) == for_few
