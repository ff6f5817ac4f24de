import pytest
from django.forms import model_to_dict

from shop import stock
from shop.cart import lines, review
from shop.cart.lines import TooManyError
from shop.cart.review import Change
from shop.models import Cart, CartLine, Product, Variant
from tests import statements
from tests.factories import EARLY, ProductImageFactory, VariantFactory
from tests.shop.cart.conftest import NOW, contents, set_price, set_stock

pytestmark = pytest.mark.django_db


def test_a_cart_that_nothing_happened_to_has_no_changes(cart, walden):
    lines.add(cart, walden.pk, 2)

    reviewed = review.of_cart(cart)

    assert (reviewed.count, reviewed.subtotal, reviewed.changes, reviewed.needs_delivery) == (
        2,
        2200,
        (),
        True,
    )
    assert [(line.quantity, line.unit_price, line.total) for line in reviewed] == [(2, 1100, 2200)]


def test_an_empty_cart_is_false_and_needs_no_delivery(cart):
    reviewed = review.of_cart(cart)

    assert not reviewed
    assert (reviewed.count, reviewed.subtotal, reviewed.needs_delivery) == (0, 0, False)


def test_e_books_alone_need_no_delivery(cart):
    lines.add(cart, VariantFactory(is_digital=True).pk, 1)

    assert not review.of_cart(cart).needs_delivery


def test_every_change_is_told_once(cart, walden):
    dearer, fewer, gone, hidden = (
        VariantFactory(product__title=title, price=2200, stock=5)
        for title in ("Emma", "The Art of War", "Candide", "Dracula")
    )
    for variant in (walden, dearer, fewer, gone, hidden):
        lines.add(cart, variant.pk, 3)
    set_price(dearer, 2400)
    set_stock(fewer, 2)
    set_stock(gone, 0)
    Product.objects.filter(pk=hidden.product_id).update(is_published=False)

    reviewed = review.of_cart(cart)

    assert reviewed.changes == (
        Change("price", "Emma, paperback", 2200, 2400),
        Change("quantity", "The Art of War, paperback", 3, 2),
        Change("sold_out", "Candide, paperback"),
        Change("gone", "Dracula, paperback"),
    )
    assert {line.variant: line.quantity for line in reviewed} == {walden: 3, dearer: 3, fewer: 2}
    assert reviewed.subtotal == 3 * 1100 + 3 * 2400 + 2 * 2200
    assert contents(cart) == {walden: 3, dearer: 3, fewer: 2}
    assert review.of_cart(cart).changes == ()


def test_a_line_can_change_in_price_and_quantity_at_once(cart, walden):
    lines.add(cart, walden.pk, 3)
    set_price(walden, 900)
    set_stock(walden, 1)

    assert review.of_cart(cart).changes == (
        Change("price", "Walden, paperback", 1100, 900),
        Change("quantity", "Walden, paperback", 3, 1),
    )


def test_a_line_whose_edition_was_deleted_is_gone(cart, walden):
    lines.add(cart, walden.pk, 3)
    walden.delete()

    assert review.of_cart(cart).changes == (Change("gone", "Walden, paperback"),)
    assert contents(cart) == {}


def test_what_its_owner_changes_meanwhile_is_not_overwritten(cart, walden, monkeypatch):
    line = lines.add(cart, walden.pk, 3)
    set_stock(walden, 2)
    look = review._review_line

    def and_another_tab_sets_one(row, held):
        found = look(row, held)
        CartLine.objects.filter(pk=line.pk).update(quantity=1)
        return found

    monkeypatch.setattr(review, "_review_line", and_another_tab_sets_one)
    review.of_cart(cart)

    assert contents(cart) == {walden: 1}


def test_reviewing_costs_the_same_for_one_line_and_for_twenty(cart, walden):
    def told():
        return [(line.variant.product.title, line.cover_url) for line in review.of_cart(cart)]

    ProductImageFactory(product=walden.product)
    lines.add(cart, walden.pk, 1)
    Cart.objects.filter(pk=cart.pk).update(held_by="FQ7K-3MWD")
    for_one = statements.count(told)
    for _ in range(19):
        ProductImageFactory.create_batch(2, product=(variant := VariantFactory()).product)
        lines.add(cart, variant.pk, 1)

    assert statements.count(told) == for_one
    assert len(told()) == 20


def test_a_line_shows_the_first_picture_of_its_book(cart, walden):
    for position, name in ((2, "back"), (1, "front")):
        ProductImageFactory(product=walden.product, file=f"covers/{name}.svg", position=position)
    bare = VariantFactory()
    lines.add(cart, walden.pk, 1)
    lines.add(cart, bare.pk, 1)

    assert [line.cover_url for line in review.of_cart(cart)] == ["/media/covers/front.svg", ""]


def test_what_is_looked_at_again_is_as_the_database_has_it(cart, walden):
    lines.add(cart, walden.pk, 2)

    (line,) = review.of_cart(cart)

    stored = Variant.objects.select_related("product").get()
    assert model_to_dict(line.variant) == model_to_dict(stored)
    assert model_to_dict(line.variant.product) == model_to_dict(stored.product)


def test_what_the_open_order_of_a_cart_holds_can_be_kept_and_what_others_hold_cannot(cart, walden):
    lines.add(cart, walden.pk, 8)
    for number, taken in (("OURS", 6), ("THEIRS", 4)):
        stock.take({walden.pk: taken}, reference=number, now=NOW)
    Cart.objects.filter(pk=cart.pk).update(held_by="OURS")
    # Staff's own words may happen to be an order's number.
    stock.set_level(walden.pk, 1, reason="OURS", now=NOW)

    (line,) = review.of_cart(cart)

    assert (line.available, line.quantity) == (7, 7)
    assert stock.held("OURS") == {walden.pk: 6}
    with pytest.raises(TooManyError):
        lines.add(Cart.objects.create(token="bob", created_at=EARLY), walden.pk, 2)
