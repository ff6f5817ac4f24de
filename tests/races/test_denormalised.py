"""The last copies of two editions of one book go at the same instant: its listing knows that it is sold out."""

from collections.abc import Callable
from threading import Barrier, Event
from time import monotonic
from typing import Any

import pytest
from django.db import connection

from shop import stock
from shop.catalogue import denormalised
from shop.models import Product, Variant
from tests.factories import EARLY, ProductFactory, VariantFactory
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def take(*variants: Variant) -> Callable[[], None]:
    wanted = {variant.pk: 1 for variant in variants}
    return lambda: stock.take(wanted, reference="-".join(map(str, wanted)), now=EARLY)


def last_copies(count: int = 2) -> list[Variant]:
    return VariantFactory.create_batch(count, product=ProductFactory(), stock=1)


def test_two_last_copies_at_once_sell_the_book_out() -> None:
    for _ in range(5):
        first, second = last_copies()
        assert at_once(take(first), take(second)) == [None, None]
        assert not Product.objects.get(pk=first.product_id).in_stock


@pytest.mark.only_on("postgresql")  # SQLite has one writer at a time
def test_without_the_lock_each_would_still_see_the_others_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: each reads the other's copy as it was before the other's commit."""
    first, second = last_copies()
    both_took, earlier_wrote = Barrier(2), Event()
    refresh = denormalised.refresh_prices

    def refresh_at_once(ids: Any) -> None:
        is_later = both_took.wait(10)
        if is_later:
            earlier_wrote.wait(10)
        refresh(ids)
        if not is_later:
            earlier_wrote.set()
            wait_until_somebody_waits()

    monkeypatch.setattr(denormalised, "refresh_prices", refresh_at_once)
    monkeypatch.setattr(denormalised, "_locked", lambda ids: Product.objects.filter(pk__in=ids))
    assert at_once(take(first), take(second)) == [None, None]
    assert Product.objects.get(pk=first.product_id).in_stock


def wait_until_somebody_waits() -> None:
    """Hold our transaction open until another one waits for a row of ours, and has thus begun to read."""
    deadline = monotonic() + 10
    with connection.cursor() as cursor:
        while monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waited.")


def test_many_orders_of_the_same_last_copies_in_any_order_do_not_block_each_other() -> None:
    for _ in range(5):
        variants = [*last_copies(3), *last_copies(3)]
        orders = [take(*variants[start::2]) for start in (0, 1)] + [take(*reversed(variants))]
        results = at_once(*orders)
        assert not [
            result for result in results if not isinstance(result, (stock.NotEnoughStockError, type(None)))
        ]
        for variant in variants:
            on_sale = Variant.objects.filter(product=variant.product_id, stock__gt=0).exists()
            assert Product.objects.get(pk=variant.product_id).in_stock == on_sale
