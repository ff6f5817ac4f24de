"""A visitor logs in, and two tabs bring the cart along at the same instant. And the proof that the test can fail."""

import pytest

from accounts.models import User
from shop.cart import lines as carts
from shop.cart import merging
from shop.models import Cart, CartLine
from tests.factories import EARLY, VariantFactory
from tests.races.together import at_once, elsewhere, once_first, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(alice: User) -> Cart:
    """A visitor's cart with three of a book of which alice has one already."""
    variant = VariantFactory(stock=50)
    cart = Cart.objects.create(token="visitor", created_at=EARLY)
    carts.add(cart, variant.pk, 3)
    carts.add(Cart.objects.create(user=alice, created_at=EARLY), variant.pk, 1)
    return cart


def merge(visitor: Cart, alice: User) -> int:
    return merging.merge(Cart(pk=visitor.pk), alice.pk, now=EARLY).lines


def quantities(alice: User) -> list[int]:
    return list(CartLine.objects.filter(cart__user=alice).values_list("quantity", flat=True))


def test_a_cart_that_two_tabs_bring_along_at_once_comes_along_once(visitor: Cart, alice: User) -> None:
    assert sorted(at_once(*[lambda: merge(visitor, alice)] * 4)) == [0, 0, 0, 1]
    assert quantities(alice) == [4]
    assert Cart.objects.count() == 1


def test_without_the_lock_it_comes_along_twice(
    visitor: Cart, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the second tab comes after the first has looked, and before it has written."""
    without_locks(monkeypatch, merging, Cart)
    second = lambda: elsewhere(lambda: merge(visitor, alice))  # noqa: E731
    monkeypatch.setattr(merging, "_merge_line", once_first(merging._merge_line, second))
    assert merge(visitor, alice) == 1
    assert quantities(alice) == [7]
