"""What every storefront under `clients/` must bear: a shop that is slow, down, sold out or has forgotten it."""

import pytest
from django.utils import timezone
from playwright.sync_api import Request, expect

from accounts.models import User
from checkout.models import Order
from checkout.pages import presentation
from shop import stock
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser.client_walks import Buyer, ClientWalks
from tests.browser.shopper import GOOD

INTENTS = "/v1/payment_intents"


class ClientTroubles(ClientWalks):
    """The walks of `ClientWalks`, and those where something goes wrong on the way."""

    def test_a_debit_on_its_way_is_looked_at_again_until_it_arrives(
        self, buyer: Buyer, order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(presentation, "seconds_to_next_look", lambda order, now: 1)
        buyer.open_pay_page(order)
        form = buyer.card_form
        form.get_by_role("tab", name="SEPA debit").click()
        form.locator("[name=iban]").fill("AT611904300234573201")
        form.locator("[name=name]").fill("Alice Liddell")
        form.locator("[name=email]").fill("alice@example.org")
        buyer.pay_button.click()
        buyer.lands_on_status()
        expect(buyer.heading).to_have_text("Your bank is sending the money.")
        buyer.sees_order("processing", "processing")
        standin.settle(order.payments.get().intent_id)
        buyer.lands_on_paid()

    def test_pay_pressed_twice_charges_once(self, buyer: Buyer, order: Order, standin: Standin) -> None:
        confirmations: list[Request] = []
        buyer.page.on(
            "request", lambda request: confirmations.append(request) if "/confirm" in request.url else None
        )
        standin.add_fault(action="delay", seconds=0.5, path=f"{INTENTS}/*/confirm")
        buyer.open_pay_page(order)
        buyer.type_card(GOOD)
        buyer.pay_button.dblclick()
        expect(buyer.pay_button).to_have_text("Paying…")
        buyer.pay_button.press("Enter")
        buyer.lands_on_paid()
        assert len(confirmations) == 1

    def test_while_stripe_is_down_the_order_is_kept_and_later_paid(
        self, buyer: Buyer, order: Order, standin: Standin
    ) -> None:
        standin.add_fault(action="status", path=INTENTS, times=0)
        buyer.go(f"/checkout/{order.number}/pay")
        expect(buyer.notice).to_contain_text("No answer from Stripe yet.")
        standin.clear_faults()
        buyer.press("Try again")
        buyer.wait_for_card_form()
        buyer.pay()
        buyer.lands_on_paid()
        assert len(standin.intents()) == 1

    def test_no_answer_to_the_payment_itself_promises_nothing_and_can_be_repeated(
        self, buyer: Buyer, order: Order, standin: Standin
    ) -> None:
        buyer.open_pay_page(order)
        standin.add_fault(action="status", path=f"{INTENTS}/*/confirm")
        buyer.pay()
        expect(buyer.notice).to_contain_text("No answer from Stripe yet.")
        buyer.pay_button.click()
        buyer.lands_on_paid()
        buyer.troubles.clear()  # the browser's own word about the 500

    def test_the_pay_page_of_a_paid_order_leads_to_its_status(
        self, buyer: Buyer, order: Order, standin: Standin
    ) -> None:
        buyer.open_pay_page(order)
        standin.pay(order.payments.get().intent_id)
        buyer.go(f"/checkout/{order.number}/pay")
        buyer.lands_on_paid()

    def test_a_book_sold_meanwhile_leaves_the_cart_and_the_cart_says_so(
        self, buyer: Buyer, alice: User, shelf: dict[str, Variant]
    ) -> None:
        orders.fill_cart(alice, (shelf["walden"], 1))
        buyer.go("/checkout")
        buyer.fill_address()
        stock.set_level(shelf["walden"].pk, 0, reason="Counted", now=timezone.now())
        buyer.press("Place order and go on to pay")
        expect(buyer.heading).to_have_text("Your cart is empty")
        expect(buyer.main).to_contain_text("Walden, paperback: sold out, so we took it out of your cart.")

    def test_more_than_there_are_is_refused_at_the_line(self, visitor: Buyer) -> None:
        visitor.add("walden")
        visitor.go("/cart")
        quantity = visitor.page.get_by_label("Quantity of Walden")
        quantity.fill("9")
        quantity.press("Enter")
        expect(visitor.main).to_contain_text("There are only 5 of Walden, paperback. Choose 5 or fewer.")
        expect(quantity).to_have_value("1")
        for _press in range(2):
            visitor.page.get_by_role("button", name="One more of Walden").click()
        expect(visitor.page.locator(".to-cart")).to_contain_text("3 books")
        visitor.page.get_by_role("button", name="Remove Walden").click()
        expect(visitor.heading).to_have_text("Your cart is empty")

    def test_a_session_that_is_over_asks_to_log_in_and_leads_back(self, buyer: Buyer) -> None:
        buyer.page.evaluate("localStorage.setItem('folio.session', 'forgotten')")
        buyer.go("/orders")
        expect(buyer.heading).to_have_text("Log in")
        expect(buyer.main).to_contain_text("Your session is over.")
        buyer.fill_log_in()
        expect(buyer.heading).to_have_text("No orders yet")
        buyer.troubles.clear()  # the browser's own word about the 401

    def test_nothing_reaches_over_the_edge_of_a_small_screen(
        self, buyer: Buyer, alice: User, order: Order, shelf: dict[str, Variant]
    ) -> None:
        orders.fill_cart(alice, (shelf["ebook"], 1))
        buyer.page.set_viewport_size({"width": 320, "height": 640})
        for path in (
            "/products",
            "/products/middlemarch",
            "/cart",
            "/checkout",
            f"/checkout/{order.number}/pay",
            f"/orders/{order.number}",
            "/orders",
        ):
            buyer.go(path)
            expect(buyer.heading).to_be_visible()
            assert buyer.page.evaluate("document.documentElement.scrollWidth") <= 320, path
