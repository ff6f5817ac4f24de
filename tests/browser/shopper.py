"""A person at a browser: what one does in the shop, in words, and what the browser complained about meanwhile."""

import re

from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, FrameLocator, Locator, Page, expect

from accounts.models import User
from checkout.models import Order

GOOD = "4242424242424242"
POOR = "4000000000009995"
ASKS_THE_BANK = "4000002760003184"

ADDRESS = {
    "Full name": "Alice Liddell",
    "Street and house number": "Oudegracht 12",
    "Postal code": "3511 AB",
    "City": "Utrecht",
}

# Answers that the shop and Stripe give on purpose: a form with errors, a declined card, a changed total, Stripe down.
_MEANT = re.compile(
    r"Failed to load resource: the server responded with a status of (400|402|404|409|422|503) "
)


def let_in(context: BrowserContext, user: User, url: str) -> None:
    """Log a user in without the log-in page."""
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


class Shopper:
    """One browser tab. `url` is where the shop is."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.troubles: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        is_missing = "404" in message.text and not message.location["url"].endswith("/nowhere/")
        if message.type == "error" and (is_missing or not _MEANT.match(message.text)):
            self.troubles.append(f"{message.text} ({message.location['url']})")

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=name).or_(
            self.page.get_by_role("main").get_by_role("link", name=name)
        ).click()

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def sees_order(self, status: str, payment: str) -> None:
        expect(self.main).to_have_attribute("data-order-status", status)
        expect(self.main).to_have_attribute("data-payment-status", payment)

    # The cart

    def add(self, slug: str, edition: str = "") -> None:
        self.go(f"/products/{slug}/")
        if edition:
            self.page.get_by_role("radio", name=edition).check()
        self.press("Add to cart")
        expect(self.page.locator("#added")).to_contain_text("In your cart.")

    # Checkout

    def fill_address(self) -> None:
        for label, text in ADDRESS.items():
            self.page.get_by_label(label).fill(text)
        self.page.get_by_label("Country").select_option(label="Netherlands")
        if self.page.evaluate("'htmx' in window"):  # the summary follows the country
            expect(self.page.get_by_text("Worked out for")).to_have_count(0)

    def place_order(self) -> Order:
        self.press("Place order and go on to pay")
        self.page.wait_for_url("**/pay/")
        return self.order()

    def order(self) -> Order:
        return Order.objects.get(number=self.main.get_attribute("data-order"))

    # The payment page

    @property
    def card_form(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title='Secure payment input frame']")

    @property
    def pay_button(self) -> Locator:
        return self.page.locator("#pay > .button")

    @property
    def notice(self) -> Locator:
        return self.page.get_by_role("alert")

    def open_pay_page(self, order: Order) -> None:
        self.go(f"/checkout/{order.number}/pay/")
        self.wait_for_card_form()

    def wait_for_card_form(self) -> None:
        expect(self.page.locator(".payment")).not_to_have_attribute("aria-busy", "true")

    def type_card(self, number: str = GOOD) -> None:
        form = self.card_form
        form.locator("[name=number]").fill(number)
        form.locator("[name=expiry]").fill("04 / 31")
        form.locator("[name=cvc]").fill("123")

    def pay(self, number: str = GOOD) -> None:
        self.type_card(number)
        self.pay_button.click()

    def answer_bank(self, answer: str) -> None:
        """Answer the 3-D Secure question: `authorize` or `fail`."""
        sheet = self.page.frame_locator("iframe[title='3D Secure authentication']")
        sheet.frame_locator("iframe").locator(f"#test-source-{answer}-3ds").click()

    def lands_on_status(self) -> None:
        self.page.wait_for_url(re.compile(r"/status/$"))

    def lands_on_paid(self) -> None:
        self.lands_on_status()
        expect(self.heading).to_have_text("Paid. Thank you, Alice.")
        self.sees_order("paid", "succeeded")

    # By keyboard

    def tab_to(self, target: Locator, most: int = 60) -> None:
        """Press Tab until the focus is on `target`, in this page or in a frame of it."""
        for _press in range(most):
            self.page.keyboard.press("Tab")
            if target.evaluate("control => control === document.activeElement && document.hasFocus()"):
                return
        raise AssertionError(f"{most} times Tab did not reach {target}")
