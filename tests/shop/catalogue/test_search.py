from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.catalogue import denormalised
from shop.catalogue import listing as catalogue
from shop.catalogue.filters import Filters
from shop.catalogue.search import engines, folding, matches, spelling
from shop.models import Product, Word
from tests import statements
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
    return [found.title for found in catalogue.listing(Filters(q=q, **filters)).cards]


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
    monkeypatch.setattr(matches, "FIRST", 2)
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


def test_the_index_follows_what_is_written_and_the_verb_is_told_of():
    walden = book("Walden")
    Product.objects.filter(pk=walden.pk).update(title="Cape Cod", description="By a pond.", year=1865)
    denormalised.refresh([walden.pk])
    assert (titles("walden"), titles("cape"), titles("pond 1865")) == ([], ["Cape Cod"], ["Cape Cod"])
    walden.delete()
    assert titles("cape") == []


def test_what_was_written_by_hand_is_found_once_the_catalogue_is_refreshed():
    walden = book("Walden")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_product SET title = 'Cape Cod'")
        cursor.execute("UPDATE shop_variant SET price = 700")
    out = StringIO()

    call_command("refresh_catalogue", stdout=out)

    assert (titles("walden"), titles("cape", price="500-1000")) == ([], ["Cape Cod"])
    assert "prices or stock of 1 products, and the words of 1" in out.getvalue()
    assert Product.objects.get(pk=walden.pk).price_from == 700
    call_command("refresh_catalogue", stdout=out)
    assert "prices or stock of 0 products, and the words of 0" in out.getvalue()


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Ёлка", "елка"),
        ("ʻŌlelo Hawaiʻi", "olelo hawaii"),
        ("ʻŌlelo Hawaiʻi", "olelo hawai'i"),
        ("L’Étranger", "etranger"),
        ("L’Étranger", "letranger"),
        ("Straße nach Ærø", "strasse nach aero"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("हिन्दी साहित्य", "हिन्दी"),
        ("कविता", "कविता"),
        ("吾輩は猫である", "吾輩は猫"),
        ("ラーメン", "ラーメン"),
        ("한국어 시", "한국"),
        ("אָלֶף", "אלף"),
        ("كِتَاب", "كتاب"),
        ("ΟΔΥΣΣΕΙΑ", "οδυσσεια"),
        ("ﬁnance ２０００", "finance 2000"),
    ],
)
def test_f11_a_title_in_any_script_is_found_as_people_type_it(title, typed):
    book(title)
    book("Another One")

    assert titles(title) == titles(typed) == [title]


# Every letter, digit and mark there is, with the signs that stand among them.
_SCRIPTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co"), blacklist_characters="\x00"),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_SCRIPTS)
def test_f11_every_title_is_found_by_itself(title):
    with transaction.atomic():
        product = book(title)
        # More words than are looked for make a search of its own.
        words = folding.tokens(title)
        found = engines.hits(words, 10) if words else {product.pk: 0}
        transaction.set_rollback(True)

    assert product.pk in found


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
    assert [found.title for found in poetry.cards] == ["The Harbour", "Harbour Songs"]
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
    monkeypatch.setattr(matches, "FIRST", 4)
    for number in range(6):
        book(f"Volume {number}")

    listing = catalogue.listing(Filters(q="volume"))

    assert (len(listing.cards), listing.facets.more) == (4, True)
    assert listing.category_options[0].more


def test_a_search_costs_the_same_however_much_it_finds():
    acts = [
        lambda: catalogue.listing(Filters(q="volume", category="fiction", in_stock=True)),
        lambda: catalogue.part(Filters(q="volume", category="fiction"), size=60),
    ]
    ProductImageFactory(product=book("Volume 0"))
    for_one = [statements.count(act) for act in acts]
    for number in range(1, 30):
        ProductImageFactory(product=book(f"Volume {number}"))

    assert [statements.count(act) for act in acts] == for_one


def test_a_cursor_leads_through_a_search_and_over_a_book_that_is_gone():
    for number in range(5):
        book(f"Volume {number}")

    first = catalogue.part(Filters(q="volume"), size=2)
    Product.objects.filter(title="Volume 1").update(is_published=False)
    second = catalogue.part(Filters(q="volume"), first.next, size=2)

    assert [found.product.title for found in first.products] == ["Volume 0", "Volume 1"]
    assert second.products[0].product.title in {"Volume 2", "Volume 3"}
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

    assert (listing.cards, listing.count) == ((), 0)
    assert (listing.meant.text, listing.meant.url) == ("wuthering", "/products/?q=wuthering&sort=new")
    assert [found.title for found in listing.meant.cards] == ["Wuthering Heights"]
    assert catalogue.listing(Filters(q="qqqqqq")).meant is None
    assert catalogue.listing(Filters(q="wuthering", in_stock=True)).meant is None


def test_words_are_kept_once_and_new_ones_come_with_their_titles():
    walden = book("Walden; or, Life", author="H. D. Thoreau")
    book("Walden Again")
    Product.objects.filter(pk=walden.pk).update(title="Cape “Cod”", author="Ärger")
    denormalised.refresh([walden.pk])

    words = set(Word.objects.values_list("word", flat=True))
    assert {"walden", "life", "thoreau", "again", "cape", "cod", "arger"} <= words


# Search as you type


def test_what_is_typed_leads_to_a_few_books(client):
    for number in range(9):
        book(f"Harbour {number}", author="Ada <Dahl>")
    book("A Life", description="By the harbour.")

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
