import pytest
from django.db import connection

from shop.catalogue import listing as catalogue
from shop.catalogue import search, spelling
from shop.catalogue.filters import Filters
from shop.models import Product, Word
from tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def book(title, *, author="", description="", category="Fiction", price=1100, **fields):
    product = ProductFactory(
        title=title,
        author=author,
        description=description,
        category=CategoryFactory(name=category),
        year=None,
        **fields,
    )
    VariantFactory(product=product, price=price)
    return product


def titles(q, **filters):
    return [found.title for found in catalogue.listing(Filters(q=q, **filters)).books]


# What is found, and in which order


def test_titles_come_before_authors_and_authors_before_descriptions():
    book("A Life", description="Of Emma and others.")
    book("Letters", author="Emma Woodhouse")
    book("Emma and Her Sisters")
    book("Emma")
    book("Emma", author="Jane Austen")

    assert titles("emma") == ["Emma", "Emma", "Emma and Her Sisters", "Letters", "A Life"]
    assert titles("emma austen") == ["Emma"]
    assert titles("emma woodhouse") == ["Letters"]
    assert titles("her emma") == ["Emma and Her Sisters"]


@pytest.mark.parametrize(
    "words",
    [
        "bronte",
        "BRONTË",
        "Brontë",
        "emile",
        "ÉMILE",
        "bron",
        "emile bront",
        "either",
        "Either/Or",
        "or either",
    ],
)
def test_accents_case_and_signs_do_not_matter_and_the_last_word_may_be_begun(words):
    book("Émile; or, Either/Or", author="Charlotte Brontë")
    book("Walden", author="Henry David Thoreau")

    assert titles(words) == ["Émile; or, Either/Or"]


def test_one_letter_begins_no_word_but_may_be_one():
    book("Plan B")
    book("Beowulf")

    assert titles("b") == titles("plan b") == ["Plan B"]
    assert titles("be") == ["Beowulf"]


def test_a_tier_is_looked_at_only_where_those_before_it_had_too_little(monkeypatch):
    monkeypatch.setattr(search, "FIRST", 2)
    for title in ("Emma", "The Emma Letters"):
        book(title)
    book("Letters", author="Emma Woodhouse")
    book("A Life", description="Of Emma.")

    assert titles("emma") == ["Emma", "The Emma Letters"]
    assert titles("woodhouse") == ["Letters"]
    assert titles("life") == ["A Life"]


def test_where_no_book_has_the_words_as_they_are_each_may_be_begun():
    book("Middlemarch", author="George Eliot")

    assert titles("mid eliot") == ["Middlemarch"]
    assert titles("march eliot") == []


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "'",
        "emma OR",
        "emma AND",
        "NOT emma",
        "NEAR(emma walden)",
        "emma*",
        "title:emma",
        "^emma",
        "emma -walden",
        "(",
        "a:* & b",
        "emma | walden",
        "emma <-> walden",
        "\\",
        "%",
        "emma\x00",
        "💡",
        "_",
        "e" * 100,
        "a b c d e f g h",
    ],
)
def test_no_sign_is_more_than_a_sign(words):
    book("Emma")
    assert titles(words) in ([], ["Emma"])


def test_operators_are_words():
    book("Emma")
    book("Pride AND Prejudice")
    assert titles("emma OR walden") == []
    assert titles("and prejudice") == ["Pride AND Prejudice"]


def test_the_index_follows_whatever_is_written_however():
    walden = book("Walden")
    Product.objects.filter(pk=walden.pk).update(title="Cape Cod")
    assert (titles("walden"), titles("cape")) == ([], ["Cape Cod"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_product SET description = 'By a pond.', year = 1865")
    assert titles("pond 1865") == ["Cape Cod"]
    [copy] = Product.objects.bulk_create(
        [Product(category=walden.category, slug="x", title="Journal", created_at=walden.created_at)]
    )
    VariantFactory(product=copy)
    assert titles("journal") == ["Journal"]
    copy.variants.all().delete()
    copy.delete()
    assert titles("journal") == []


def test_what_is_not_shown_is_not_found():
    book("Walden", is_published=False)
    ProductFactory(title="Walden")
    assert titles("walden") == []


# Choices


def test_choices_narrow_a_search_and_each_is_counted_with_the_others_applied():
    book("Harbour Lights", author="Ada Dahl", price=900)
    book("The Harbour", author="Ada Dahl", category="Poetry", price=2400)
    book("Harbour Songs", author="Nils Dahl", category="Poetry", price=700)
    book("Walden", category="Poetry")

    plain = catalogue.listing(Filters(q="harbour"))
    poetry = catalogue.listing(Filters(q="harbour", category="poetry"))
    both = catalogue.listing(Filters(q="harbour", category="poetry", author="Ada Dahl"))

    assert (plain.count, plain.facets.categories) == (3, {"fiction": 1, "poetry": 2})
    assert plain.facets.authors == {"Ada Dahl": 2, "Nils Dahl": 1}
    assert {price: count for price, count in plain.facets.prices.items() if count} == {
        "500-1000": 2,
        "2000-3000": 1,
    }
    assert [found.title for found in poetry.books] == ["The Harbour", "Harbour Songs"]
    assert (poetry.count, poetry.facets.categories) == (2, {"fiction": 1, "poetry": 2})
    assert poetry.facets.authors == {"Ada Dahl": 1, "Nils Dahl": 1}
    assert (both.count, both.facets.categories) == (1, {"fiction": 1, "poetry": 1})
    assert both.facets.authors == {"Ada Dahl": 1, "Nils Dahl": 1}


def test_a_search_can_be_sorted():
    book("Harbour Songs", price=700)
    book("Harbour", price=2400)
    assert titles("harbour") == ["Harbour", "Harbour Songs"]
    assert titles("harbour", sort="price") == ["Harbour Songs", "Harbour"]
    assert titles("harbour", sort="-price") == ["Harbour", "Harbour Songs"]


def test_no_more_than_the_first_matches_are_looked_at(monkeypatch):
    monkeypatch.setattr(search, "FIRST", 4)
    for number in range(6):
        book(f"Volume {number}")

    listing = catalogue.listing(Filters(q="volume"))

    assert (len(listing.books), listing.facets.more) == (4, True)
    assert listing.shelves[0].more


@pytest.mark.parametrize("count", [1, 30])
def test_a_search_costs_the_same_however_much_it_finds(count, django_assert_num_queries):
    for number in range(count):
        ProductImageFactory(product=book(f"Volume {number}"))
    with django_assert_num_queries(4):
        catalogue.listing(Filters(q="volume", category="fiction", in_stock=True))
    with django_assert_num_queries(5):
        catalogue.part(Filters(q="volume", category="fiction"), size=60)


def test_a_cursor_leads_through_a_search_and_over_a_book_that_is_gone():
    for number in range(5):
        book(f"Volume {number}")

    first = catalogue.part(Filters(q="volume"), size=2)
    Product.objects.filter(title="Volume 1").update(is_published=False)
    second = catalogue.part(Filters(q="volume"), first.next, size=2)

    assert [found.title for found in first.books] == ["Volume 0", "Volume 1"]
    assert second.books[0].title in {"Volume 2", "Volume 3"}
    assert second.next is None or catalogue.part(Filters(q="volume"), second.next, size=2).next is None


# Did you mean


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wuthring", "wuthering"),
        ("wuthering hieghts", "wuthering heights"),
        ("bronet", "bronte"),
        ("uthering", "wuthering"),
        ("xuthering", "wuthering"),
        ("hieghts qqqqqq", "heights"),
        ("heights", ""),
        ("qqqqqq", ""),
        ("zz", ""),
        ("", ""),
    ],
)
def test_the_nearest_words_of_our_titles_and_authors_are_meant(typed, meant):
    book("Wuthering Heights", author="Emily Brontë")
    book("Heidi")
    assert spelling.nearest(typed) == meant


def test_a_search_that_finds_nothing_shows_what_may_have_been_meant():
    book("Wuthering Heights", author="Emily Brontë")

    listing = catalogue.listing(Filters(q="wuthring", sort="new"))

    assert (listing.books, listing.count) == ((), 0)
    assert (listing.meant.words, listing.meant.url) == ("wuthering", "/products/?q=wuthering&sort=new")
    assert [found.title for found in listing.meant.books] == ["Wuthering Heights"]
    assert catalogue.listing(Filters(q="qqqqqq")).meant is None
    assert catalogue.listing(Filters(q="wuthering", in_stock=True)).meant is None


def test_words_are_kept_once_and_new_ones_come_by_themselves():
    walden = book("Walden; or, Life", author="H. D. Thoreau")
    book("Walden Again")
    Product.objects.filter(pk=walden.pk).update(title="Cape “Cod”", author="Ärger")
    words = {token for word in Word.objects.all() for token in search.tokens(word.word)}
    assert {"walden", "life", "thoreau", "again", "cape", "cod", "arger"} <= words


# Search as you type


def test_what_is_typed_leads_to_a_few_books(client, django_assert_max_num_queries):
    for number in range(9):
        book(f"Harbour {number}", author="Ada <Dahl>")
    book("A Life", description="By the harbour.")

    with django_assert_max_num_queries(2):
        response = client.get("/products/suggest/?q=harb")
    page = response.content.decode()

    assert page.count('role="option"') == 6
    assert 'data-announce="6 books below. Arrow keys choose."' in page
    assert 'data-url="/products/book-' in page
    assert "Ada &lt;Dahl&gt;" in page
    assert "public" in response.headers["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("q", ["", "%", "qqqq", "\x00", "a" * 500])
def test_where_nothing_fits_nothing_is_offered(client, q):
    book("Emma")
    response = client.get("/products/suggest/", {"q": q})
    assert (response.status_code, response.content.decode().strip()) == (200, "")
