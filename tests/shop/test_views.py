import re
from html import unescape

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from shop import stock
from shop.models import Cart, CartLine, Product, Variant
from shop.money import written
from shop.page_cache import cached_pages
from tests import statements
from tests.conftest import PASSWORD
from tests.factories import EARLY, ProductFactory, ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def walden():
    product = ProductFactory(title="Walden", slug="walden", author="Henry David Thoreau", quote="Simplify.")
    ProductImageFactory(product=product)
    return VariantFactory(product=product, name="Paperback", price=1100, stock=10)


def words(response):
    """Return what a page says, without its tags and line breaks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", response.content.decode())))


def tag(response, pattern):
    """Return the first tag that matches, on one line."""
    found = re.search(pattern, response.content.decode())
    assert found, f"{pattern} is not in the page"
    return found[0]


def add(client, variant, quantity="1", **headers):
    return client.post(
        "/cart/lines/", {"variant": getattr(variant, "pk", variant), "quantity": quantity}, **headers
    )


def change(client, line, quantity, **headers):
    return client.post(f"/cart/lines/{line.pk}/", {"quantity": quantity}, **headers)


def contents():
    return {line.variant: line.quantity for line in CartLine.objects.all()}


# Public pages


PUBLIC = [
    "/",
    "/products/",
    "/products/?q=walden&in_stock=1&sort=price",
    "/products/walden/",
    "/products/nothing/",
]


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_the_same_bytes_for_everybody(client, as_alice, as_sam, walden, path):
    visitor = Client()
    add(visitor, walden)
    add(as_alice, walden)

    answers = [who.get(path) for who in (client, visitor, as_alice, as_sam)]

    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    for answer in answers:
        # The first page leads to the language that was chosen before, which a cookie tells.
        assert ("Cookie" in answer.headers.get("Vary", "")) == (path == "/")
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert b"csrf" not in answer.content


@pytest.mark.parametrize("path", ["/", "/products/", "/products/walden/"])
def test_who_has_the_page_already_gets_304_until_it_changes(client, walden, path):
    tag = client.get(path).headers["ETag"]

    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    Variant.objects.update(price=1250)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/products/?page=abc", 200, "Walden"),
        ("/products/?page=0", 200, "Walden"),
        ("/products/?sort=nonsense&in_stock=maybe", 200, "Walden"),
        ("/products/?q=%00", 200, "Walden"),
        ("/products/?q=wuthring", 200, "No book matches “wuthring”. Try fewer letters, or an author."),
        ("/products/?q=waldne", 200, "No book matches “waldne”. Did you mean walden ?"),
        ("/products/?category=fiction&in_stock=1", 200, "1 book Remove Fiction Remove In stock Clear both"),
        ("/products/?category=cookery", 404, "We have no such category."),
        ("/products/?page=2", 404, "This list has fewer pages than that."),
        ("/products/?page=9999999999999999999999", 200, "Walden"),
        ("/products/nothing/", 404, "We have no such book, or not any more."),
    ],
)
def test_odd_addresses_get_a_clear_page(client, walden, path, status, said):
    response = client.get(path)

    assert response.status_code == status
    assert said in words(response)


def test_a_listing_names_its_one_address(client, walden, settings):
    settings.STORE_URL = "https://folio.example"
    response = client.get("/products/?sort=nonsense&page=abc&category=fiction&in_stock=&utm_source=x")
    page = response.content.decode()

    assert response.headers["HX-Push-Url"] == "/products/?category=fiction"
    assert '<link rel="canonical" href="https://folio.example/products/?category=fiction">' in page
    assert (
        '<link rel="canonical" href="https://folio.example/products/walden/">'
        in client.get("/products/walden/?utm_source=x").content.decode()
    )


@pytest.mark.parametrize("path", ["/", "/products/", "/products/walden/", "/cart/", "/fragments/personal/"])
def test_pages_that_only_show_refuse_to_be_written_to(client, walden, path):
    assert client.post(path).status_code in {403, 405}
    assert Client(enforce_csrf_checks=True).post(path).status_code in {403, 405}


def test_what_people_typed_is_shown_as_text(client, walden):
    page = client.get("/products/", {"q": '<script>"&'}).content.decode()

    assert '<script>"' not in page
    assert "&lt;script&gt;&#34;&amp;" in page


@pytest.mark.django_db(transaction=True)
def test_public_pages_cost_the_same_however_many_books_there_are(client):
    paths = ("/", "/products/?category=fiction&in_stock=1", "/products/?q=book", "/products/volume-0/")

    def more(numbers):
        for number in numbers:
            product = ProductFactory(slug=f"volume-{number}", quote="A line.")
            ProductImageFactory(product=product)
            VariantFactory.create_batch(2, product=product, stock=2)

    def made_anew():
        cached_pages.memory.clear()
        return [statements.count(lambda path=path: client.get(path)) for path in paths]

    more(range(8))
    for_few = made_anew()
    more(range(8, 40))
    assert made_anew() == for_few


def test_the_first_available_edition_is_chosen_and_a_sold_out_one_cannot_be(client, walden):
    product = walden.product
    gone = VariantFactory(product=product, name="Hardback", stock=0, position=0)
    Variant.objects.filter(pk=walden.pk).update(position=1)

    response = client.get("/products/walden/")

    assert tag(response, rf'<input[^>]*value="{gone.pk}"[^>]*>').endswith(" disabled>")
    assert tag(response, rf'<input[^>]*value="{walden.pk}"[^>]*>').endswith(" checked>")


def test_a_book_that_is_wholly_sold_out_says_so_and_offers_no_button(client, walden):
    stock.set_level(walden.pk, 0, reason="test", now=EARLY)

    response = client.get("/products/walden/")

    assert "Every edition is sold out." in words(response)
    assert "Add to cart" not in words(response)


def test_the_exact_stock_above_a_few_is_nowhere_in_a_page(client, walden):
    stock.set_level(walden.pk, 4321, reason="test", now=EARLY)
    add(client, walden)

    for path in ("/", "/products/", "/products/walden/", "/cart/"):
        assert b"4321" not in client.get(path).content


# The personal half


def test_the_personal_fragment_is_private_and_never_kept(as_alice, alice, walden):
    add(as_alice, walden, "3")

    response = as_alice.get("/fragments/personal/")

    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Your orders Alice" in words(response)
    assert "3 books" in words(response)
    assert "In your cart. Walden, paperback." in words(response)


def test_a_visitors_fragment_knows_nobody(client, walden):
    assert words(client.get("/fragments/personal/")).split() == ["Log", "in", "Cart"]
    add(client, walden, "2")
    assert "2 books" in words(client.get("/fragments/personal/"))


def test_messages_are_told_once(client, walden):
    add(client, walden)

    assert "In your cart." in words(client.get("/fragments/personal/"))
    assert "In your cart." not in words(client.get("/cart/"))


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


# Pictures


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "secret.svg").write_text("<svg>secret</svg>")


@pytest.mark.parametrize("debug", [True, False])
def test_a_picture_is_kept_for_ever_and_can_run_nothing(client, media, settings, debug):
    settings.DEBUG = debug
    name = default_storage.save("covers/walden-3f2a.svg", ContentFile(b"<svg/>"))

    response = client.get(f"/media/{name}")

    assert b"".join(response.streaming_content) == b"<svg/>"
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        response.headers["Content-Security-Policy"]
        == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert not response.cookies


@pytest.mark.parametrize(
    "path",
    [
        "covers/none.svg",
        "../secret.svg",
        "covers/../../secret.svg",
        "%2e%2e/secret.svg",
        "covers",
        "x.py",
        "a%00.svg",
    ],
)
def test_what_is_no_picture_of_ours_is_not_found(client, media, path):
    default_storage.save("x.py", ContentFile(b"print()"))

    assert client.get(f"/media/{path}").status_code == 404


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
