"""Two buyers, one last copy, at the same instant: one order. And the proof that the test can fail."""

from collections.abc import Callable
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F

from accounts.models import User
from checkout.models import Order
from checkout.purchase import placing
from checkout.purchase.placing import CartChangedError
from shop import stock
from shop.models import Cart, Variant
from tests.conftest import PASSWORD
from tests.factories import VariantFactory
from tests.orders import ADDRESS, NOW, fill_cart
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def buyers(count: int, *wanted: tuple[Variant, int]) -> list[Cart]:
    users = [User.objects.create_user(f"buyer{number}@example.org", PASSWORD) for number in range(count)]
    return [fill_cart(user, *wanted) for user in users]


def placing_of(cart: Cart, total: int) -> Callable[[], Order]:
    def place() -> Order:
        return placing.place(
            user=cart.user, cart=cart, address=ADDRESS, delivery="post", total_shown=total, now=NOW
        )

    return place


def test_two_buyers_of_the_last_copy_make_one_order() -> None:
    variant = VariantFactory(price=2000, stock=1)
    results = at_once(*(placing_of(cart, 2450) for cart in buyers(2, (variant, 1))))
    orders = [result for result in results if isinstance(result, Order)]
    refused = [result for result in results if isinstance(result, CartChangedError)]
    assert (len(orders), len(refused)) == (1, 1)
    assert [(change.kind, change.title) for change in refused[0].changes] == [
        ("sold_out", variant.full_title)
    ]
    assert Variant.objects.get().stock == 0


@pytest.mark.broken_books
def test_without_the_condition_both_would_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: take the WHERE away, look first and write later, and the last copy is sold twice."""
    variant = VariantFactory(price=2000, stock=1)
    both_looked = Barrier(2)

    def look_then_write(quantities: dict[int, int]) -> bool:
        [(variant_id, quantity)] = quantities.items()
        if Variant.objects.get(pk=variant_id).stock < quantity:
            return False
        both_looked.wait(10)
        Variant.objects.filter(pk=variant_id).update(stock=F("stock") * 0)
        return True

    monkeypatch.setattr(stock, "_take_all", look_then_write)
    results = at_once(*(_taking_outside_a_transaction(variant, str(name)) for name in range(2)))
    assert results == [True, True]


def _taking_outside_a_transaction(variant: Variant, _name: str) -> Callable[[], bool]:
    return lambda: stock._take_all({variant.pk: 1})


@pytest.mark.broken_books
def test_the_condition_lets_only_one_of_two_take_it() -> None:
    """The counterpart: the same call, at the same instant, with the condition in place."""
    variant = VariantFactory(stock=1)
    results = at_once(*(_taking_outside_a_transaction(variant, str(name)) for name in range(2)))
    assert sorted(results) == [False, True]


def test_the_same_cart_placed_twice_at_once_is_one_order() -> None:
    variant = VariantFactory(price=2000, stock=9)
    [cart] = buyers(1, (variant, 2))
    first, second = at_once(*[placing_of(cart, 4450)] * 2)
    assert isinstance(first, Order), first
    assert first == second
    assert Order.objects.count() == 1
    assert Variant.objects.get().stock == 7


def test_orders_of_the_same_books_in_another_sequence_do_not_wait_for_each_other_for_ever() -> None:
    first, second = VariantFactory(price=1000, stock=50), VariantFactory(price=1000, stock=50)
    carts_made = [*buyers(6, (first, 1), (second, 1))]
    for number in range(6):
        user = User.objects.create_user(f"other{number}@example.org", PASSWORD)
        carts_made.append(fill_cart(user, (second, 1), (first, 1)))
    results = at_once(*(placing_of(cart, 2450) for cart in carts_made))
    assert [result for result in results if not isinstance(result, Order)] == []
    assert list(Variant.objects.values_list("stock", flat=True)) == [38, 38]


def test_the_database_itself_refuses_a_stock_below_zero() -> None:
    from django.db import IntegrityError

    variant = VariantFactory(stock=1)
    with pytest.raises(IntegrityError):
        Variant.objects.filter(pk=variant.pk).update(stock=F("stock") - 2)
    assert connection.is_usable()
