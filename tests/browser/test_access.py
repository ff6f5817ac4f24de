"""Everybody can buy: by keyboard, on a small screen, in both colour schemes, with a screen reader."""

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser.shopper import ADDRESS, ASKS_THE_BANK, POOR, Shopper

pytestmark = pytest.mark.browser

Look = Callable[[Shopper, Order, Standin], None]


def at(path: str) -> Look:
    """Return how to come to a page; `{number}` in its address is that of an order awaiting payment."""
    return lambda shopper, order, standin: shopper.go(path.format(number=order.number))


def checkout_with_errors(shopper: Shopper, order: Order, standin: Standin) -> None:
    shopper.go("/checkout/")
    for label in ADDRESS:
        shopper.page.get_by_label(label).fill("")
    shopper.press("Place order and go on to pay")
    expect(shopper.page.locator(".wrongs")).to_be_visible()


def checkout_with_another_total(shopper: Shopper, order: Order, standin: Standin) -> None:
    shopper.go("/checkout/")
    shopper.fill_address()
    Variant.objects.update(price=1300)
    shopper.press("Place order and go on to pay")
    expect(shopper.page.get_by_role("region", name="The total is now")).to_be_visible()


def pay_page(shopper: Shopper, order: Order, standin: Standin) -> None:
    shopper.open_pay_page(order)


def declined(shopper: Shopper, order: Order, standin: Standin) -> None:
    shopper.open_pay_page(order)
    shopper.pay(POOR)
    expect(shopper.notice).to_contain_text("not enough money")


def without_stripe(shopper: Shopper, order: Order, standin: Standin) -> None:
    standin.add_fault(action="status", path="/v1/payment_intents", times=0)
    shopper.go(f"/checkout/{order.number}/pay/")


def paid(shopper: Shopper, order: Order, standin: Standin) -> None:
    shopper.open_pay_page(order)
    standin.pay(order.payments.get().intent_id)
    shopper.go(f"/checkout/{order.number}/status/")
    expect(shopper.heading).to_have_text("Paid. Thank you, Alice.")


PAGES: dict[str, Look] = {
    "home": at("/"),
    "books": at("/products/"),
    "search without a match": at("/products/?q=wuthring"),
    "book": at("/products/middlemarch/"),
    "sold-out book": at("/products/candide/"),
    "cart": at("/cart/"),
    "checkout": at("/checkout/"),
    "checkout with errors": checkout_with_errors,
    "checkout with another total": checkout_with_another_total,
    "pay": pay_page,
    "declined": declined,
    "without Stripe": without_stripe,
    "not paid yet": at("/checkout/{number}/status/"),
    "paid": paid,
    "orders": at("/orders/"),
    "order": at("/orders/{number}/"),
    "account": at("/accounts/"),
    "not found": at("/nowhere/"),
}


@pytest.mark.parametrize("look", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    look: Look, shopper: Shopper, order: Order, alice: User, shelf: dict[str, Variant], standin: Standin
) -> None:
    orders.fill_cart(alice, (shelf["paperback"], 1))
    look(shopper, order, standin)
    for scheme in ("light", "dark"):
        shopper.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        check_with_axe(shopper, scheme)
    for width in (1280, 768, 360, 320):
        shopper.page.set_viewport_size({"width": width, "height": 800})
        assert shopper.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/cart/"])
def test_axe_finds_nothing_on_a_visitors_pages(path: str, visitor: Shopper) -> None:
    visitor.go(path)
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        check_with_axe(visitor, scheme)


def check_with_axe(shopper: Shopper, scheme: str) -> None:
    # The frame with the card form is Stripe's; the stand-in has tests of its own.
    # To preload, axe writes styles into the page, which our policy refuses.
    options = {"resultTypes": ["violations"], "iframes": False, "preload": False}
    found = Axe().run(shopper.page, options=options)
    violations = [
        (violation["id"], violation["help"], [node["html"][:200] for node in violation["nodes"]])
        for violation in found.response["violations"]
    ]
    assert violations == [], f"{scheme}: {json.dumps(violations, indent=1)}"


def test_the_whole_purchase_by_keyboard_alone(
    shopper: Shopper, shelf: dict[str, Variant], standin: Standin
) -> None:
    page = shopper.page
    press = page.keyboard.press
    shopper.go("/products/walden/")
    press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press("Enter")
    shopper.tab_to(page.get_by_role("button", name="Add to cart"))
    press("Enter")
    shopper.tab_to(page.get_by_role("link", name="See the cart"))
    press("Enter")
    expect(shopper.heading).to_have_text("Your cart")
    shopper.tab_to(page.get_by_role("link", name="Go to checkout"))
    press("Enter")

    for label, text in ADDRESS.items():
        shopper.tab_to(page.get_by_label(label))
        press("Control+a")
        page.keyboard.type(text)
    shopper.tab_to(page.get_by_label("Country"))
    page.keyboard.type("Netherl")
    shopper.tab_to(page.get_by_label("Post", exact=False).and_(page.get_by_role("radio")))
    press("ArrowDown")
    expect(page.get_by_label("Courier")).to_be_checked()
    expect(page.locator(".summary .total dd")).to_have_text("€20.00")
    shopper.tab_to(page.get_by_role("button", name="Place order and go on to pay"))
    press("Enter")
    page.wait_for_url("**/pay/")

    shopper.wait_for_card_form()
    shopper.tab_to(shopper.card_form.locator("[name=number]"))
    page.keyboard.type(ASKS_THE_BANK)
    shopper.tab_to(shopper.card_form.locator("[name=expiry]"))
    page.keyboard.type("0431")
    shopper.tab_to(shopper.card_form.locator("[name=cvc]"))
    page.keyboard.type("123")
    shopper.tab_to(shopper.pay_button)
    press("Enter")
    bank = page.frame_locator("iframe[title='3D Secure authentication']").frame_locator("iframe")
    shopper.tab_to(bank.locator("#test-source-authorize-3ds"))
    press("Enter")
    shopper.lands_on_paid()
    shopper.tab_to(page.get_by_role("link", name="Keep browsing"))


def test_after_a_decline_the_focus_stays_on_the_button(shopper: Shopper, order: Order) -> None:
    shopper.open_pay_page(order)
    shopper.type_card(POOR)
    shopper.pay_button.focus()
    shopper.page.keyboard.press("Enter")
    expect(shopper.notice).to_contain_text("not enough money")
    expect(shopper.notice).to_be_in_viewport()
    expect(shopper.pay_button).to_be_focused()


def test_the_card_form_follows_the_colour_scheme(shopper: Shopper, order: Order) -> None:
    shopper.page.emulate_media(color_scheme="light")
    shopper.open_pay_page(order)
    field = shopper.card_form.locator("[name=number]")
    expect(field).to_have_css("color", "rgb(33, 29, 25)")
    shopper.page.emulate_media(color_scheme="dark")
    expect(field).to_have_css("color", "rgb(239, 233, 223)")
    expect(field).to_have_css("background-color", "rgb(33, 30, 26)")


def test_an_order_prints_on_paper_without_what_only_a_screen_needs(
    shopper: Shopper, order: Order, standin: Standin
) -> None:
    paid(shopper, order, standin)
    shopper.go(f"/orders/{order.number}/")
    shopper.page.emulate_media(media="print", color_scheme="dark")
    expect(shopper.page.locator("body")).to_have_css("color", "rgb(0, 0, 0)")
    for text in (
        f"Order {order.number}",
        "Middlemarch",
        "€39.50",
        "Paid with Visa",
        "Oudegracht 12",
        "Placed on",
    ):
        expect(shopper.main.get_by_text(text).first).to_be_visible()
    for hidden in (".search", ".personal", ".footer", ".button", ".timeline"):
        expect(shopper.page.locator(hidden).first).to_be_hidden()
