"""From a book to the cart: without a reload, by keyboard, without JavaScript, and what a screen reader hears."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Route, expect

from shop import stock
from shop.media import pictures, uploads
from shop.models import Variant
from tests.browser.shopper import Shopper
from tests.factories import EARLY, ProductImageFactory

pytestmark = pytest.mark.browser


def card(shopper: Shopper, title: str) -> Locator:
    return shopper.page.locator(".card").filter(has=shopper.page.get_by_role("link", name=title, exact=True))


def heard(shopper: Shopper) -> Locator:
    return shopper.page.locator("#live")


def test_a_card_adds_without_a_reload(visitor: Shopper) -> None:
    visitor.go("/products/")
    visitor.page.evaluate("window.sameDocument = true")

    visitor.page.get_by_role("button", name="Add paperback: Middlemarch").click()

    expect(card(visitor, "Middlemarch").get_by_role("link", name="In your cart")).to_be_visible()
    expect(heard(visitor)).to_have_text("Middlemarch, paperback is in your cart. 1 book.")
    expect(visitor.page.get_by_role("link", name="Cart 1 book")).to_be_visible()
    visitor.page.get_by_role("button", name="Add to cart: Walden").click()
    expect(visitor.page.get_by_role("link", name="Cart 2 books")).to_be_visible()
    expect(card(visitor, "Middlemarch").get_by_role("link", name="In your cart")).to_be_visible()
    assert visitor.page.evaluate("window.sameDocument")


def test_a_card_that_sold_out_meanwhile_says_so(visitor: Shopper, shelf: dict[str, Variant]) -> None:
    visitor.go("/products/")
    stock.set_level(shelf["walden"].pk, 0, reason="test", now=EARLY)

    visitor.page.get_by_role("button", name="Add to cart: Walden").click()

    expect(card(visitor, "Walden")).to_contain_text("Walden, paperback is sold out.")
    expect(heard(visitor)).to_have_text("Walden, paperback is sold out.")
    expect(visitor.page.get_by_role("button", name="Add to cart: Walden")).to_be_enabled()


def test_a_card_by_keyboard_keeps_the_focus(visitor: Shopper) -> None:
    visitor.go("/products/")
    button = visitor.page.get_by_role("button", name="Add to cart: Walden")
    visitor.tab_to(visitor.page.get_by_role("link", name="Walden", exact=True))
    visitor.page.keyboard.press("Tab")
    expect(button).to_be_focused()

    visitor.page.keyboard.press("Enter")

    expect(card(visitor, "Walden").get_by_role("link", name="In your cart")).to_be_visible()
    expect(button).to_be_focused()


def test_a_changed_quantity_and_a_removed_line_are_heard(visitor: Shopper) -> None:
    visitor.add("walden")
    visitor.add("middlemarch", "Paperback")
    visitor.go("/cart/")

    visitor.page.get_by_role("button", name="One more of Walden").click()
    expect(heard(visitor)).to_have_text("Walden, paperback: 2 in your cart. Subtotal €34.00.")
    expect(visitor.page.get_by_role("button", name="One more of Walden")).to_be_focused()

    visitor.page.get_by_role("button", name="Remove Walden").click()
    expect(heard(visitor)).to_have_text("Walden, paperback removed. Subtotal €12.00.")
    expect(visitor.page.get_by_role("heading", name="Middlemarch")).to_be_focused()


def test_without_javascript_everything_up_to_the_checkout_works(
    shelf: dict[str, Variant],
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
) -> None:
    plain = open_tab(new_context(java_script_enabled=False))
    plain.go("/products/")
    plain.page.get_by_role("button", name="Add to cart: Walden").click()
    expect(plain.heading).to_have_text("Your cart")
    expect(plain.main).to_contain_text("In your cart. Walden, paperback.")

    plain.go("/products/middlemarch/")
    plain.page.get_by_role("radio", name="Paperback").check()
    plain.press("Add to cart")
    expect(plain.main).to_contain_text("In your cart. Middlemarch, paperback.")

    line = plain.page.locator(".line").filter(has_text="Walden")
    line.get_by_role("spinbutton").fill("3")
    line.get_by_role("button", name="Update").click()
    expect(plain.main).to_contain_text("Walden, paperback: 3 in your cart.")
    expect(plain.page.locator(".summary")).to_contain_text("€45.00")

    line.get_by_role("spinbutton").fill("7")
    line.get_by_role("button", name="Update").click()
    expect(line).to_contain_text("There are only 5 of Walden, paperback. Choose 5 or fewer.")

    plain.page.get_by_role("button", name="Remove Walden").click()
    expect(plain.main).to_contain_text("Walden, paperback removed.")
    plain.press("Go to checkout")
    expect(plain.heading).to_have_text("Where shall we send it?")
    expect(plain.page.get_by_label("E-mail")).to_be_visible()


def test_a_photograph_comes_in_the_lightest_kind_and_the_width_that_fits(
    visitor: Shopper, shelf: dict[str, Variant], settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = BytesIO()
    Image.linear_gradient("L").resize((1200, 1800)).convert("RGB").save(file, "JPEG")
    file.seek(0)
    made = uploads.read(file, "walden.jpg")
    ProductImageFactory(
        product=shelf["walden"].product,
        file=pictures.store(made),
        width=1200,
        height=1800,
        widths=list(made.widths),
    )

    # The listing first: a browser does not fetch a smaller file of what it has larger already.
    visitor.go("/products/")
    assert shown(card(visitor, "Walden")).endswith("-240.avif")
    visitor.go("/products/walden/")
    assert shown(visitor.main.locator(".picture")).endswith("-480.avif")


def shown(place: Locator) -> str:
    """Return the address of the file that the browser chose for a picture."""
    image = place.locator("img")
    image.evaluate("image => image.decode()")
    address: str = image.evaluate("image => image.currentSrc")
    return address


@pytest.mark.parametrize("path", ["/products/", "/products/walden/"])
def test_f27_where_cookies_are_refused_the_page_says_so(visitor: Shopper, path: str) -> None:
    visitor.page.context.route("**/cart/lines/", without_its_cookie)
    visitor.go(path)

    visitor.page.get_by_role("button", name=re.compile("Add to cart(: Walden)?$")).first.click()

    expect(visitor.page.get_by_role("main")).to_contain_text("Your browser did not keep your cart.")
    expect(visitor.page.get_by_role("main")).not_to_contain_text("In your cart")


def without_its_cookie(route: Route) -> None:
    """Let the answer through as a browser takes it that refuses cookies."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    route.request.frame.page.context.clear_cookies()  # fetching kept it
    route.fulfill(response=answer, headers=headers)
