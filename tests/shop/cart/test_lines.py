from datetime import UTC, datetime

import pytest
from django.forms import model_to_dict

from shop import stock
from shop.cart import lines as carts
from shop.cart.lines import (
    Change,
    InvalidQuantityError,
    SoldOutError,
    TooManyError,
    UnknownLineError,
    UnknownVariantError,
)
from shop.models import Cart, CartLine, Product, Variant
from tests.factories import EARLY, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)


@pytest.fixture
def cart():
    return Cart.objects.create(token="visitor", created_at=EARLY)


@pytest.fixture
def walden():
    return VariantFactory(product__title="Walden", name="Paperback", price=1100, stock=10)


def contents(cart):
    return {line.variant: line.quantity for line in CartLine.objects.filter(cart=cart)}


def set_stock(variant, level):
    stock.set_level(variant.pk, level, reason="test", now=NOW)


def set_price(variant, price):
    Variant.objects.filter(pk=variant.pk).update(price=price)


# Put in


def test_adding_puts_a_line_in_with_the_title_and_price_that_were_seen(cart, walden):
    line = carts.add(cart, walden.pk, 2)

    assert (line.title, line.quantity, line.seen_price) == ("Walden, paperback", 2, 1100)
    assert carts.count(cart.pk) == 2


def test_adding_the_same_edition_again_raises_its_line(cart, walden):
    carts.add(cart, walden.pk, 2)

    assert carts.add(cart, walden.pk, 3).quantity == 5
    assert contents(cart) == {walden: 5}


@pytest.mark.parametrize("quantity", [0, -1, 100, 10**9])
def test_a_quantity_that_makes_no_sense_is_refused(cart, walden, quantity):
    with pytest.raises(InvalidQuantityError) as refusal:
        carts.add(cart, walden.pk, quantity)

    assert (refusal.value.code, refusal.value.status) == ("invalid_quantity", 400)
    assert refusal.value.message == "Choose a whole number from 1 to 99."
    assert contents(cart) == {}


def test_what_is_not_for_sale_is_refused(cart, walden):
    Product.objects.update(is_published=False)

    for variant_id in (walden.pk, walden.pk + 1, 10**18):
        with pytest.raises(UnknownVariantError) as refusal:
            carts.add(cart, variant_id, 1)
        assert (refusal.value.code, refusal.value.status) == ("unknown_variant", 404)
    assert contents(cart) == {}


def test_what_is_sold_out_is_refused(cart, walden):
    set_stock(walden, 0)

    with pytest.raises(SoldOutError) as refusal:
        carts.add(cart, walden.pk, 1)

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
        carts.add(cart, walden.pk, 4)

    assert (refusal.value.code, refusal.value.status, refusal.value.available) == (
        "not_enough_stock",
        409,
        left,
    )
    assert refusal.value.message == sentence
    assert contents(cart) == {}


def test_more_than_there_are_together_with_the_cart_says_what_is_in_it(cart, walden):
    set_stock(walden, 3)
    carts.add(cart, walden.pk, 2)

    with pytest.raises(TooManyError) as refusal:
        carts.add(cart, walden.pk, 2)

    assert refusal.value.message == "There are only 3 of Walden, paperback. 2 are in your cart already."
    assert contents(cart) == {walden: 2}


def test_the_most_we_sell_is_not_called_the_stock(cart, walden):
    set_stock(walden, 500)
    carts.add(cart, walden.pk, 60)

    with pytest.raises(TooManyError) as refusal:
        carts.add(cart, walden.pk, 60)

    assert refusal.value.message == "We sell at most 99 of Walden, paperback. 60 are in your cart already."


def test_what_the_carts_own_order_holds_may_still_be_chosen(cart, walden):
    stock.take({walden.pk: 10}, reference="FQ7K-3MWD", now=NOW)
    Cart.objects.filter(pk=cart.pk).update(held_by="FQ7K-3MWD")
    cart.refresh_from_db()

    assert carts.add(cart, walden.pk, 10).quantity == 10
    assert carts.review(cart).changes == ()
    with pytest.raises(TooManyError):
        carts.add(cart, walden.pk, 1)


# Change


def test_changing_sets_the_quantity_and_zero_takes_the_line_out(cart, walden):
    line = carts.add(cart, walden.pk, 2)

    assert carts.change(cart, line.pk, 7) == "Walden, paperback"
    assert contents(cart) == {walden: 7}
    assert carts.change(cart, line.pk, 0) == "Walden, paperback"
    assert contents(cart) == {}


@pytest.mark.parametrize(
    ("quantity", "error"), [(-1, InvalidQuantityError), (100, InvalidQuantityError), (11, TooManyError)]
)
def test_a_change_that_cannot_be_leaves_the_old_quantity(cart, walden, quantity, error):
    line = carts.add(cart, walden.pk, 2)

    with pytest.raises(error):
        carts.change(cart, line.pk, quantity)

    assert contents(cart) == {walden: 2}


def test_a_change_of_what_is_sold_out_is_refused(cart, walden):
    line = carts.add(cart, walden.pk, 2)
    set_stock(walden, 0)

    with pytest.raises(SoldOutError):
        carts.change(cart, line.pk, 1)


@pytest.mark.parametrize("quantity", [0, 1])
def test_nobody_changes_a_line_of_another_cart(cart, walden, quantity):
    line = carts.add(cart, walden.pk, 2)
    other = Cart.objects.create(token="other", created_at=EARLY)

    with pytest.raises(UnknownLineError) as refusal:
        carts.change(other, line.pk, quantity)

    assert (refusal.value.code, refusal.value.status) == ("unknown_line", 404)
    assert contents(cart) == {walden: 2}


def test_a_line_whose_edition_is_gone_can_only_be_taken_out(cart, walden):
    line = carts.add(cart, walden.pk, 2)
    walden.delete()

    with pytest.raises(UnknownLineError):
        carts.change(cart, line.pk, 1)
    assert carts.change(cart, line.pk, 0) == "Walden, paperback"


# Look again


def test_a_cart_that_nothing_happened_to_has_no_changes(cart, walden):
    carts.add(cart, walden.pk, 2)

    review = carts.review(cart)

    assert (review.count, review.subtotal, review.changes, review.needs_delivery) == (2, 2200, (), True)
    assert [(line.quantity, line.unit_price, line.total) for line in review] == [(2, 1100, 2200)]


def test_an_empty_cart_is_false_and_needs_no_delivery(cart):
    review = carts.review(cart)

    assert not review
    assert (review.count, review.subtotal, review.needs_delivery) == (0, 0, False)


def test_e_books_alone_need_no_delivery(cart):
    carts.add(cart, VariantFactory(is_digital=True).pk, 1)

    assert not carts.review(cart).needs_delivery


def test_every_change_is_told_once(cart, walden):
    dearer, fewer, gone, hidden = (
        VariantFactory(product__title=title, price=2200, stock=5)
        for title in ("Emma", "The Art of War", "Candide", "Dracula")
    )
    for variant in (walden, dearer, fewer, gone, hidden):
        carts.add(cart, variant.pk, 3)
    set_price(dearer, 2400)
    set_stock(fewer, 2)
    set_stock(gone, 0)
    Product.objects.filter(pk=hidden.product_id).update(is_published=False)

    review = carts.review(cart)

    assert review.changes == (
        Change("price", "Emma, paperback", 2200, 2400),
        Change("quantity", "The Art of War, paperback", 3, 2),
        Change("sold_out", "Candide, paperback"),
        Change("gone", "Dracula, paperback"),
    )
    assert {line.variant: line.quantity for line in review} == {walden: 3, dearer: 3, fewer: 2}
    assert review.subtotal == 3 * 1100 + 3 * 2400 + 2 * 2200
    assert contents(cart) == {walden: 3, dearer: 3, fewer: 2}
    assert carts.review(cart).changes == ()


def test_a_line_can_change_in_price_and_quantity_at_once(cart, walden):
    carts.add(cart, walden.pk, 3)
    set_price(walden, 900)
    set_stock(walden, 1)

    assert carts.review(cart).changes == (
        Change("price", "Walden, paperback", 1100, 900),
        Change("quantity", "Walden, paperback", 3, 1),
    )


def test_a_line_whose_edition_was_deleted_is_gone(cart, walden):
    carts.add(cart, walden.pk, 3)
    walden.delete()

    assert carts.review(cart).changes == (Change("gone", "Walden, paperback"),)
    assert contents(cart) == {}


def test_what_its_owner_changes_meanwhile_is_not_overwritten(cart, walden, monkeypatch):
    line = carts.add(cart, walden.pk, 3)
    set_stock(walden, 2)
    look = carts._review_line

    def and_another_tab_sets_one(row, held):
        found = look(row, held)
        CartLine.objects.filter(pk=line.pk).update(quantity=1)
        return found

    monkeypatch.setattr(carts, "_review_line", and_another_tab_sets_one)
    carts.review(cart)

    assert contents(cart) == {walden: 1}


def test_reviewing_costs_the_same_for_one_line_and_for_twenty(cart, walden, django_assert_num_queries):
    carts.add(cart, walden.pk, 1)
    with django_assert_num_queries(1):
        carts.review(cart)
    for _ in range(19):
        ProductImageFactory.create_batch(2, product=(variant := VariantFactory()).product)
        carts.add(cart, variant.pk, 1)
    Cart.objects.filter(pk=cart.pk).update(held_by="FQ7K-3MWD")

    with django_assert_num_queries(1):
        review = carts.review(cart)
        told = [(line.variant.product.title, line.variant.product.get_absolute_url()) for line in review]
    assert len(told) == 20


def test_a_line_shows_the_first_picture_of_its_book(cart, walden):
    for position, name in ((2, "back"), (1, "front")):
        ProductImageFactory(product=walden.product, file=f"covers/{name}.svg", position=position)
    bare = VariantFactory()
    carts.add(cart, walden.pk, 1)
    carts.add(cart, bare.pk, 1)

    assert [line.cover_url for line in carts.review(cart)] == ["/media/covers/front.svg", ""]


def test_what_is_looked_at_again_is_as_the_database_has_it(cart, walden):
    carts.add(cart, walden.pk, 2)

    (line,) = carts.review(cart)

    stored = Variant.objects.select_related("product").get()
    assert model_to_dict(line.variant) == model_to_dict(stored)
    assert model_to_dict(line.variant.product) == model_to_dict(stored.product)


def test_what_the_open_order_of_a_cart_holds_can_be_kept_and_what_others_hold_cannot(cart, walden):
    carts.add(cart, walden.pk, 8)
    for number, taken in (("OURS", 6), ("THEIRS", 4)):
        stock.take({walden.pk: taken}, reference=number, now=NOW)
    Cart.objects.filter(pk=cart.pk).update(held_by="OURS")
    # Staff's own words may happen to be an order's number.
    stock.set_level(walden.pk, 1, reason="OURS", now=NOW)

    (line,) = carts.review(cart)

    assert (line.available, line.quantity) == (7, 7)
    assert stock.held("OURS") == {walden.pk: 6}
    with pytest.raises(TooManyError):
        carts.add(Cart.objects.create(token="bob", created_at=EARLY), walden.pk, 2)


# After buying


def test_what_was_bought_leaves_and_what_was_added_since_stays(cart, walden):
    emma = VariantFactory()
    carts.add(cart, walden.pk, 5)
    carts.add(cart, emma.pk, 1)

    carts.take_out(cart, {walden.pk: 3, emma.pk: 1, emma.pk + 1: 1})

    assert contents(cart) == {walden: 2}


# Bring together


def test_a_visitors_cart_comes_into_the_users(cart, walden, alice):
    emma = VariantFactory()
    own = Cart.objects.create(user=alice, created_at=EARLY)
    carts.add(own, walden.pk, 1)
    carts.add(cart, walden.pk, 2)
    carts.add(cart, emma.pk, 4)

    merged = carts.merge(cart, alice.pk, now=NOW)

    assert (merged.lines, merged.limited) == (2, ())
    assert contents(own) == {walden: 3, emma: 4}
    assert list(Cart.objects.all()) == [own]


def test_merging_makes_the_users_cart_where_there_is_none(cart, walden, alice):
    carts.add(cart, walden.pk, 2)

    carts.merge(cart, alice.pk, now=NOW)

    assert contents(Cart.objects.get(user=alice)) == {walden: 2}


def test_merging_stays_within_the_most_we_sell_and_says_so(cart, alice):
    ebook = VariantFactory(product__title="Walden", name="E-book", stock=500)
    own = Cart.objects.create(user=alice, created_at=EARLY)
    carts.add(own, ebook.pk, 60)
    carts.add(cart, ebook.pk, 60)

    assert carts.merge(cart, alice.pk, now=NOW).limited == ("Walden, e-book",)
    assert contents(own) == {ebook: 99}


def test_merging_twice_moves_everything_once(cart, walden, alice):
    carts.add(cart, walden.pk, 2)
    again = Cart.objects.get(pk=cart.pk)

    carts.merge(cart, alice.pk, now=NOW)

    assert carts.merge(again, alice.pk, now=NOW).lines == 0
    assert contents(Cart.objects.get(user=alice)) == {walden: 2}
