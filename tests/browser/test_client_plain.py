"""The storefront without a framework: bought through in Chromium, from an origin of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser import clients
from tests.browser.client_walks import check_with_axe
from tests.browser.shopper import ASKS_THE_BANK, POOR, Shopper
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def buyer(
    live_server: LiveServer,
    standin: Standin,
    shelf: dict[str, Variant],
    alice: User,
    settings: Any,
    new_context: Callable[..., BrowserContext],
) -> Iterator[Shopper]:
    """A browser tab with the storefront."""
    files = clients.ROOT / "clients" / "plain"
    with clients.serve(files, api=live_server.url, stripe=standin.url) as url:
        settings.CORS_ALLOWED_ORIGINS = [url]
        tab = Shopper(new_context().new_page(), url)
        yield tab
        tab.page.context.close()
        assert tab.troubles == []


def log_in(buyer: Shopper) -> None:
    buyer.page.get_by_label("E-mail").fill("alice@example.org")
    buyer.page.get_by_label("Password").fill(PASSWORD)
    buyer.press("Log in")


@pytest.fixture
def order(buyer: Shopper, alice: User, shelf: dict[str, Variant]) -> Order:
    """An order that awaits payment, its pay page open, with the card form ready."""
    orders.fill_cart(alice, (shelf["walden"], 1))
    buyer.go("/?login&next=%3Fcheckout")
    log_in(buyer)
    buyer.fill_address()
    buyer.press("Place order and go on to pay")
    expect(buyer.page.locator("#payment-element")).to_have_attribute("aria-busy", "false")
    return Order.objects.get()


def pay(buyer: Shopper, number: str) -> None:
    buyer.type_card(number)
    buyer.press("Pay €15.50")


def is_paid(buyer: Shopper, order: Order) -> None:
    expect(buyer.heading).to_have_text("Paid. Thank you, Alice.")
    buyer.sees_order("paid", "succeeded")
    assert "secret" not in buyer.page.url
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


def test_from_a_visitors_cart_to_a_paid_order(buyer: Shopper, standin: Standin) -> None:
    page = buyer.page
    buyer.go("/")
    page.get_by_label("Search").fill("middle")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Middlemarch").click()
    page.get_by_role("radio", name="Hardback").check()
    buyer.press("Add to cart")
    expect(page.get_by_role("status")).to_have_text("Middlemarch is in your cart. 1 book.")
    page.get_by_role("link", name="Cart").click()
    page.get_by_label("Quantity of Middlemarch").fill("2")
    page.get_by_label("Quantity of Middlemarch").press("Enter")
    expect(page.get_by_text("Subtotal €48.00").first).to_be_visible()
    buyer.press("Go to checkout")
    log_in(buyer)
    buyer.fill_address()
    expect(page.get_by_text("Total €52.50")).to_be_visible()
    buyer.press("Place order and go on to pay")
    expect(buyer.heading).to_have_text("Pay €52.50")
    expect(page.locator("#payment-element")).to_have_attribute("aria-busy", "false")
    buyer.type_card()
    buyer.press("Pay €52.50")
    order = Order.objects.get()
    is_paid(buyer, order)
    expect(page.get_by_text(order.payments.get().intent_id)).to_be_visible()
    page.get_by_role("link", name="Your orders").click()
    expect(page.get_by_role("link", name=order.number)).to_be_visible()


def test_a_declined_card_then_another_pays(buyer: Shopper, order: Order, standin: Standin) -> None:
    pay(buyer, POOR)
    expect(buyer.notice).to_contain_text("insufficient funds")
    pay(buyer, "4242424242424242")
    is_paid(buyer, order)
    assert [intent["amount_received"] for intent in standin.intents()] == [order.total]


def test_the_banks_question_is_answered_in_its_sheet(buyer: Shopper, order: Order) -> None:
    pay(buyer, ASKS_THE_BANK)
    buyer.answer_bank("authorize")
    is_paid(buyer, order)


def test_a_banks_page_leads_away_and_back(buyer: Shopper, order: Order) -> None:
    buyer.card_form.get_by_role("tab", name="iDEAL").click()
    buyer.press("Pay €15.50")
    buyer.page.get_by_role("button", name="Authorize test payment").click()
    is_paid(buyer, order)


def test_a_changed_total_is_told_and_agreed_to(
    buyer: Shopper, alice: User, shelf: dict[str, Variant]
) -> None:
    orders.fill_cart(alice, (shelf["walden"], 1))
    buyer.go("/?login&next=%3Fcheckout")
    log_in(buyer)
    buyer.fill_address()
    Variant.objects.filter(pk=shelf["walden"].pk).update(price=1300)
    buyer.press("Place order and go on to pay")
    expect(buyer.notice).to_contain_text("now €13.00, was €11.00.")
    expect(buyer.page.get_by_text("Total €17.50")).to_be_visible()
    buyer.press("Place order and go on to pay")
    expect(buyer.heading).to_have_text("Pay €17.50")


def test_axe_finds_nothing(buyer: Shopper, order: Order) -> None:
    pages = {
        "/": "All books",
        "/?book=middlemarch": "Middlemarch",
        "/?cart": "Your cart",
        f"/?pay={order.number}": "Pay €15.50",
        f"/?status={order.number}": "Not paid yet.",
        "/?orders": "Your orders",
        "/?login": "Log in, or make an account",
    }
    for path, heading in pages.items():
        buyer.go(path)
        expect(buyer.heading).to_have_text(heading)
        check_with_axe(buyer)
