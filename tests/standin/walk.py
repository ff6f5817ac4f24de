"""What a shopper does on the shop's payment page."""

import json
from urllib.parse import urlencode


class Walk:
    def __init__(self, page, shop_url, standin):
        self.page, self.shop_url, self.standin = page, shop_url, standin
        self.troubles = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: "Content Security" in said.text and self.troubles.append(said.text))
        self.frame = page.frame_locator('iframe[title="Secure payment input frame"]')
        self.bank = page.frame_locator('iframe[title="3D Secure authentication"]').frame_locator(
            "#challengeFrame"
        )

    def open(self, *, options=None, elements=None, amount=5199, currency="eur", secret=None, **query):
        """Make an intent and open the page that pays it."""
        if secret is None:
            form = {"amount": amount, "currency": currency}
            self.intent = self.standin.request("POST", "/v1/payment_intents", form)
            secret = self.intent["client_secret"]
        query |= {
            "secret": secret,
            "options": json.dumps(options or {}),
            "elements": json.dumps(elements or {}),
        }
        self.page.goto(f"{self.shop_url}/pay?{urlencode(query)}")

    def field(self, name):
        return self.frame.locator(f"[name={name}]")

    def type(self, number="4242424242424242", expiry="1234", cvc="123"):
        """Type a card the way people do, key by key."""
        for name, text in (("number", number), ("expiry", expiry), ("cvc", cvc)):
            self.field(name).fill("")
            self.field(name).press_sequentially(text)

    def pay(self):
        """Press the page's button. Chromium finds out a frame late that the page around its frames has scrolled."""
        button = self.page.locator("#pay")
        button.scroll_into_view_if_needed()
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
        button.click()

    def message(self):
        """Return what the shop says after a try."""
        self.page.locator("#message:not(:empty)").wait_for()
        return self.page.inner_text("#message")

    def forget(self):
        self.page.evaluate("document.getElementById('message').textContent = ''")

    def back(self):
        """Return the address the shopper came back to."""
        self.page.wait_for_url("**/return**")
        return self.page.url

    def events(self, name):
        return [event for kind, event in self.page.evaluate("window.log") if kind == name]

    def stored(self):
        return self.standin.intent(self.intent["id"])
