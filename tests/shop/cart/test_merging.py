import pytest

from shop.cart import lines, merging
from shop.models import Cart
from tests.factories import EARLY, VariantFactory
from tests.shop.cart.conftest import NOW, contents

pytestmark = pytest.mark.django_db


def test_a_visitors_cart_comes_into_the_users(cart, walden, alice):
    emma = VariantFactory()
    own = Cart.objects.create(user=alice, created_at=EARLY)
    lines.add(own, walden.pk, 1)
    lines.add(cart, walden.pk, 2)
    lines.add(cart, emma.pk, 4)

    merged = merging.merge(cart, alice.pk, now=NOW)

    assert (merged.lines, merged.limited) == (2, ())
    assert contents(own) == {walden: 3, emma: 4}
    assert list(Cart.objects.all()) == [own]


def test_merging_makes_the_users_cart_where_there_is_none(cart, walden, alice):
    lines.add(cart, walden.pk, 2)

    merging.merge(cart, alice.pk, now=NOW)

    assert contents(Cart.objects.get(user=alice)) == {walden: 2}


def test_merging_stays_within_the_most_we_sell_and_says_so(cart, alice):
    ebook = VariantFactory(product__title="Walden", name="E-book", stock=500)
    own = Cart.objects.create(user=alice, created_at=EARLY)
    lines.add(own, ebook.pk, 60)
    lines.add(cart, ebook.pk, 60)

    assert merging.merge(cart, alice.pk, now=NOW).limited == ("Walden, e-book",)
    assert contents(own) == {ebook: 99}


def test_merging_twice_moves_everything_once(cart, walden, alice):
    lines.add(cart, walden.pk, 2)
    again = Cart.objects.get(pk=cart.pk)

    merging.merge(cart, alice.pk, now=NOW)

    assert merging.merge(again, alice.pk, now=NOW).lines == 0
    assert contents(Cart.objects.get(user=alice)) == {walden: 2}
