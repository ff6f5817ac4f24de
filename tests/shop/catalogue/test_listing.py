from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest

from shop.catalogue import denormalised, facets, paging
from shop.catalogue import listing as listings
from shop.catalogue.filters import Filters
from shop.catalogue.listing import UnknownCategoryError, UnknownPageError
from shop.models import Category
from tests import statements
from tests.factories import EARLY, CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from tests.shop.catalogue.books import book

pytestmark = pytest.mark.django_db


def titles(**filters):
    return [card.title for card in listings.listing(Filters(**filters)).cards]


# What is shown


def test_only_published_books_with_an_edition_are_listed():
    book("Walden")
    book("Emma", is_published=False)
    ProductFactory(title="Candide", category=CategoryFactory())

    listing = listings.listing(Filters())

    assert [card.title for card in listing.cards] == ["Walden"]
    assert (listing.count, listing.total) == (1, 1)


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

    listing = listings.listing(Filters(q=words))

    assert (listing.cards, listing.count, listing.has_next) == ((), 0, False)


def test_counts_say_how_many_books_a_choice_leads_to():
    book("Walden", category="Essays")
    book("Emma")
    book("Candide", editions=[(1100, 0)])

    everything = listings.listing(Filters())
    fiction = listings.listing(Filters(category="fiction"))
    in_stock = listings.listing(Filters(category="fiction", in_stock=True))
    search = listings.listing(Filters(q="emma"))

    def counts(listing):
        return {shelf.value: shelf.count for shelf in listing.category_options}

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
        listings.listing(Filters(category="cookery"))
    assert (refusal.value.code, refusal.value.status) == ("unknown_category", 404)


def test_chips_name_each_choice_and_lead_away_from_it():
    book("Emma")
    asked = Filters(q="emma", category="fiction", in_stock=True, sort="new", page=1)

    chips = listings.listing(asked).chips

    assert [(chip.text, chip.url) for chip in chips] == [
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
    monkeypatch.setattr(listings, "PAGE_SIZE", 4)
    for _ in range(10):
        book("Poems")

    pages = [listings.listing(Filters(sort=sort, page=page)) for page in (1, 2, 3)]
    addresses = [card.url for page in pages for card in page.cards]

    assert [len(page.cards) for page in pages] == [4, 4, 2]
    assert [page.has_next for page in pages] == [True, True, False]
    assert len(set(addresses)) == 10


def test_a_full_last_page_has_no_next_and_the_page_after_it_does_not_exist(monkeypatch):
    monkeypatch.setattr(listings, "PAGE_SIZE", 2)
    book("Emma")
    book("Walden")

    assert not listings.listing(Filters()).has_next
    for page in (2, 10**6):
        with pytest.raises(UnknownPageError):
            listings.listing(Filters(page=page))


def test_counting_stops_where_nobody_reads_on(monkeypatch):
    monkeypatch.setattr(facets, "COUNT_LIMIT", 3)
    for number in range(6):
        book(f"Volume {number}")

    assert listings.listing(Filters()).count == 4


# More filters


def test_books_are_narrowed_by_format_price_and_author_each_counted_with_the_others_applied():
    emma = book("Emma", author="Jane Austen", editions=[(900, 5)])
    VariantFactory(product=emma, price=2400, format="hardback")
    walden = book("Walden", author="Henry David Thoreau", editions=[])
    VariantFactory(product=walden, price=2400, format="ebook")
    book("Persuasion", author="Jane Austen", editions=[(1200, 0)])

    everything = listings.listing(Filters())
    assert [(option.value, option.count) for option in everything.format_options] == [
        ("hardback", 1),
        ("paperback", 2),
        ("ebook", 1),
    ]
    assert [(option.text, option.count) for option in everything.price_options] == [
        ("€5.00 to €9.99", 1),
        ("€10.00 to €14.99", 1),
        ("€20.00 to €29.99", 1),
    ]
    assert [(option.value, option.count) for option in everything.author_options] == [
        ("Henry David Thoreau", 1),
        ("Jane Austen", 2),
    ]
    assert titles(format="hardback") == ["Emma"]
    assert titles(price="1000-1500") == ["Persuasion"]
    assert titles(price="1000-1500", in_stock=True) == []
    assert titles(price="2400-") == ["Walden"]
    assert titles(author="Jane Austen", format="paperback") == ["Emma", "Persuasion"]
    narrowed = listings.listing(Filters(author="Jane Austen", format="paperback"))
    assert [(option.value, option.count, option.chosen) for option in narrowed.format_options] == [
        ("hardback", 1, False),
        ("paperback", 2, True),
    ]
    assert [(option.value, option.count) for option in narrowed.author_options] == [("Jane Austen", 2)]
    assert (narrowed.count, narrowed.facets.in_stock) == (2, 1)


def test_a_range_or_an_author_that_is_not_offered_can_be_asked_for_and_taken_back():
    book("Emma", author="Jane Austen", editions=[(900, 5)])

    listing = listings.listing(Filters(price="850-950", author="Nobody"))

    assert [
        (option.text, option.count, option.chosen) for option in listing.price_options if option.chosen
    ] == [("€8.50 to €9.49", 0, True)]
    assert [option.value for option in listing.author_options] == ["Jane Austen", "Nobody"]
    assert [(chip.text, chip.url) for chip in listing.chips] == [
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
        part = listings.part(filters, cursor, size=4)
        parts.append([found.product.get_absolute_url() for found in part.products])
        cursor = part.next

    assert [len(part) for part in parts] == [4, 4, 3]
    assert [url for part in parts for url in part] == [card.url for card in listings.listing(filters).cards]


def test_books_that_come_meanwhile_make_no_other_stand_twice():
    for title in ("Candide", "Emma", "Walden"):
        book(title)

    first = listings.part(Filters(), size=2)
    book("Antigone")

    assert [found.product.title for found in listings.part(Filters(), first.next, size=2).products] == [
        "Walden"
    ]


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
        listings.part(Filters(), cursor)
    assert (refusal.value.code, refusal.value.status) == ("invalid_cursor", 400)


def test_a_day_that_never_was_is_refused():
    with pytest.raises(paging.InvalidCursorError):
        listings.part(Filters(sort="new"), paging.write_cursor("new", ("2026-02-30 09:00:00", 3)))


# What it costs


def test_listings_and_parts_cost_the_same_however_many_books_there_are():
    wanted = Filters(q="volume", category="fiction", in_stock=True, sort="price")
    choices = Filters(category="fiction", format="paperback")
    acts = [
        lambda: listings.listing(wanted),
        lambda: listings.listing(choices),
        lambda: listings.part(choices),
        lambda: listings.part(wanted),
    ]

    def more(numbers):
        for number in numbers:
            product = book(f"Volume {number}", editions=[(900, 3), (1100, 1)])
            ProductImageFactory(product=product)

    more(range(1))
    for_one = [statements.count(act) for act in acts]
    more(range(1, 30))
    assert [statements.count(act) for act in acts] == for_one


def test_categories_keep_their_order():
    for name in ("Poetry", "Essays"):
        CategoryFactory(name=name)
    Category.objects.filter(slug="essays").update(position=0)
    Category.objects.filter(slug="poetry").update(position=1)

    assert [category.name for category in listings.listing(Filters()).categories] == ["Essays", "Poetry"]
