from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shop import stock
from shop.models import StockMovement, Variant
from shop.stock import NotEnoughStockError, Reason
from tests.factories import VariantFactory
from tests.statements import count

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)
ORDER = "FQ7K-3MWD"


def levels(*variants):
    return [Variant.objects.get(pk=variant.pk).stock for variant in variants]


def test_taking_lowers_every_stock_and_writes_why():
    walden, emma = VariantFactory(stock=5), VariantFactory(stock=2)

    stock.take({walden.pk: 3, emma.pk: 2}, reference=ORDER, now=NOW)

    assert levels(walden, emma) == [2, 0]
    taken = StockMovement.objects.filter(reason=Reason.ORDER).order_by("variant_id")
    assert [(m.delta, m.reference, m.created_at) for m in taken] == [(-3, ORDER, NOW), (-2, ORDER, NOW)]


def test_taking_is_all_or_nothing_and_names_every_variant_that_is_short():
    walden, emma, candide = VariantFactory(stock=5), VariantFactory(stock=1), VariantFactory(stock=0)

    with pytest.raises(NotEnoughStockError) as refusal:
        stock.take({candide.pk: 1, walden.pk: 1, emma.pk: 2}, reference=ORDER, now=NOW)

    assert refusal.value.variant_ids == [emma.pk, candide.pk]
    assert refusal.value.code == "not_enough_stock"
    assert levels(walden, emma, candide) == [5, 1, 0]
    assert not StockMovement.objects.filter(reason=Reason.ORDER).exists()


def test_each_variant_is_taken_and_put_back_by_its_own_quantity():
    variants = [VariantFactory(stock=9) for _ in range(5)]
    wanted = dict(zip((variant.pk for variant in variants), (1, 3, 1, 9, 2), strict=True))

    stock.take(wanted, reference=ORDER, now=NOW)
    assert levels(*variants) == [8, 6, 8, 0, 7]

    assert stock.give_back(ORDER, reason=Reason.RELEASE, now=NOW) == wanted
    assert levels(*variants) == [9] * 5


@pytest.mark.parametrize("act", ["take", "give_back", "write_off"])
def test_one_variant_costs_as_many_statements_as_fifty(act):
    def cost(number):
        # Of some one copy is taken, of some two, of some all.
        variants = [VariantFactory(stock=3) for _ in range(number)]
        wanted = {variant.pk: 1 + (index + 2) % 3 for index, variant in enumerate(variants)}
        acts = {
            "take": lambda: stock.take(wanted, reference=f"{act} {number}", now=NOW),
            "give_back": lambda: stock.give_back(f"{act} {number}", reason=Reason.RELEASE, now=NOW),
            "write_off": lambda: stock.write_off(wanted, reason="Wet", now=NOW),
        }
        if act == "give_back":
            acts["take"]()
        return count(acts[act])

    assert cost(1) == cost(50)


@pytest.mark.only_on("postgresql")  # SQLite has one writer at a time, and no locks of rows
@pytest.mark.parametrize("act", ["take", "put_back"])
def test_variants_are_locked_in_id_order_before_any_changes(act):
    first, second = VariantFactory(stock=5), VariantFactory(stock=5)
    with CaptureQueriesContext(connection) as captured:
        if act == "take":
            stock.take({second.pk: 1, first.pk: 1}, reference=ORDER, now=NOW)
        else:
            stock.put_back({second.pk: 1, first.pk: 1}, reference=ORDER, reason=Reason.INITIAL, now=NOW)
    about = [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "UPDATE"))]
    assert [sql.split()[0] for sql in about] == ["SELECT", "UPDATE"]
    assert about[0].endswith("ORDER BY 1 ASC FOR NO KEY UPDATE")
    assert about[0].startswith('SELECT "shop_variant"."id"')


def test_giving_back_returns_what_is_held_and_only_once():
    walden, emma = VariantFactory(stock=5), VariantFactory(stock=5)
    stock.take({walden.pk: 3, emma.pk: 1}, reference=ORDER, now=NOW)

    for _ in range(2):
        stock.give_back(ORDER, reason=Reason.RELEASE, now=NOW)

    assert levels(walden, emma) == [5, 5]
    assert StockMovement.objects.filter(reason=Reason.RELEASE).count() == 2


def test_giving_back_leaves_what_other_orders_hold():
    walden = VariantFactory(stock=5)
    stock.take({walden.pk: 3}, reference=ORDER, now=NOW)
    stock.take({walden.pk: 1}, reference="X2P9-TTRB", now=NOW)

    stock.give_back(ORDER, reason=Reason.RELEASE, now=NOW)

    assert levels(walden) == [4]
    assert stock.held("X2P9-TTRB") == {walden.pk: 1}


def test_an_order_that_gave_back_may_take_again():
    walden = VariantFactory(stock=1)
    for _ in range(2):
        stock.take({walden.pk: 1}, reference=ORDER, now=NOW)
        assert stock.held(ORDER) == {walden.pk: 1}
        stock.give_back(ORDER, reason=Reason.RELEASE, now=NOW)

    assert stock.held(ORDER) == {}
    assert levels(walden) == [1]


def test_a_correction_with_the_words_of_an_order_number_is_not_held_by_it():
    walden = VariantFactory(stock=5)

    stock.set_level(walden.pk, 4, reason=ORDER, now=NOW)

    assert stock.held(ORDER) == {}


@pytest.mark.parametrize(("level", "change"), [(8, 3), (2, -3), (0, -5)])
def test_a_count_sets_the_level_and_writes_the_difference(level, change):
    walden = VariantFactory(stock=5)

    assert stock.set_level(walden.pk, level, reason="Counted", now=NOW) == change

    assert levels(walden) == [level]
    assert walden.movements.get(reason=Reason.ADJUST).delta == change


def test_a_count_that_agrees_moves_nothing():
    walden = VariantFactory(stock=5)

    assert stock.set_level(walden.pk, 5, reason="Counted", now=NOW) == 0

    assert not walden.movements.filter(reason=Reason.ADJUST).exists()


def test_a_count_below_zero_or_of_nothing_is_refused():
    walden = VariantFactory(stock=5)

    with pytest.raises(ValueError, match="zero or more"):
        stock.set_level(walden.pk, -1, reason="Counted", now=NOW)
    with pytest.raises(Variant.DoesNotExist):
        stock.set_level(walden.pk + 1, 1, reason="Counted", now=NOW)

    assert levels(walden) == [5]


def test_a_variant_that_starts_empty_has_no_first_movement():
    assert not VariantFactory(stock=0).movements.exists()
    assert VariantFactory(stock=4).movements.get().delta == 4
