from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.forms import model_to_dict

from shop.catalogue import denormalised, facets, paging
from shop.catalogue import listing as catalogue
from shop.catalogue.availability import Availability
from shop.catalogue.counts import all_books, books, tally
from shop.catalogue.filters import Filters
from shop.catalogue.listing import UnknownCategoryError, UnknownPageError, UnknownProductError
from shop.forms import read_filters
from shop.models import Category, Product, Variant
from tests.factories import EARLY, CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)


def book(title, *, category="Fiction", editions=((1100, 10),), **fields):
    """Make a product with `(price, stock)` editions."""
    product = ProductFactory(title=title, category=CategoryFactory(name=category), **fields)
    for price, stock in editions:
        VariantFactory(product=product, price=price, stock=stock)
    return product


def titles(**filters):
    return [found.title for found in catalogue.listing(Filters(**filters)).books]


# What is shown


def test_only_published_books_with_an_edition_are_shown():
    book("Walden")
    book("Emma", is_published=False)
    hidden = ProductFactory(title="Candide", category=CategoryFactory())

    listing = catalogue.listing(Filters())

    assert [found.title for found in listing.books] == ["Walden"]
    assert (listing.count, listing.total) == (1, 1)
    for slug in (hidden.slug, Product.objects.get(title="Emma").slug, "nothing"):
        with pytest.raises(UnknownProductError):
            catalogue.product_page(slug)


def test_a_hidden_book_stands_on_no_shelf_of_any_page():
    shown = book("Walden", quote="Simplify.")
    book("Emma", quote="Badly done.", is_published=False, editions=[(1100, 1)])

    home = catalogue.home(NOVEMBER)

    assert home.choice.title == "Walden"
    assert (home.shelf, home.last_copies, home.total) == ((), (), 1)
    assert catalogue.product_page(shown.slug).related == ()


# Price and stock in words


@pytest.mark.parametrize(
    ("stocks", "said"),
    [
        ({"paper": [0]}, Availability("sold_out")),
        ({"paper": [1]}, Availability("few_left", 1)),
        ({"paper": [5]}, Availability("few_left", 5)),
        ({"paper": [6]}, Availability("in_stock")),
        ({"paper": [3, 2]}, Availability("few_left", 5)),
        ({"paper": [3, 40]}, Availability("in_stock")),
        ({"paper": [2], "digital": [500]}, Availability("few_left", 2)),
        ({"paper": [0], "digital": [500]}, Availability("digital")),
        ({"paper": [0], "digital": [0]}, Availability("sold_out")),
        ({"digital": [2]}, Availability("digital")),
    ],
    ids=str,
)
def test_a_book_says_how_many_are_left_only_when_few(stocks, said):
    product = ProductFactory()
    for kind, levels in stocks.items():
        for level in levels:
            VariantFactory(product=product, stock=level, is_digital=kind == "digital")

    assert catalogue.product_page(product.slug).book.availability == said


def test_an_edition_says_its_own_stock():
    product = ProductFactory()
    VariantFactory(product=product, stock=6)
    VariantFactory(product=product, stock=0)
    VariantFactory(product=product, stock=3, is_digital=True)
    VariantFactory(product=product, stock=0, is_digital=True)

    said = [about for _variant, about in catalogue.product_page(product.slug).book.editions]

    assert [about.code for about in said] == ["in_stock", "sold_out", "digital", "sold_out"]
    assert all(about.left is None for about in said)


@pytest.mark.parametrize(
    ("editions", "price", "many"),
    [
        ([(1100, 5)], 1100, False),
        ([(2400, 5), (700, 5)], 700, True),
        ([(2400, 5), (700, 0)], 2400, False),
        ([(2400, 0), (700, 0)], 700, True),
        ([(700, 5), (700, 5)], 700, False),
    ],
)
def test_the_price_of_a_book_is_the_lowest_one_can_pay_now(editions, price, many):
    found = catalogue.product_page(book("Walden", editions=editions).slug).book

    assert (found.price_from, found.has_many_prices) == (price, many)


@pytest.mark.parametrize(
    ("year", "text", "short", "full"),
    [
        (1871, "1871–72", "1871", "1871–72"),
        (1854, "", "1854", "1854"),
        (-300, "", "300 BC", "300 BC"),
        (None, "", "", ""),
    ],
)
def test_years_are_written_as_people_write_them(year, text, short, full):
    found = catalogue.product_page(book("Walden", year=year, years_text=text).slug).book

    assert (found.year, found.years) == (short, full)


def test_the_first_picture_is_the_cover():
    product = book("Walden")
    back = ProductImageFactory(product=product, position=2)
    front = ProductImageFactory(product=product, position=1)

    found = catalogue.product_page(product.slug).book

    assert found.images == (front, back)
    assert found.cover_url == f"/media/{front.file.name}"
    assert catalogue.product_page(book("Emma").slug).book.cover_url == ""


# Search and filters


@pytest.mark.parametrize(
    "words", ["walden", "WALDEN", "thoreau", "pond", "1854", "thoreau pond", "wal 1854", "1854–55"]
)
def test_every_word_is_looked_for_in_title_author_description_and_year(words):
    book("Walden", author="Henry David Thoreau", description="By a pond.", year=1854, years_text="1854–55")
    book("Emma", author="Jane Austen", description="A village.", year=1815)

    assert titles(q=words) == ["Walden"]


@pytest.mark.parametrize("words", ["walden emma", "%", "_", "pond'--x", "99999", "²"])
def test_words_that_no_book_has_find_nothing(words):
    book("Walden", author="Henry David Thoreau", description="By a pond.")

    listing = catalogue.listing(Filters(q=words))

    assert (listing.books, listing.count, listing.has_next) == ((), 0, False)


def test_counts_say_how_many_books_a_choice_leads_to():
    book("Walden", category="Essays")
    book("Emma")
    book("Candide", editions=[(1100, 0)])

    everything = catalogue.listing(Filters())
    fiction = catalogue.listing(Filters(category="fiction"))
    in_stock = catalogue.listing(Filters(category="fiction", in_stock=True))
    search = catalogue.listing(Filters(q="emma"))

    def counts(listing):
        return {shelf.value: shelf.count for shelf in listing.shelves}

    assert counts(everything) == {"essays": 1, "fiction": 2}
    assert (everything.count, everything.facets.in_stock, everything.total) == (3, 2, 3)
    assert (fiction.count, fiction.facets.in_stock) == (2, 1)
    assert counts(in_stock) == {"essays": 1, "fiction": 1}
    assert (in_stock.count, in_stock.total) == (1, 2)
    assert counts(search) == {"essays": 0, "fiction": 1}


def test_an_unknown_category_is_an_error_and_an_empty_one_is_not():
    CategoryFactory(name="Poetry")

    assert titles(category="poetry") == []
    with pytest.raises(UnknownCategoryError) as refusal:
        catalogue.listing(Filters(category="cookery"))
    assert (refusal.value.code, refusal.value.status) == ("unknown_category", 404)


def test_chips_name_each_choice_and_lead_away_from_it():
    book("Emma")
    asked = Filters(q="emma", category="fiction", in_stock=True, sort="new", page=1)

    chips = catalogue.listing(asked).chips

    assert [(chip.words, chip.url) for chip in chips] == [
        ("“emma”", "/products/?category=fiction&in_stock=1&sort=new"),
        ("Fiction", "/products/?q=emma&in_stock=1&sort=new"),
        ("In stock", "/products/?q=emma&category=fiction&sort=new"),
    ]
    assert asked.none.url == "/products/?sort=new"


# Order and pages


def test_books_are_sorted_as_asked():
    book("Emma", editions=[(900, 5), (2400, 5)], created_at=EARLY)
    book("Candide", editions=[(500, 0), (1500, 5)], created_at=EARLY + timedelta(days=2))
    book("Walden", editions=[(1200, 0)], created_at=EARLY + timedelta(days=1))

    assert titles() == ["Candide", "Emma", "Walden"]
    assert titles(sort="new") == ["Candide", "Walden", "Emma"]
    assert titles(sort="price") == ["Emma", "Walden", "Candide"]
    assert titles(sort="-price") == ["Candide", "Walden", "Emma"]


@pytest.mark.parametrize("sort", ["title", "new", "price", "-price"])
def test_equal_books_stand_on_one_page_each(sort, monkeypatch):
    monkeypatch.setattr(catalogue, "PAGE_SIZE", 4)
    for _ in range(10):
        book("Poems")

    pages = [catalogue.listing(Filters(sort=sort, page=page)) for page in (1, 2, 3)]
    addresses = [found.url for page in pages for found in page.books]

    assert [len(page.books) for page in pages] == [4, 4, 2]
    assert [page.has_next for page in pages] == [True, True, False]
    assert len(set(addresses)) == 10


def test_a_full_last_page_has_no_next_and_the_page_after_it_does_not_exist(monkeypatch):
    monkeypatch.setattr(catalogue, "PAGE_SIZE", 2)
    book("Emma")
    book("Walden")

    assert not catalogue.listing(Filters()).has_next
    for page in (2, 10**6):
        with pytest.raises(UnknownPageError):
            catalogue.listing(Filters(page=page))


def test_counting_stops_where_nobody_reads_on(monkeypatch):
    monkeypatch.setattr(facets, "COUNT_LIMIT", 3)
    for number in range(6):
        book(f"Volume {number}")

    assert catalogue.listing(Filters()).count == 4


# More filters


def test_books_are_narrowed_by_format_price_and_author_each_counted_with_the_others_applied():
    emma = book("Emma", author="Jane Austen", editions=[(900, 5)])
    VariantFactory(product=emma, price=2400, format="hardback")
    walden = book("Walden", author="Henry David Thoreau", editions=[(2400, 5)])
    Variant.objects.filter(product=walden).update(format="ebook")
    book("Persuasion", author="Jane Austen", editions=[(1200, 0)])

    everything = catalogue.listing(Filters())
    assert [(option.value, option.count) for option in everything.formats] == [
        ("hardback", 1),
        ("paperback", 2),
        ("ebook", 1),
    ]
    assert [(option.words, option.count) for option in everything.prices] == [
        ("€5.00 to €9.99", 1),
        ("€10.00 to €14.99", 1),
        ("€20.00 to €29.99", 1),
    ]
    assert [(option.value, option.count) for option in everything.authors] == [
        ("Henry David Thoreau", 1),
        ("Jane Austen", 2),
    ]
    assert titles(format="hardback") == ["Emma"]
    assert titles(price="1000-1500") == ["Persuasion"]
    assert titles(price="1000-1500", in_stock=True) == []
    assert titles(price="2400-") == ["Walden"]
    assert titles(author="Jane Austen", format="paperback") == ["Emma", "Persuasion"]
    narrowed = catalogue.listing(Filters(author="Jane Austen", format="paperback"))
    assert [(option.value, option.count, option.chosen) for option in narrowed.formats] == [
        ("hardback", 1, False),
        ("paperback", 2, True),
    ]
    assert [(option.value, option.count) for option in narrowed.authors] == [("Jane Austen", 2)]
    assert (narrowed.count, narrowed.facets.in_stock) == (2, 1)


def test_a_range_or_an_author_that_is_not_offered_can_be_asked_for_and_taken_back():
    book("Emma", author="Jane Austen", editions=[(900, 5)])

    listing = catalogue.listing(Filters(price="850-950", author="Nobody"))

    assert [(option.words, option.count, option.chosen) for option in listing.prices if option.chosen] == [
        ("€8.50 to €9.49", 0, True)
    ]
    assert [option.value for option in listing.authors] == ["Jane Austen", "Nobody"]
    assert [(chip.words, chip.url) for chip in listing.chips] == [
        ("€8.50 to €9.49", "/products/?author=Nobody"),
        ("Nobody", "/products/?price=850-950"),
    ]


def test_bestsellers_come_first_and_of_equals_the_newest():
    emma, walden = book("Emma"), book("Walden", created_at=EARLY + timedelta(days=1))
    candide = book("Candide")
    denormalised.set_sold({candide.pk: 3})

    assert titles(sort="sold") == ["Candide", "Walden", "Emma"]
    assert emma.pk < walden.pk


# From book to book


@pytest.mark.parametrize("sort", ["", "title", "new", "sold", "price", "-price"])
def test_a_cursor_leads_through_all_books_in_the_order_of_the_pages(sort):
    for number in range(11):
        book(
            f"Volume {number % 3}",
            editions=[(1000 + number % 4, 5)],
            created_at=EARLY + timedelta(number % 2),
        )
    filters = Filters(sort=sort, category="fiction")

    parts, cursor = [], ""
    while cursor is not None:
        part = catalogue.part(filters, cursor, size=4)
        parts.append([found.url for found in part.books])
        cursor = part.next

    assert [len(part) for part in parts] == [4, 4, 3]
    assert [url for part in parts for url in part] == [
        found.url for found in catalogue.listing(filters).books
    ]


def test_books_that_come_meanwhile_make_no_other_stand_twice():
    for title in ("Candide", "Emma", "Walden"):
        book(title)

    first = catalogue.part(Filters(), size=2)
    book("Antigone")

    assert [found.title for found in catalogue.part(Filters(), first.next, size=2).books] == ["Walden"]


@pytest.mark.parametrize("count", [5, 30])
def test_a_part_costs_the_same_however_many_books_there_are(count, django_assert_num_queries):
    for number in range(count):
        ProductImageFactory(product=book(f"Volume {number}"))

    with django_assert_num_queries(5):
        catalogue.part(Filters(category="fiction"))


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "é",
        paging.write_cursor("new", ("2026-01-05 09:00:00", 3)),
        paging.write_cursor("title", ("Emma",)),
        paging.write_cursor("title", ("Emma", "3")),
        paging.write_cursor("title", ("Em\0ma", 3)),
        paging.write_cursor("title", ("Emma", 2**63)),
        paging.write_cursor("title", ("Emma", True)),
        paging.write_cursor("title", (None, 3)),
        paging.write_cursor("title", ("\ud800", 3)),
        urlsafe_b64encode(b"[" * 5000).decode(),
        "bnVsbA",
        "MQ",
    ],
)
def test_a_cursor_of_another_list_is_refused(cursor):
    book("Emma")

    with pytest.raises(paging.InvalidCursorError) as refusal:
        catalogue.part(Filters(), cursor)
    assert (refusal.value.code, refusal.value.status) == ("invalid_cursor", 400)


def test_a_day_that_never_was_is_refused():
    with pytest.raises(paging.InvalidCursorError):
        catalogue.part(Filters(sort="new"), paging.write_cursor("new", ("2026-02-30 09:00:00", 3)))


# The first page and the neighbours


def test_the_choice_changes_with_the_month_and_not_within_it():
    for number in range(12):
        book(f"Volume {number}", quote="A line.")

    first = catalogue.home(NOVEMBER)
    later = catalogue.home(NOVEMBER + timedelta(days=10))
    months = {catalogue.home(datetime(2027, month, 3, tzinfo=UTC)).choice.title for month in range(1, 13)}

    assert first == later
    assert len(months) > 3
    assert first.choice.title not in {found.title for found in first.shelf}
    assert len(first.shelf) == 6


def test_without_quotations_the_newest_books_stand_in():
    for number in range(9):
        book(f"Volume {number}", created_at=EARLY + timedelta(days=number))

    home = catalogue.home(NOVEMBER)

    assert {home.choice.title, *(found.title for found in home.shelf)} == {f"Volume {n}" for n in range(2, 9)}


def test_a_sold_out_book_is_not_recommended():
    book("Candide", quote="Cultivate.", editions=[(1100, 0)])

    assert catalogue.home(NOVEMBER).choice is None


def test_last_copies_are_books_of_which_few_are_printed_scarcest_first():
    book("Emma", editions=[(1100, 3)])
    book("Candide", editions=[(1100, 1), (2400, 1)])
    book("Walden", editions=[(1100, 6)])
    book("Dracula", editions=[(1100, 0)])
    for number in range(7):
        book(f"Volume {number}", quote="A line.", editions=[(1100, 50)])

    assert [found.title for found in catalogue.home(NOVEMBER).last_copies] == ["Candide", "Emma"]


def test_the_first_page_counts_a_category_only_so_far(monkeypatch, client):
    monkeypatch.setattr(facets, "SHELF_LIMIT", 2)
    for number in range(3):
        book(f"Volume {number}")
    book("Sonnets", category="Poetry")

    home = catalogue.home(NOVEMBER)

    assert [(shelf.category.name, shelf.count, shelf.more) for shelf in home.shelves] == [
        ("Fiction", 2, True),
        ("Poetry", 1, False),
    ]
    assert all_books(home.total) == "Browse all books"
    assert "2+" in client.get("/").content.decode()


def test_an_empty_shop_has_a_first_page():
    home = catalogue.home(NOVEMBER)

    assert (home.choice, home.shelf, home.last_copies, home.total) == (None, (), (), 0)


def test_neighbours_are_the_next_of_the_category_then_its_first_ones():
    own = [book(f"Volume {number}") for number in range(9)]
    book("Walden", category="Essays")

    related = catalogue.product_page(own[6].slug).related

    assert [found.title for found in related] == [f"Volume {number}" for number in (7, 8, 0, 1, 2, 3)]


def test_programs_are_told_the_same_neighbours_with_all_that_they_ask_of_them(django_assert_num_queries):
    own = [book(f"Volume {number}") for number in range(9)]
    ProductImageFactory(product=own[0], alt="The first volume")
    page = catalogue.product_page(own[7].slug)

    with django_assert_num_queries(3):
        beside = catalogue.neighbours(page.book)

    assert [found.title for found in beside] == [found.title for found in page.related]
    with django_assert_num_queries(0):
        assert (beside[1].cover.alt, beside[1].product.category.name) == ("The first volume", "Fiction")


def test_a_book_in_full_is_as_the_database_has_it(django_assert_num_queries):
    product = book("Walden", editions=[(2400, 0), (1100, 6)], quote="Simplify.")
    for position, name, widths in ((2, "back", []), (1, "front", [320, 640])):
        ProductImageFactory(product=product, file=f"covers/{name}.jpg", widths=widths, position=position)

    found = catalogue.product_page(product.slug).book

    with django_assert_num_queries(0):
        shown = [
            model_to_dict(row)
            for row in (found.product, found.product.category, *found.variants, *found.images)
        ]
    rows = (product, product.category, *product.variants.all(), *product.images.all())
    assert shown == [model_to_dict(type(row).objects.get(pk=row.pk)) for row in rows]
    assert [image.widths for image in found.images] == [[320, 640], []]
    assert found.product.created_at == product.created_at


# What it costs


@pytest.mark.parametrize("count", [1, 30])
def test_pages_cost_the_same_however_many_books_there_are(count, django_assert_num_queries):
    for number in range(count):
        product = book(f"Volume {number}", quote="A line.", editions=[(900, 3), (1100, 1)])
        ProductImageFactory(product=product)

    with django_assert_num_queries(4):
        catalogue.listing(Filters(q="volume", category="fiction", in_stock=True, sort="price"))
    with django_assert_num_queries(3):
        catalogue.product_page(product.slug)
    with django_assert_num_queries(2):
        catalogue.book(product.slug)
    with django_assert_num_queries(5 if count > 1 else 4):  # with one book there is nothing beside the choice
        catalogue.home(NOVEMBER)


def test_what_is_the_same_on_every_page_is_asked_for_once_a_version(monkeypatch, django_assert_num_queries):
    book("Emma")
    asked = Filters(category="fiction", format="paperback")
    for _ in range(2):
        version = str(uuid4())
        monkeypatch.setattr(catalogue, "version_now", lambda version=version: version)
        with django_assert_num_queries(4):
            first = catalogue.listing(asked)
        with django_assert_num_queries(1):
            assert catalogue.listing(replace(asked, sort="price")).facets == first.facets
        book("Persuasion")
    assert (first.count, catalogue.listing(asked).count) == (2, 2)


# Reading the address


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
    assert [books(number) for number in (0, 1, 21, 1000, 1001)] == [
        "0 books",
        "1 book",
        "21 books",
        "1,000 books",
        "More than 1,000 books",
    ]
    assert [tally(number) for number in (0, 1000, 1001)] == ["0", "1,000", "1,000+"]
    assert [all_books(number) for number in (0, 1, 64, 1001)] == [
        "Browse all books",
        "Browse all books",
        "Browse all 64 books",
        "Browse all books",
    ]


def test_categories_keep_their_order():
    for name in ("Poetry", "Essays"):
        CategoryFactory(name=name)
    Category.objects.filter(slug="essays").update(position=0)
    Category.objects.filter(slug="poetry").update(position=1)

    assert [category.name for category in catalogue.listing(Filters()).categories] == ["Essays", "Poetry"]
