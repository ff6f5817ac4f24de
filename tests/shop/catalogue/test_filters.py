"""What a visitor asks of a listing, read from its address, and numbers as people read them."""

import pytest

from shop.catalogue.count_text import browse_all, counted, tally
from shop.catalogue.filters import Filters
from shop.forms import read_filters


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({}, Filters()),
        (
            {"q": "  jane   austen ", "category": " fiction ", "in_stock": "on"},
            Filters("jane austen", "fiction", True),
        ),
        ({"sort": "-price", "page": "3"}, Filters(sort="-price", page=3)),
        ({"sort": "stock", "page": "abc"}, Filters()),
        (
            {"format": "ebook", "price": "0500-1000", "author": " Jane Austen "},
            Filters(format="ebook", price="500-1000", author="Jane Austen"),
        ),
        ({"format": "papyrus", "price": "1000-500", "author": "\x00"}, Filters()),
        ({"price": "-"}, Filters()),
        ({"price": "-99999999999"}, Filters()),
        ({"sort": "title"}, Filters()),
        ({"sort": "match"}, Filters()),
        ({"q": "emma", "sort": "title"}, Filters(q="emma", sort="title")),
        ({"q": "emma", "sort": "match"}, Filters(q="emma")),
        ({"page": "0"}, Filters()),
        ({"page": "-1"}, Filters()),
        ({"page": "1e3"}, Filters()),
        ({"page": "٣"}, Filters()),
        ({"page": "9" * 10}, Filters(page=1_000_000)),
        ({"page": "9" * 5000}, Filters()),
        ({"in_stock": "0"}, Filters()),
        ({"q": "wal\x00den\n"}, Filters(q="wal den")),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(sent, read):
    assert read_filters(sent) == read


def test_a_search_has_an_end():
    assert len(read_filters({"q": "a" * 5000}).q) == 100
    assert read_filters({"q": "a " * 40}).q == "a a a a a a a a"


def test_one_listing_has_one_address():
    assert Filters().url == "/products/"
    assert Filters(q="a&b", category="fiction", in_stock=True, sort="new", page=2).url == (
        "/products/?q=a%26b&category=fiction&in_stock=1&sort=new&page=2"
    )
    assert Filters(page=2).previous.url == "/products/"
    assert Filters(page=2).next.url == "/products/?page=3"


def test_numbers_say_when_they_were_not_counted_to_the_end():
    assert [counted(number) for number in (0, 1, 21, 1000, 1001)] == [
        "0 books",
        "1 book",
        "21 books",
        "1,000 books",
        "More than 1,000 books",
    ]
    assert [tally(number) for number in (0, 1000, 1001)] == ["0", "1,000", "1,000+"]
    assert [browse_all(number) for number in (0, 1, 64, 1001)] == [
        "Browse all books",
        "Browse all books",
        "Browse all 64 books",
        "Browse all books",
    ]
