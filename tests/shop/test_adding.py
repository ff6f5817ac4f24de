"""Adding to the cart, from a product's page and from a card."""

import pytest
from django.test import Client

from shop import stock
from shop.models import Cart, Product, Variant
from shop.money import written
from tests.factories import EARLY, VariantFactory
from tests.shop.pages import HTMX, add, contents, tag, words

pytestmark = pytest.mark.django_db


# Adding


def test_a_plain_form_adds_and_leads_to_the_cart(client, walden):
    response = add(client, walden, "2")

    assert response.status_code == 302
    page = client.get(response.headers["Location"])
    assert "In your cart. Walden, paperback." in words(page)
    assert "Subtotal €22.00" in words(page)


def test_the_first_add_of_a_visitor_counts_at_once(client, walden):
    response = add(client, walden, "2", headers=HTMX)

    assert response.status_code == 200
    assert "In your cart. Walden, paperback. See the cart" in words(response)
    assert '<nav id="personal" hx-swap-oob="innerHTML">' in response.content.decode()
    assert "Walden, paperback is in your cart. 2 books." in response.headers["HX-Trigger"]


def test_a_visitors_cart_is_a_signed_cookie_and_no_session(client, walden):
    response = add(client, walden, headers=HTMX)

    assert set(response.cookies) == {"cart"}
    assert (response.cookies["cart"]["httponly"], response.cookies["cart"]["samesite"]) == (True, "Lax")
    forged = Client()
    forged.cookies["cart"] = Cart.objects.get().token
    assert "Your cart is empty" in words(forged.get("/cart/"))


@pytest.mark.parametrize("quantity", ["0", "-1", "1e9", "1000000000", "abc", "", "1.5", "9" * 5000, "\x00"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_odd_quantity_is_refused_and_nothing_is_left_behind(client, walden, quantity, headers):
    response = add(client, walden, quantity, headers=headers)

    assert response.status_code == 400
    assert "Choose a whole number from 1 to 99." in words(response)
    assert not response.cookies
    assert not Cart.objects.exists()


@pytest.mark.parametrize("variant", ["0", "-1", "999999", "9" * 18, "9" * 40, "abc", ""])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_an_unknown_edition_is_refused_and_nothing_is_left_behind(client, walden, variant, headers):
    response = add(client, variant, headers=headers)

    assert response.status_code == 404
    assert "We do not sell this edition, or not any more." in words(response)
    assert not response.cookies
    assert not Cart.objects.exists()


def test_an_unpublished_edition_is_refused(client, walden):
    Product.objects.update(is_published=False)

    assert add(client, walden).status_code == 404
    assert not Cart.objects.exists()


def test_a_sold_out_edition_is_refused_on_its_page(client, walden):
    stock.set_level(walden.pk, 0, reason="test", now=EARLY)

    response = add(client, walden)

    assert response.status_code == 409
    assert "Walden, paperback is sold out." in words(response)
    assert not response.cookies
    assert not Cart.objects.exists()


def test_too_many_keeps_what_was_typed_and_what_is_in_the_cart(client, walden):
    add(client, walden, "2")

    response = add(client, walden, "9")

    assert response.status_code == 409
    assert tag(response, r"<title>[^<]*").startswith("<title>Error: Walden")
    assert "There are only 10 of Walden, paperback. 2 are in your cart already." in words(response)
    assert 'value="9"' in tag(response, r'<input type="number"[^>]*>')
    assert contents() == {walden: 2}


def test_an_address_that_only_takes_forms_leads_to_the_cart(client, walden):
    for path in ("/cart/lines/", "/cart/lines/1/"):
        assert client.get(path).headers["Location"] == "/cart/"
        assert client.put(path).status_code == 405


def test_adding_needs_no_token_from_a_page_of_ours(walden):
    browser = Client(enforce_csrf_checks=True)

    assert add(browser, walden, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


# Adding from a card


def test_a_card_adds_the_edition_whose_price_it_names(client, walden):
    ebook = VariantFactory(product=walden.product, name="E-book", price=500, is_digital=True)
    page = client.get("/products/")
    assert "from €5.00" in words(page)
    button = tag(page, r'<button[^>]*name="variant"[^>]*>[^<]*')
    assert button.endswith('aria-label="Add e-book: Walden">Add e-book')
    assert f'value="{ebook.pk}"' in button

    stock.set_level(ebook.pk, 0, reason="test", now=EARLY)

    assert "Add paperback" in tag(client.get("/products/"), r'<button[^>]*name="variant"[^>]*>[^<]*')


@pytest.mark.parametrize("path", ["/products/?format=paperback", "/products/?format=paperback&q=walden"])
def test_a_card_adds_the_format_that_was_chosen_and_says_what_it_costs(client, walden, path):
    VariantFactory(product=walden.product, name="E-book", price=500, format="ebook", is_digital=True)
    Variant.objects.filter(pk=walden.pk).update(format="paperback")
    button = tag(client.get(path), r'<button[^>]*name="variant"[^>]*>[^<]*')
    assert button.endswith(f">Add for {written(walden.price)}")
    assert f'value="{walden.pk}"' in button

    stock.set_level(walden.pk, 0, reason="test", now=EARLY)

    assert 'name="variant"' not in client.get(path).content.decode()


def test_a_book_in_one_edition_is_simply_added_and_a_sold_out_one_has_no_button(client, walden):
    assert "Add to cart" in words(client.get("/products/"))

    stock.set_level(walden.pk, 0, reason="test", now=EARLY)

    assert "Add" not in words(client.get("/products/"))


def test_what_a_card_added_is_said_below_it_and_to_screen_readers(client, walden):
    form = {"variant": walden.pk, "quantity": "1", "from": "card"}

    response = client.post("/cart/lines/", form, headers=HTMX)

    assert response.status_code == 200
    assert words(response).startswith(" In your cart")
    assert '<nav id="personal" hx-swap-oob="innerHTML">' in response.content.decode()
    assert "Walden, paperback is in your cart. 1 book." in response.headers["HX-Trigger"]
    assert client.post("/cart/lines/", form).headers["Location"] == "/cart/"


def test_what_a_card_could_not_add_is_said_below_it(client, walden):
    stock.set_level(walden.pk, 0, reason="test", now=EARLY)

    response = client.post(
        "/cart/lines/", {"variant": walden.pk, "quantity": "1", "from": "card"}, headers=HTMX
    )

    assert response.status_code == 409
    assert words(response).strip() == "Walden, paperback is sold out."
    assert "Walden, paperback is sold out." in response.headers["HX-Trigger"]
    assert contents() == {}
