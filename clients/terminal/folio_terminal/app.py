"""What one can do with the app: each command is one screen, and each can be one line in a script."""

import time
from typing import Any

from rich.console import Console

from folio_terminal import pictures
from folio_terminal.api import ApiError, Shop
from folio_terminal.pictures import Money
from folio_terminal.stripe import DeclinedError, Intent, Stripe

Json = dict[str, Any]

# Where the bank's page leads afterwards. A real app registers an address that opens itself.
RETURN_URL = "https://folio.example/return"
# Looking every two seconds, so long waits one for the bank, and then for the shop.
LOOKS, PAUSE = 150, 2.0


class App:
    """The customer's app, on a screen of letters."""

    def __init__(self, shop: Shop, screen: Console) -> None:
        self.shop = shop
        self.screen = screen
        config = shop.config()
        self.money = Money(config["currency"], config["decimals"])
        self.stripe = Stripe(config["stripe_api_base"], config["publishable_key"])
        self.name: str = config["store_name"]

    # --- looking around ---

    def browse(self, **wanted: str) -> Json:
        """Show a part of the shelf: all books, of a category, or those that match `q`."""
        found = self.shop.products(**wanted)
        covers = {book["slug"]: self._cover(book) for book in found["items"]}
        self.screen.print(pictures.shelf(found["items"], self.money, covers))
        if not found["items"]:
            self.screen.print("No book matches.")
        if found["next"]:
            self.screen.print(f"More: --cursor {found['next']}", style="dim", soft_wrap=True)
        return found

    def show(self, slug: str) -> Json:
        """Show one book."""
        found = self.shop.product(slug)
        self.screen.print(pictures.book(found, self.money, self._cover(found)))
        return found

    def _cover(self, book: Json) -> str:
        return self.shop.picture(book["cover"]["url"]) if book["cover"] else ""

    # --- the cart ---

    def cart(self, found: Json | None = None) -> Json:
        """Show the cart."""
        found = found or self.shop.cart()
        self.screen.print(pictures.cart(found, self.money))
        return found

    def add(self, variant: int, quantity: int = 1) -> Json:
        """Put books into the cart."""
        return self.cart(self.shop.add(variant, quantity))

    def change(self, line: int, quantity: int) -> Json:
        """Set the quantity of a line; 0 takes it out."""
        return self.cart(self.shop.change(line, quantity))

    # --- buying ---

    def place(self, address: Json, delivery: str = "", *, total: int | None = None) -> Json:
        """Place the cart. Without `total`, the price of this moment is shown and agreed to."""
        agreed = self.shop.quote(delivery)["total"] if total is None else total
        placed = self.shop.place(address, delivery, agreed)
        self.screen.print(pictures.order(placed, self.money))
        return placed

    def pay(self, number: str, card: str) -> Json:
        """Pay an order with a PaymentMethod and follow it until the shop knows how it went. Raises DeclinedError."""
        payment = self.shop.payment(number)
        self.screen.print(f"Paying {self.money(payment['amount'])} with {card} …")
        try:
            intent = self.stripe.confirm(payment["client_secret"], card, return_url=RETURN_URL)
            self._wait_for_the_bank(payment["client_secret"], intent)
        except DeclinedError as declined:
            self.screen.print(f"{declined} ({declined.code})", style="red")
            # Only the shop knows what counts: the same order may be paid with another card now.
            self.follow(number)
            raise
        return self.follow(number)

    def _wait_for_the_bank(self, client_secret: str, intent: Intent) -> None:
        if intent.status == "requires_action":
            self.screen.print("Your bank asks if it is you. Open this page, answer, and come back:")
            self.screen.print(intent.bank_page, style="bold", soft_wrap=True)
        for _look in range(LOOKS):
            if intent.status != "requires_action":
                return
            time.sleep(PAUSE)
            intent = self.stripe.retrieve(client_secret)

    def follow(self, number: str) -> Json:
        """Ask the shop where the money is, as often as it says that the answer may change soon."""
        for _look in range(LOOKS):
            found = self.shop.status(number)
            wait = found["look_again_after"]
            if wait is None or found["status"] == "processing":
                break  # a bank that needs days is not waited for
            time.sleep(min(wait, PAUSE))
        self.screen.print(pictures.status(found, self.money))
        return found

    def orders(self) -> list[Json]:
        """Show the newest orders."""
        found = self.shop.orders()
        for order in found:
            self.screen.print(pictures.order(order, self.money))
        if not found:
            self.screen.print("No orders yet.")
        return found

    def refused(self, error: ApiError) -> None:
        """Say a refusal as the shop says it, with what is wrong field by field and line by line."""
        self.screen.print(str(error), style="red")
        for field, problem in error.fields.items():
            self.screen.print(f"  {field}: {problem}", style="red")
        for line in error.lines:
            self.screen.print(f"  {line}", style="red")
