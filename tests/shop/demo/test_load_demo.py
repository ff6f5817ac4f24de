import re
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from shop.catalogue import listing
from shop.catalogue.availability import of_product
from shop.catalogue.filters import Filters
from shop.demo import invented, loading, titles
from shop.models import CatalogueVersion, Category, Product, ProductImage, StockMovement, Variant, Word

pytestmark = pytest.mark.django_db
SHELVES = titles.read()
BOOKS = [title for shelf in SHELVES for title in shelf.titles]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def cheap_covers(request, monkeypatch):
    """Drawing is tested in test_covers; here one drawing stands for all."""
    monkeypatch.setattr(
        titles, "covers", lambda shelves: {t.slug: f"<svg>{t.title}</svg>" for s in shelves for t in s.titles}
    )


def run(command, *arguments):
    out, err = StringIO(), StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def rows():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Category, Product, Variant, ProductImage, StockMovement)
    ]


def test_one_run_puts_the_whole_catalogue_on_sale():
    assert f"Added books: {len(BOOKS)}, editions: " in run("load_demo")
    assert Product.objects.count() == len(BOOKS) >= 128
    assert not Product.objects.filter(variants=None).exists()
    assert not Product.objects.filter(images=None).exists()
    book = Product.objects.get(slug="middlemarch")
    assert (book.author, book.year, book.years_text, book.pages) == ("George Eliot", 1871, "1871–72", 904)
    hardback = book.variants.get(sku="MIDDLEM-HB")
    assert (hardback.name, hardback.detail, hardback.price, hardback.stock) == (
        "Hardback",
        "Sewn, 904 pages",
        2400,
        3,
    )
    cover = book.images.get()
    assert (cover.alt, cover.width, cover.height) == ("Cover of Middlemarch by George Eliot", 200, 300)
    assert re.fullmatch(r"covers/middlemarch-[0-9a-f]{8}\.svg", cover.file.name)
    with default_storage.open(cover.file.name) as file:
        assert file.read() == b"<svg>Middlemarch</svg>"


def test_a_second_run_changes_nothing(django_assert_max_num_queries):
    run("load_demo")
    before = rows()
    with django_assert_max_num_queries(19):
        assert "Nothing to add" in run("load_demo")
    assert rows() == before


def test_what_staff_changed_stays_changed():
    run("load_demo")
    Variant.objects.filter(sku="WALDEN-PB").update(price=950)
    Product.objects.filter(slug="walden").update(description="Ours.", slug="walden-pond", is_published=False)
    run("set_stock", "WALDEN-PB", "2", "--reason", "Counted")
    before = rows()
    run("load_demo")
    assert rows() == before


def test_what_is_missing_comes_back():
    run("load_demo")
    Product.objects.get(slug="emma").delete()
    Variant.objects.get(sku="WALDEN-EB").delete()
    assert "Added books: 1, editions: 4, covers: 1." in run("load_demo")
    assert Product.objects.get(slug="emma").variants.count() == 3


def test_stock_is_the_sum_of_its_movements():
    run("load_demo")
    sums = dict(StockMovement.objects.values_list("variant").annotate(total=Sum("delta")))
    assert all(variant.stock == sums.get(variant.pk, 0) for variant in Variant.objects.all())


def test_some_books_are_scarce_and_some_are_sold_out():
    run("load_demo")
    states = [of_product(book.variants.all()).code for book in Product.objects.prefetch_related("variants")]
    assert states.count("sold_out") >= 1
    assert states.count("few_left") >= 5
    assert states.count("in_stock") > 100
    assert Variant.objects.filter(stock=0).count() > 3


def test_the_data_is_whole():
    assert len(SHELVES) == 9
    assert len({title.slug for title in BOOKS}) == len(BOOKS)
    skus = [edition.sku for title in BOOKS for edition in title.editions]
    assert len(set(skus)) == len(skus)
    assert sum(len(title.editions) > 2 for title in BOOKS) > 100
    for title in BOOKS:
        assert title.editions, title.title
        assert len(title.quote) <= 300, title.title
        assert len(title.language) <= 40, title.title
        assert 40 < len(title.about) < 200, title.title
        assert title.about.endswith("."), title.title
        for edition in title.editions:
            assert 300 <= edition.price <= 4500, edition.sku
            assert edition.detail, edition.sku
            assert edition.is_digital == (edition.name == "E-book"), edition.sku


def test_newest_first_has_one_order():
    assert len({title.created_at for title in BOOKS}) == len(BOOKS)


def test_accounts_are_made_in_development_or_when_asked_for(settings):
    settings.DEBUG = False
    run("load_demo")
    assert not User.objects.exists()
    said = run("load_demo", "--accounts")
    assert "alice@example.org / alice-reads-books (Customer)" in said
    assert "sam@example.org / sam-minds-the-shop (Staff)" in said
    alice, sam = User.objects.order_by("email")
    assert alice.check_password("alice-reads-books")
    assert (alice.get_short_name(), alice.is_staff, alice.is_superuser) == ("Alice", False, False)
    assert (sam.is_staff, sam.is_superuser) == (True, True)


def test_accounts_that_exist_are_left_alone(settings, alice):
    settings.DEBUG = True
    said = run("load_demo")
    assert "alice@example.org was there and stays as it is" in said
    assert User.objects.get(pk=alice.pk).password == alice.password
    assert User.objects.filter(email="sam@example.org").exists()


def test_invented_books_fill_the_shop_to_a_number(monkeypatch):
    monkeypatch.setattr(invented, "cover", lambda author: f"<svg>{author}</svg>")
    said = run("load_demo", "--products", "40")
    assert "40 of 40 invented books" in said
    assert "Invented books: 40 new, 0 were there." in said
    assert Product.objects.count() == len(BOOKS) + 40
    assert not Product.objects.filter(images=None).exists()
    before = rows()
    assert "Invented books: 0 new, 40 were there." in run("load_demo", "--products", "40")
    assert rows() == before
    assert "Invented books: 5 new, 40 were there." in run("load_demo", "--products", "45")
    assert len(default_storage.listdir("covers")[1]) < len(BOOKS) + 45


def test_an_invented_book_is_there_where_an_edition_of_it_is(monkeypatch):
    monkeypatch.setattr(invented, "cover", lambda author: f"<svg>{author}</svg>")
    run("load_demo", "--products", "20")
    third, *_others = Variant.objects.filter(sku__startswith=invented.sku(3))
    Product.objects.filter(variants=third).update(slug="of-our-own", title="Of our own")
    Product.objects.get(variants__sku__startswith=invented.sku(5)).variants.all().delete()
    Product.objects.get(variants__sku__startswith=invented.sku(7)).delete()
    assert "Invented books: 1 new, 19 were there." in run("load_demo", "--products", "20")
    assert Product.objects.get(variants=third).title == "Of our own"
    assert not Variant.objects.filter(sku__startswith=invented.sku(5)).exists()


def schema():
    """Return the indexes, foreign keys and triggers that the database has, each with its definition."""
    asked = {
        "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name",
        "postgresql": """
            SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
            UNION ALL SELECT tgenabled::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            ORDER BY 1, 2, 3
        """,
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_a_great_load_leaves_what_small_ones_leave(monkeypatch):
    monkeypatch.setattr(invented, "cover", lambda author: f"<svg>{author}</svg>")
    monkeypatch.setattr(loading, "BATCH", 50)
    settled = []
    monkeypatch.setattr(loading, "settle", lambda: settled.append(Product.objects.count()))

    def left():
        values = Product.objects.order_by("slug", "variants__sku").values(
            "slug", "title", "category__slug", "price_from", "in_stock", "formats",
            "variants__sku", "variants__stock", "variants__movements__delta", "images__file",
        )  # fmt: skip
        with_words = list(values), set(Word.objects.values_list("word", flat=True))
        return *with_words, [card.title for card in listing.listing(Filters(q="lantern")).cards]

    before, version = schema(), CatalogueVersion.objects.get().token
    run("load_demo", "--products", "120")
    small = left()
    Product.objects.all().delete()
    Word.objects.all().delete()
    monkeypatch.setattr(loading, "GREAT", -1000)
    said = run("load_demo", "--products", "120")
    assert "product_by_title" in said
    assert "Invented books: 120 new, 0 were there." in said
    great = left()
    assert great[0] == small[0]
    assert great[1] == small[1]
    assert great[2] == small[2] != []
    assert schema() == before
    assert CatalogueVersion.objects.get().token != version
    assert settled == [len(BOOKS) + 120]


@pytest.mark.django_db(transaction=True)
def test_the_database_is_told_to_look_at_what_it_has():
    run("load_demo")
    with CaptureQueriesContext(connection) as asked:
        loading.settle()
    assert ["ANALYZE" in statement["sql"] for statement in asked] == [True] * 5
    if connection.vendor == "sqlite":  # other tests choose their ways without
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")
            cursor.execute("ANALYZE sqlite_master")


@pytest.mark.django_db(transaction=True)
def test_a_great_load_that_fails_changes_nothing(monkeypatch):
    def fail(author):
        raise RuntimeError("No ink.")

    monkeypatch.setattr(invented, "cover", fail)
    monkeypatch.setattr(loading, "GREAT", -1000)
    before = schema()
    with pytest.raises(RuntimeError, match="No ink"):
        run("load_demo", "--products", "40")
    assert schema() == before
    assert Product.objects.count() == len(BOOKS)


def test_an_invented_book_is_always_the_same():
    assert invented.title(1234) == invented.title(1234)
    many = [invented.title(number) for number in range(3000)]
    assert len({book.slug for book in many}) == 3000
    assert len({book.title for book in many}) > 2000
    assert max(len(book.slug) for book in many) <= 120
    assert len({invented.author(number) for number in range(invented.AUTHORS)}) == invented.AUTHORS


@pytest.mark.parametrize(("number", "words"), [("-1", "0 up"), ("10000000", "up to 9,999,999")])
def test_a_number_that_makes_no_sense_is_refused(number, words):
    with pytest.raises(CommandError, match=words):
        run("load_demo", "--products", number)


@pytest.fixture
def walden():
    shelf = Category.objects.create(name="Essays", slug="essays")
    book = Product.objects.create(
        category=shelf, slug="walden", title="Walden", created_at=BOOKS[0].created_at
    )
    return Variant.objects.create(product=book, sku="WALDEN-PB", name="Paperback", price=900)


def test_set_stock_writes_a_movement_with_its_reason(walden):
    assert (
        run("set_stock", "WALDEN-PB", "7", "--reason", "Counted the shelf") == "WALDEN-PB: 7 in stock, +7.\n"
    )
    assert run("set_stock", "WALDEN-PB", "5", "--reason", "Two were wet") == "WALDEN-PB: 5 in stock, -2.\n"
    assert run("set_stock", "WALDEN-PB", "5", "--reason", "Again") == "WALDEN-PB: 5 in stock, as before.\n"
    walden.refresh_from_db()
    assert walden.stock == 5
    moves = list(walden.movements.order_by("pk").values_list("delta", "reason", "reference"))
    assert moves == [(7, "adjust", "Counted the shelf"), (-2, "adjust", "Two were wet")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["NOPE", "3", "--reason", "x"], "There is no variant with the SKU NOPE"),
        (["WALDEN-PB", "-3", "--reason", "x"], "cannot be -3"),
        (["WALDEN-PB", "99999999999", "--reason", "x"], "cannot be 99999999999"),
        (["WALDEN-PB", "3", "--reason", "  "], "Give a reason"),
        (["WALDEN-PB", "3", "--reason", "x" * 201], "Give a reason"),
        (["WALDEN-PB", "3"], "--reason"),
        (["WALDEN-PB", "three", "--reason", "x"], "three"),
    ],
)
def test_set_stock_says_what_is_wrong_and_changes_nothing(walden, arguments, words):
    with pytest.raises(CommandError, match=words):
        run("set_stock", *arguments)
    walden.refresh_from_db()
    assert walden.stock == 0
    assert not walden.movements.exists()
