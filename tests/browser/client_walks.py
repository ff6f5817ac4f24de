"""What every storefront under `clients/` must do in Chromium: the same walks for each, from the first visit to paid.

A client takes part by a class of its own, and by having the pages, words and hooks that `Buyer` looks for:

    class TestVue(ClientWalks):
        client = "vue"
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser import clients
from tests.browser.shopper import ASKS_THE_BANK, POOR, Shopper
from tests.conftest import PASSWORD


class Buyer(Shopper):
    """A browser tab with a storefront on the API. Its addresses are the shop's, without the last slash."""

    def add(self, slug: str, edition: str = "") -> None:
        self.go(f"/products/{slug}")
        if edition:
            self.page.get_by_role("radio", name=edition).check()
        self.press("Add to cart")
        expect(self.page.locator("#added")).to_contain_text("In your cart.")

    def log_in(self) -> None:
        self.go("/login")
        self.fill_log_in()
        expect(self.heading).to_have_text("All books")

    def fill_log_in(self) -> None:
        self.page.get_by_label("E-mail").fill("alice@example.org")
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Log in")

    def place_order(self) -> Order:
        self.press("Place order and go on to pay")
        return self.lands_on_pay()

    def lands_on_pay(self) -> Order:
        self.page.wait_for_url("**/pay")
        self.wait_for_card_form()
        return self.order()

    def open_pay_page(self, order: Order) -> None:
        self.go(f"/checkout/{order.number}/pay")
        self.wait_for_card_form()

    def wait_for_card_form(self) -> None:
        expect(self.page.locator(".payment")).to_have_attribute("aria-busy", "false")

    def lands_on_status(self) -> None:
        self.page.wait_for_url(re.compile(r"/status$"))

    @property
    def standing(self) -> Locator:
        """Where a page says which order it shows, and how that stands."""
        return self.page.locator("[data-order]")

    def sees_order(self, status: str, payment: str) -> None:
        expect(self.standing).to_have_attribute("data-order-status", status)
        expect(self.standing).to_have_attribute("data-payment-status", payment)

    def order(self) -> Order:
        return Order.objects.get(number=self.standing.get_attribute("data-order"))


class ClientWalks:
    """The walks. `client` is the name of the folder under `clients/`."""

    client: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, live_server: LiveServer, running_standin: Standin) -> Iterator[str]:
        """Return where the client is served."""
        files = clients.build(cls.client)
        with clients.serve(files, api=live_server.url, stripe=running_standin.url) as url:
            yield url

    @pytest.fixture
    def visitor(
        self,
        site: str,
        shelf: dict[str, Variant],
        standin: Standin,
        settings: Any,
        new_context: Callable[..., BrowserContext],
    ) -> Iterator[Buyer]:
        """Somebody who has never been here. What the console complains about fails the test."""
        settings.CORS_ALLOWED_ORIGINS = [site]
        tab = Buyer(new_context().new_page(), site)
        yield tab
        assert tab.troubles == []

    @pytest.fixture
    def buyer(self, visitor: Buyer, alice: User) -> Buyer:
        """Alice, logged in."""
        visitor.log_in()
        return visitor

    @pytest.fixture
    def order(self, buyer: Buyer, alice: User, shelf: dict[str, Variant]) -> Order:
        """An order of alice's that awaits payment: €35.00 and €4.50 to send it."""
        return orders.place(alice, (shelf["hardback"], 1), (shelf["walden"], 1), now=timezone.now())

    @pytest.mark.parametrize("script", ["lint", "typecheck", "types:check"])
    def test_the_sources_are_in_order(self, script: str) -> None:
        clients.run(self.client, script)

    def test_the_lock_names_no_registry(self) -> None:
        lock = clients.ROOT / "clients" / self.client / "package-lock.json"
        assert "://registry" not in lock.read_text()

    def test_from_a_visitors_cart_to_a_paid_order(self, visitor: Buyer, standin: Standin) -> None:
        page = visitor.page
        visitor.go("/")
        page.get_by_role("link", name="Middlemarch").click()
        page.get_by_role("radio", name="Hardback").check()
        visitor.press("Add to cart")
        expect(page.locator("#added")).to_contain_text("In your cart.")
        visitor.add("walden")
        expect(page.locator(".to-cart")).to_contain_text("2 books")
        page.locator(".to-cart").click()
        page.get_by_role("button", name="One more of Walden").click()
        expect(page.get_by_role("complementary")).to_contain_text("€46.00")

        visitor.press("Go to checkout")
        visitor.press("Make an account")
        page.get_by_label("E-mail").fill("alice@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        visitor.press("Make an account")
        expect(visitor.heading).to_have_text("Where shall we send it?")
        expect(page.get_by_text("Your cart came with you.")).to_be_visible()
        visitor.fill_address()
        page.get_by_label("Courier").check()
        expect(page.get_by_role("complementary")).to_contain_text("€55.00")
        page.get_by_role("radio", name="Post").check()
        expect(page.get_by_role("complementary")).to_contain_text("€50.50")
        order = visitor.place_order()
        expect(visitor.heading).to_have_text("Pay €50.50")
        visitor.pay()
        visitor.lands_on_paid()

        intent_id = order.payments.get().intent_id
        expect(page.get_by_text(intent_id)).to_be_visible()
        expect(page.get_by_text("Paid with Visa ending 4242")).to_be_visible()
        assert standin.intent(intent_id)["amount_received"] == order.total == 5050
        assert "secret" not in page.url
        expect(page.locator(".to-cart")).not_to_contain_text("book")
        page.get_by_role("link", name="Your orders").first.click()
        page.get_by_role("link", name=order.number).click()
        expect(visitor.heading).to_have_text(f"Order {order.number}")
        visitor.sees_order("paid", "succeeded")

    def test_a_declined_card_then_another_pays(self, buyer: Buyer, order: Order, standin: Standin) -> None:
        buyer.open_pay_page(order)
        buyer.pay(POOR)
        expect(buyer.notice).to_contain_text("There is not enough money on this card.")
        expect(buyer.notice).to_contain_text("You have not been charged.")
        check_with_axe(buyer)
        buyer.pay()
        buyer.lands_on_paid()
        (intent,) = standin.intents()
        assert intent["amount_received"] == order.total

    def test_the_banks_question_answered_badly_then_well(self, buyer: Buyer, order: Order) -> None:
        buyer.open_pay_page(order)
        buyer.pay(ASKS_THE_BANK)
        buyer.answer_bank("fail")
        expect(buyer.notice).to_contain_text("Your bank did not confirm it was you.")
        buyer.pay(ASKS_THE_BANK)
        buyer.answer_bank("authorize")
        buyer.lands_on_paid()

    def test_a_banks_page_leads_away_and_back(self, buyer: Buyer, order: Order) -> None:
        buyer.open_pay_page(order)
        buyer.card_form.get_by_role("tab", name="iDEAL").click()
        buyer.pay_button.click()
        buyer.page.get_by_role("button", name="Authorize test payment").click()
        buyer.lands_on_paid()

    def test_a_total_that_changed_is_agreed_to_anew(
        self, buyer: Buyer, alice: User, shelf: dict[str, Variant]
    ) -> None:
        orders.fill_cart(alice, (shelf["walden"], 1))
        buyer.go("/checkout")
        buyer.fill_address()
        Variant.objects.filter(pk=shelf["walden"].pk).update(price=1300)
        buyer.press("Place order and go on to pay")
        slip = buyer.page.get_by_role("region", name="The total is now €17.50, it was €15.50.")
        expect(slip).to_contain_text("now €13.00, was €11.00.")
        check_with_axe(buyer)
        assert not Order.objects.exists()
        slip.get_by_role("button", name="Place order for €17.50").click()
        assert buyer.lands_on_pay().total == 1750

    def test_what_is_missing_is_said_at_its_field(
        self, buyer: Buyer, alice: User, shelf: dict[str, Variant]
    ) -> None:
        orders.fill_cart(alice, (shelf["walden"], 1))
        buyer.go("/checkout")
        buyer.fill_address()
        buyer.page.get_by_label("Street and house number").fill("")
        buyer.page.get_by_label("Postal code").fill("35111")
        buyer.press("Place order and go on to pay")
        wrongs = buyer.page.locator(".wrongs")
        expect(wrongs).to_be_focused()
        expect(wrongs).to_contain_text("Two things to put right")
        check_with_axe(buyer)
        wrongs.get_by_role("link", name="Write the postal code as 1234 AB").click()
        expect(buyer.page.get_by_label("Postal code")).to_be_focused()

    def test_a_listing_is_narrowed_sorted_and_searched_by_its_address(self, visitor: Buyer) -> None:
        page = visitor.page
        visitor.go("/products")
        expect(page.locator(".card")).to_have_count(4)
        page.get_by_role("radio", name="Fiction").check()
        expect(visitor.heading).to_have_text("Fiction")
        expect(page.locator(".card")).to_have_count(3)
        page.get_by_role("checkbox", name="In stock only").check()
        expect(page.locator(".card h3")).to_have_text(["Middlemarch", "Walden"])
        page.get_by_label("Sort").select_option("price")
        expect(page.locator(".card h3")).to_have_text(["Walden", "Middlemarch"])
        page.reload()
        expect(page.locator(".card h3")).to_have_text(["Walden", "Middlemarch"])
        page.get_by_role("link", name="Clear both").click()
        page.get_by_role("searchbox").fill("wuthring")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_text("No book matches “wuthring”.")).to_be_visible()

    def test_axe_finds_nothing_on_any_page(
        self, buyer: Buyer, alice: User, order: Order, shelf: dict[str, Variant], standin: Standin
    ) -> None:
        orders.fill_cart(alice, (shelf["ebook"], 1))
        pages = {
            "/products": "All books",
            "/products?q=wuthring": "Search",
            "/products/middlemarch": "Middlemarch",
            "/products/candide": "Candide",
            "/cart": "Your cart",
            "/checkout": "Where shall we send it?",
            f"/checkout/{order.number}/pay": "Pay €39.50",
            f"/checkout/{order.number}/status": "Not paid yet.",
            "/orders": "Your orders",
            f"/orders/{order.number}": f"Order {order.number}",
            "/account": "Your account",
            "/login": "Log in",
            "/signup": "Make an account",
        }
        for path, heading in pages.items():
            buyer.go(path)
            expect(buyer.heading).to_have_text(heading)
            check_with_axe(buyer)


def check_with_axe(buyer: Buyer) -> None:
    """Look for what keeps people out; in the dark, for words that one cannot read. The card form's frame is Stripe's."""
    only_contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for scheme, rules in (("light", {}), ("dark", only_contrast)):
        buyer.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(buyer.page, options={"resultTypes": ["violations"], "iframes": False, **rules})
        violations = [
            (violation["id"], violation["help"], [node["html"][:200] for node in violation["nodes"]])
            for violation in found.response["violations"]
        ]
        assert violations == [], f"{buyer.page.url}, {scheme}: {json.dumps(violations, indent=1)}"
