"""The catalogue's version is another whenever pages would show something else, and only then."""

from collections.abc import Callable
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import OperationalError

from shop import stock
from shop.cart import lines as carts
from shop.models import Cart, CatalogueVersion, Category, Product, ProductImage, TextPage, Variant
from shop.page_cache import version as versions
from tests.factories import EARLY, CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

# SQLite lets one writer in at a time.
only_postgresql = pytest.mark.only_on("postgresql")


def version() -> str:
    return CatalogueVersion.objects.get().token


def rename(model: type[Any], **values: Any) -> Callable[[], Any]:
    return lambda: model.objects.update(**values)


def raw(sql: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return run


def take(quantity: int, **of: Any) -> Callable[[], None]:
    return lambda: stock.take({Variant.objects.get(**of).pk: quantity}, reference="ORDER", now=EARLY)


@pytest.fixture
def books() -> None:
    product = ProductFactory(title="Walden")
    ProductImageFactory(product=product)
    VariantFactory(product=product, sku="PRINT", stock=10)
    VariantFactory(product=product, sku="E-BOOK", stock=10, is_digital=True)


# In this order, one after the other.
CHANGES = {
    "a category is renamed": rename(Category, name="Novels"),
    "a category is added": lambda: CategoryFactory(name="Poetry"),
    "a book is renamed in bulk": rename(Product, title="Emma"),
    "a book is saved with other words": lambda: Product(
        **{**Product.objects.values().get(), "title": "Walden"}
    ).save(),
    "a book is hidden": rename(Product, is_published=False),
    "a price changes in bulk": rename(Variant, price=F("price") + 1),
    "a price changes by raw SQL": raw("UPDATE shop_variant SET price = 1"),
    "few are left": take(5, sku="PRINT"),
    "one of few is taken": take(1, sku="PRINT"),
    "the last is taken": take(4, sku="PRINT"),
    "all come back": lambda: stock.give_back("ORDER", reason=stock.Reason.RELEASE, now=EARLY),
    "the last licence is taken": take(10, sku="E-BOOK"),
    "a picture is described": rename(ProductImage, alt="Another cover"),
    "a picture is deleted": lambda: ProductImage.objects.all().delete(),
    "an edition is deleted": lambda: Variant.objects.filter(sku="PRINT").delete(),
    "a page of text is written": lambda: TextPage.objects.create(
        slug="terms", language="en", text="Be kind."
    ),
    "a page of text changes": rename(TextPage, text="Be honest."),
    "a book is added": lambda: ProductFactory(category=Category.objects.first()),
}
NO_CHANGES = {
    "one of many is taken": take(4, sku="PRINT"),
    "one licence of ten is taken": take(9, sku="E-BOOK"),
    "a book is saved as it was": lambda: Product.objects.get().save(),
    "an edition is saved as it was": lambda: Variant.objects.get(sku="PRINT").save(),
    "a book lies in a cart": lambda: carts.add(
        Cart.objects.create(token="visitor", created_at=EARLY), Variant.objects.get(sku="PRINT").pk, 1
    ),
}


def those_that_change_it(changes: dict[str, Callable[[], Any]]) -> list[str]:
    found = []
    for name, change in changes.items():
        before = version()
        change()
        if version() != before:
            found.append(name)
    return found


@pytest.mark.broken_books
def test_what_pages_show_changes_the_version(books: None) -> None:
    assert those_that_change_it(CHANGES) == list(CHANGES)


def test_what_pages_do_not_show_leaves_the_version(books: None) -> None:
    assert those_that_change_it(NO_CHANGES) == []


def test_the_admin_changes_it(books: None, as_sam: Any) -> None:
    category, before = Category.objects.get(), version()

    answer = as_sam.post(
        f"/admin/shop/category/{category.pk}/change/", {"name": "Novels", "slug": "fiction", "position": "1"}
    )

    assert answer.status_code == 302
    assert version() != before


def test_what_is_rolled_back_changed_nothing(books: None) -> None:
    before = version()

    with transaction.atomic():
        Variant.objects.update(price=1)
        transaction.set_rollback(True)

    assert version() == before


def test_what_only_a_savepoint_kept_changes_it(books: None) -> None:
    before = version()

    with transaction.atomic():
        with transaction.atomic():
            Variant.objects.update(price=1)
            transaction.set_rollback(True)
        Product.objects.update(title="Emma")

    assert version() != before


def test_many_changes_in_one_transaction_leave_one_row(books: None) -> None:
    before = version()

    with transaction.atomic():
        for number in range(3):
            VariantFactory(product=Product.objects.get(), name=f"Edition {number}")

    assert version() != before


def test_taken_away_there_is_no_version_and_put_back_there_is_a_new_one(books: None) -> None:
    before = version()

    versions.take_away()
    Variant.objects.update(price=1)
    assert versions.current() is None
    assert "triggers are missing: version_shop_category" in (versions.missing() or "")
    versions.put_back()

    assert versions.missing() is None
    after = version()
    assert after != before
    Variant.objects.update(price=2)
    assert version() != after


def test_put_back_where_nothing_is_missing_leaves_the_version(books: None) -> None:
    before = version()

    versions.put_back()

    assert version() == before


def test_triggers_of_another_release_are_made_anew(books: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as another_release:
        another_release.setattr(
            versions, "WATCHED", {**versions.WATCHED, "shop_variant": frozenset({"price"})}
        )
        versions.put_back()
        before = version()
        Variant.objects.update(price=F("price") + 1)
        assert version() == before
    assert versions.missing() == "triggers are of another release"

    versions.put_back()

    before = version()
    Variant.objects.update(price=F("price") + 1)
    assert version() != before


def test_while_they_are_away_check_and_readyz_say_so(client: Any, books: None) -> None:
    versions.take_away()
    try:
        said = StringIO()
        call_command("check", stderr=said)
        assert "No page is kept: triggers are missing" in said.getvalue()
        assert "not kept: triggers are missing" in client.get("/readyz").json()["pages"]
    finally:
        versions.put_back()
    assert client.get("/readyz").json()["pages"] == "ok"


@only_postgresql
@pytest.mark.broken_books
def test_a_table_emptied_by_truncate_changes_it(books: None) -> None:
    before = version()

    raw("TRUNCATE shop_productimage")()

    assert version() != before


def test_columns_that_are_left_out_exist() -> None:
    columns = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields}
        for model in (Category, Product, Variant, ProductImage, TextPage)
    }
    assert columns.keys() == versions.WATCHED.keys()
    for table, left_out in versions.WATCHED.items():
        assert left_out <= columns[table]


def two_orders_that_meet(*, at_commit: bool) -> list[Any]:
    """Let one order change the catalogue, and then want a book that another holds, which changes the catalogue too."""
    first, second = VariantFactory(stock=5).pk, VariantFactory(stock=5).pk
    one_wrote, other_holds = Barrier(2), Barrier(2)

    @transaction.atomic
    def one() -> None:
        if not at_commit:
            raw("SET CONSTRAINTS ALL IMMEDIATE")()
        Variant.objects.filter(pk=first).update(stock=4)
        one_wrote.wait(10)
        other_holds.wait(10)
        Variant.objects.filter(pk=second).update(stock=4)

    @transaction.atomic
    def other() -> None:
        if not at_commit:
            raw("SET CONSTRAINTS ALL IMMEDIATE")()
        one_wrote.wait(10)
        Variant.objects.select_for_update().get(pk=second)
        other_holds.wait(10)
        Variant.objects.filter(pk=second).update(stock=3)

    return at_once(one, other)


@only_postgresql
@pytest.mark.broken_books
def test_orders_do_not_wait_for_each_others_version() -> None:
    assert two_orders_that_meet(at_commit=True) == [None, None]


@only_postgresql
@pytest.mark.broken_books
def test_written_before_the_commit_the_version_lets_orders_wait_for_each_other() -> None:
    """The negative control."""
    assert any(isinstance(result, OperationalError) for result in two_orders_that_meet(at_commit=False))
