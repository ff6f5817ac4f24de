import pytest

from shop import stock
from shop.cart import lines, review
from shop.cart.lines import (
    InvalidQuantityError,
    SoldOutError,
    TooManyError,
    UnknownLineError,
    UnknownVariantError,
)
from shop.models import Cart, Product
from tests.factories import EARLY, VariantFactory
from tests.shop.cart.conftest import NOW, contents, set_stock
from tests.statements import count

pytestmark = pytest.mark.django_db


# Put in


def test_adding_puts_a_line_in_with_the_title_and_price_that_were_seen(cart, walden):
    line = lines.add(cart, walden.pk, 2)

    assert (line.title, line.quantity, line.seen_price) == ("Walden, paperback", 2, 1100)
    assert lines.count(pk=cart.pk) == 2


def test_adding_the_same_edition_again_raises_its_line(cart, walden):
    lines.add(cart, walden.pk, 2)

    assert lines.add(cart, walden.pk, 3).quantity == 5
    assert contents(cart) == {walden: 5}


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_quantity_that_makes_no_sense_is_refused(cart, walden, quantity):
    with pytest.raises(InvalidQuantityError) as refusal:
        lines.add(cart, walden.pk, quantity)

    assert (refusal.value.code, refusal.value.status) == ("invalid_quantity", 400)
    assert refusal.value.message == "Choose a whole number from 1 to 99."
    assert contents(cart) == {}


def test_what_is_not_for_sale_is_refused(cart, walden):
    Product.objects.update(is_published=False)

    for variant_id in (walden.pk, walden.pk + 1, 10**18):
        with pytest.raises(UnknownVariantError) as refusal:
            lines.add(cart, variant_id, 1)
        assert (refusal.value.code, refusal.value.status) == ("unknown_variant", 404)
    assert contents(cart) == {}


def test_what_is_sold_out_is_refused(cart, walden):
    set_stock(walden, 0)

    with pytest.raises(SoldOutError) as refusal:
        lines.add(cart, walden.pk, 1)

    assert (refusal.value.code, refusal.value.status) == ("sold_out", 409)
    assert refusal.value.message == "Walden, paperback is sold out."
    assert contents(cart) == {}


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        (3, "There are only 3 of Walden, paperback. Choose 3 or fewer."),
        (1, "There is only 1 of Walden, paperback. Choose 1."),
    ],
)
def test_more_than_there_are_is_refused_with_what_one_may_choose(cart, walden, left, sentence):
    set_stock(walden, left)

    with pytest.raises(TooManyError) as refusal:
        lines.add(cart, walden.pk, 4)

    assert (refusal.value.code, refusal.value.status, refusal.value.available) == (
        "not_enough_stock",
        409,
        left,
    )
    assert refusal.value.message == sentence
    assert contents(cart) == {}


def test_more_than_there_are_together_with_the_cart_says_what_is_in_it(cart, walden):
    set_stock(walden, 3)
    lines.add(cart, walden.pk, 2)

    with pytest.raises(TooManyError) as refusal:
        lines.add(cart, walden.pk, 2)

    assert refusal.value.message == "There are only 3 of Walden, paperback. 2 are in your cart already."
    assert contents(cart) == {walden: 2}


def test_the_most_we_sell_is_not_called_the_stock(cart, walden):
    set_stock(walden, 500)
    lines.add(cart, walden.pk, 60)

    with pytest.raises(TooManyError) as refusal:
        lines.add(cart, walden.pk, 60)

    assert refusal.value.message == "We sell at most 99 of Walden, paperback. 60 are in your cart already."


def test_what_the_carts_own_order_holds_may_still_be_chosen(cart, walden):
    stock.take({walden.pk: 10}, reference="FQ7K-3MWD", now=NOW)
    Cart.objects.filter(pk=cart.pk).update(held_by="FQ7K-3MWD")
    cart.refresh_from_db()

    assert lines.add(cart, walden.pk, 10).quantity == 10
    assert review.of_cart(cart).changes == ()
    with pytest.raises(TooManyError):
        lines.add(cart, walden.pk, 1)


# Change


def test_changing_sets_the_quantity_and_zero_takes_the_line_out(cart, walden):
    line = lines.add(cart, walden.pk, 2)

    assert lines.change(cart, line.pk, 7) == "Walden, paperback"
    assert contents(cart) == {walden: 7}
    assert lines.change(cart, line.pk, 0) == "Walden, paperback"
    assert contents(cart) == {}


@pytest.mark.parametrize(
    ("quantity", "error"), [(-1, InvalidQuantityError), (100, InvalidQuantityError), (11, TooManyError)]
)
def test_a_change_that_cannot_be_leaves_the_old_quantity(cart, walden, quantity, error):
    line = lines.add(cart, walden.pk, 2)

    with pytest.raises(error):
        lines.change(cart, line.pk, quantity)

    assert contents(cart) == {walden: 2}


def test_a_change_of_what_is_sold_out_is_refused(cart, walden):
    line = lines.add(cart, walden.pk, 2)
    set_stock(walden, 0)

    with pytest.raises(SoldOutError):
        lines.change(cart, line.pk, 1)


@pytest.mark.parametrize("quantity", [0, 1])
def test_nobody_changes_a_line_of_another_cart(cart, walden, quantity):
    line = lines.add(cart, walden.pk, 2)
    other = Cart.objects.create(token="other", created_at=EARLY)

    with pytest.raises(UnknownLineError) as refusal:
        lines.change(other, line.pk, quantity)

    assert (refusal.value.code, refusal.value.status) == ("unknown_line", 404)
    assert contents(cart) == {walden: 2}


def test_a_line_whose_edition_is_gone_can_only_be_taken_out(cart, walden):
    line = lines.add(cart, walden.pk, 2)
    walden.delete()

    with pytest.raises(UnknownLineError):
        lines.change(cart, line.pk, 1)
    assert lines.change(cart, line.pk, 0) == "Walden, paperback"


# After buying


def test_what_was_bought_leaves_and_what_was_added_since_stays(cart, walden):
    emma = VariantFactory()
    lines.add(cart, walden.pk, 5)
    lines.add(cart, emma.pk, 1)

    lines.take_out(cart.pk, {walden.pk: 3, emma.pk: 1, emma.pk + 1: 1})

    assert contents(cart) == {walden: 2}


def test_fifty_books_leave_in_as_many_statements_as_one(cart):
    def cost(number):
        bought = {variant.pk: 1 for variant in VariantFactory.create_batch(number)}
        for variant_id in bought:
            lines.add(cart, variant_id, 1)
        return count(lambda: lines.take_out(cart.pk, bought))

    assert cost(1) == cost(50)
    assert contents(cart) == {}
