"""Many hands on one stock at the same instant: what is there is given once. And the proof that the test can fail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.db.models import F

from shop import stock
from shop.cart import lines as carts
from shop.cart import merging
from shop.models import Cart, StockMovement, Variant
from shop.stock import NotEnoughStockError, Reason
from tests.factories import EARLY, VariantFactory

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 4


def at_once(call: Callable[[int], Any], hands: int = HANDS) -> list[Any]:
    """Run `call(0)`, `call(1)`, … in threads that start together; return each result or the error it raised."""
    start = Barrier(hands)

    def run(number: int) -> Any:
        try:
            start.wait(10)
            return call(number)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(run, range(hands)))


def take_one(variant: Variant) -> Callable[[int], None]:
    return lambda number: stock.take({variant.pk: 1}, reference=f"ORDER-{number}", now=EARLY)


def left(variant: Variant) -> int:
    return Variant.objects.get(pk=variant.pk).stock


def test_the_last_copy_is_taken_once() -> None:
    variant = VariantFactory(stock=1)

    results = at_once(take_one(variant))

    assert results.count(None) == 1
    assert sum(isinstance(result, NotEnoughStockError) for result in results) == HANDS - 1
    assert left(variant) == 0
    assert StockMovement.objects.filter(reason=Reason.ORDER).count() == 1


@pytest.mark.broken_books
def test_without_the_condition_it_is_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: look first, write later, and both get the last copy."""
    variant = VariantFactory(stock=1)
    both_looked = Barrier(2)

    def look_then_write(variant_id: int, quantity: int) -> bool:
        enough = Variant.objects.get(pk=variant_id).stock >= quantity
        both_looked.wait(10)
        if enough:
            Variant.objects.filter(pk=variant_id).update(stock=F("stock") * 0)
        return enough

    def take_outside_a_transaction(number: int) -> bool:
        # SQLite lets one writer in at a time, so the two could not both look inside their transactions.
        return look_then_write(variant.pk, 1)

    assert at_once(take_outside_a_transaction, hands=2) == [True, True]


def test_orders_that_want_the_same_books_in_another_order_do_not_block_each_other() -> None:
    first, second = VariantFactory(stock=HANDS), VariantFactory(stock=HANDS)
    wanted = [{first.pk: 1, second.pk: 1}, {second.pk: 1, first.pk: 1}]

    results = at_once(lambda number: stock.take(wanted[number % 2], reference=f"ORDER-{number}", now=EARLY))

    assert results == [None] * HANDS
    assert (left(first), left(second)) == (0, 0)


def test_a_count_and_a_sale_at_once_leave_stock_and_movements_in_agreement() -> None:
    variant = VariantFactory(stock=50)

    def sell_or_count(number: int) -> Any:
        if number % 2:
            return stock.set_level(variant.pk, 20, reason="Counted", now=EARLY)
        return stock.take({variant.pk: 1}, reference=f"ORDER-{number}", now=EARLY)

    results = at_once(sell_or_count)

    assert not [result for result in results if isinstance(result, Exception)]
    assert left(variant) in {18, 19, 20}
    assert left(variant) == sum(variant.movements.values_list("delta", flat=True))


def test_adding_the_same_edition_from_many_tabs_makes_one_line_with_all_of_it() -> None:
    variant = VariantFactory(stock=50)
    cart = Cart.objects.create(token="visitor", created_at=EARLY)

    at_once(lambda _number: carts.add(cart, variant.pk, 2))

    assert [line.quantity for line in cart.lines.all()] == [2 * HANDS]


def test_a_visitors_cart_is_brought_along_once(alice: Any) -> None:
    variant = VariantFactory(stock=50)
    visitor = Cart.objects.create(token="visitor", created_at=EARLY)
    carts.add(visitor, variant.pk, 3)

    merged = at_once(lambda _number: merging.merge(Cart(pk=visitor.pk), alice.pk, now=EARLY))

    assert sorted(result.lines for result in merged) == [0] * (HANDS - 1) + [1]
    assert [line.quantity for line in Cart.objects.get(user=alice).lines.all()] == [3]
