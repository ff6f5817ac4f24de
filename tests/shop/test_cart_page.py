"""The page of the cart, and whose cart it is."""

import pytest
from django.test import Client

from shop import stock
from shop.models import Cart, CartLine, Variant
from tests import statements
from tests.conftest import PASSWORD
from tests.factories import EARLY, ProductImageFactory, VariantFactory
from tests.shop.pages import HTMX, add, change, contents, tag, words

pytestmark = pytest.mark.django_db


# The cart


def line_of(variant):
    return CartLine.objects.get(variant=variant)


def test_an_empty_cart_says_so(client):
    response = client.get("/cart/")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Your cart is empty What you add waits here for 30 days. See all books" in words(response)
    assert not Cart.objects.exists()


def test_a_quantity_is_set_and_a_zero_removes(client, walden):
    add(client, walden)

    assert "Walden, paperback: 3 in your cart." in words(change(client, line_of(walden), "3", follow=True))
    assert contents() == {walden: 3}
    assert "Walden, paperback removed. Your cart is empty" in words(
        change(client, line_of(walden), "0", follow=True)
    )


@pytest.mark.parametrize(
    ("quantity", "status", "said"),
    [
        ("11", 409, "There are only 10 of Walden, paperback. Choose 10 or fewer."),
        ("-1", 400, "Choose a whole number from 1 to 99."),
        ("1e9", 400, "Choose a whole number from 1 to 99."),
        ("abc", 400, "Choose a whole number from 1 to 99."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_wrong_quantity_stands_beside_its_field_and_changes_nothing(
    client, walden, quantity, status, said, headers
):
    add(client, walden, "2")
    line = line_of(walden)

    response = change(client, line, quantity, headers=headers)

    assert response.status_code == status
    assert words(response).count(said) == 1
    field = tag(response, rf'<input type="number"[^>]*id="quantity-{line.pk}"[^>]*>')
    assert f'value="{quantity}"' in field
    assert f'aria-invalid="true" aria-describedby="quantity-{line.pk}_error"' in field
    assert contents() == {walden: 2}


@pytest.mark.parametrize("quantity", ["0", "1"])
def test_nobody_reaches_into_another_cart(client, as_bob, walden, quantity):
    add(client, walden, "2")

    for stranger in (as_bob, Client()):
        response = change(stranger, line_of(walden), quantity)
        assert response.status_code == 404
        assert "That book is not in your cart any more." in words(response)
    assert contents() == {walden: 2}


def test_a_line_number_beyond_all_bounds_is_not_found(client, walden):
    add(client, walden)

    assert client.post(f"/cart/lines/{'9' * 40}/", {"quantity": "1"}).status_code == 404


def test_changes_are_told_line_by_line_and_only_once(client, walden):
    candide = VariantFactory(product__title="Candide", stock=4)
    war = VariantFactory(product__title="The Art of War", stock=4)
    for variant in (walden, candide, war):
        add(client, variant, "3")
    client.get("/cart/")
    Variant.objects.filter(pk=walden.pk).update(price=1250)
    stock.set_level(candide.pk, 0, reason="test", now=EARLY)
    stock.set_level(war.pk, 2, reason="test", now=EARLY)

    page = words(client.get("/cart/"))

    assert "Changed since you last looked" in page
    assert "Walden, paperback : now €12.50, was €11.00." in page
    assert "Candide, paperback : sold out, so we took it out of your cart." in page
    assert "The Art of War, paperback : 2 in your cart, was 3. There are only 2 left." in page
    assert "Changed since" not in words(client.get("/cart/"))


def test_after_a_removal_the_next_line_takes_the_focus_and_the_total_is_said(client, walden):
    emma = VariantFactory(product__title="Emma", price=900)
    add(client, walden)
    add(client, emma)

    response = change(client, line_of(walden), "0", headers=HTMX)

    assert (
        tag(response, r"<h2[^>]*autofocus>") == f'<h2 id="line-{line_of(emma).pk}" tabindex="-1" autofocus>'
    )
    assert "Walden, paperback removed. Subtotal \\u20ac9.00." in response.headers["HX-Trigger"]
    assert "1 book" in words(response)


def test_after_the_last_line_the_heading_takes_the_focus(client, walden):
    emma = VariantFactory(product__title="Emma")
    add(client, walden)
    add(client, emma)

    fewer = change(client, line_of(emma), "0", headers=HTMX)
    none = change(client, line_of(walden), "0", headers=HTMX)

    assert "Your cart" in tag(fewer, r"<h1[^>]*autofocus>[^<]*")
    assert "Your cart is empty" in tag(none, r"<h1[^>]*autofocus>[^<]*")
    assert "autofocus" not in client.get("/cart/").content.decode()


def test_e_books_alone_do_not_speak_of_delivery(client):
    add(client, VariantFactory(is_digital=True))
    assert "Delivery" not in words(client.get("/cart/"))

    add(client, VariantFactory())
    assert "Delivery is added at checkout." in words(client.get("/cart/"))


def test_the_cart_costs_the_same_however_many_lines_it_has(client, as_alice):
    def more(count):
        for _ in range(count):
            variant = VariantFactory()
            ProductImageFactory(product=variant.product)
            add(client, variant, headers=HTMX)
            add(as_alice, variant, headers=HTMX)

    def cost():
        return [
            statements.count(lambda someone=someone: someone.get("/cart/")) for someone in (client, as_alice)
        ]

    more(1)
    for_one = cost()
    more(19)
    assert cost() == for_one


def test_adding_costs_the_same_whatever_lies_in_the_cart_already(client, walden):
    add(client, walden, headers=HTMX)
    at_first = statements.count(lambda: add(client, walden, headers=HTMX))
    for _ in range(9):
        add(client, VariantFactory(), headers=HTMX)
    Cart.objects.update(held_by="FQ7K-3MWD")  # an open order costs nothing more

    assert statements.count(lambda: add(client, walden, headers=HTMX)) == at_first


def test_the_personal_half_asks_for_nothing_but_who_and_how_many(client, as_alice, walden):
    assert statements.count(lambda: client.get("/fragments/personal/")) == 0
    add(client, walden, headers=HTMX)
    add(as_alice, walden, headers=HTMX)

    assert statements.count(lambda: client.get("/fragments/personal/")) == 1
    assert statements.count(lambda: as_alice.get("/fragments/personal/")) == 3  # and the session and its user


# Whose cart


def log_in(client):
    return client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})


def test_a_visitors_cart_comes_along_at_log_in_with_a_notice(client, alice, walden):
    add(client, walden, "2", headers=HTMX)
    log_in(client)

    page = words(client.get("/cart/"))

    assert "Your cart came with you. What you chose before logging in is in it." in page
    assert CartLine.objects.get().cart.user == alice
    assert client.cookies["cart"].value == ""


def test_the_accounts_cart_waits_through_a_log_out(client, alice, walden):
    log_in(client)
    add(client, walden, "2")
    client.post("/accounts/logout/")
    assert "Your cart is empty" in words(client.get("/cart/"))

    log_in(client)

    assert "Subtotal €22.00" in words(client.get("/cart/"))


def test_a_first_add_right_after_log_in_keeps_what_was_there(client, alice, walden):
    emma = VariantFactory()
    add(client, emma, "2")
    log_in(client)

    assert add(client, walden, "0").status_code == 400
    add(client, walden)

    assert contents() == {emma: 2, walden: 1}
    assert not Cart.objects.filter(user=None).exists()
