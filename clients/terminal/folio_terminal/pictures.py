"""What the app shows: books, carts and orders as a screen of letters can show them."""

import re
from collections.abc import Iterable
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]
COVER_WIDTH = 14
STOCK_STYLES = {"in_stock": "green", "few_left": "yellow", "sold_out": "dim"}


class Money:
    """Writes amounts of the shop's currency; they come as integers in its minor unit, and stay integers."""

    def __init__(self, currency: str, decimals: int) -> None:
        self._currency = currency.upper()
        self._decimals = decimals

    def __call__(self, amount: int) -> str:
        """Return `1250` as `12.50 EUR`."""
        if not self._decimals:
            return f"{amount} {self._currency}"
        whole, part = divmod(abs(amount), 10**self._decimals)
        sign = "−" if amount < 0 else ""
        return f"{sign}{whole}.{part:0{self._decimals}d} {self._currency}"


def stock(thing: Json) -> Text:
    """Return what is said about stock, in its colour: a book's or an edition's."""
    words = {
        "in_stock": "● in stock",
        "few_left": f"● only {thing['left']} left",
        "sold_out": "○ sold out",
    }[thing["availability"]]
    return Text(words, style=STOCK_STYLES[thing["availability"]])


def cover(title: str, drawing: str) -> Text:
    """Draw a cover in coloured blocks, in the two colours that lead its SVG; grey where it has none."""
    colours = re.findall(r"#[0-9a-fA-F]{6}\b", drawing)
    ground = colours[0] if colours else "#6b6b6b"
    ink = next((colour for colour in colours if colour != ground), "#ffffff")
    words = Text(title, style=ink).wrap(_plain(), COVER_WIDTH - 4)[:4]
    rows = ["▔" * COVER_WIDTH, *(f"  {line.plain.center(COVER_WIDTH - 4)}  " for line in words)]
    rows += [" " * COVER_WIDTH] * (7 - len(rows)) + ["▁" * COVER_WIDTH]
    return Text("\n".join(rows), style=f"{ink} on {ground}")


def _plain() -> Any:
    from rich.console import Console

    return Console(width=COVER_WIDTH, no_color=True)


def shelf(books: Iterable[Json], money: Money, covers: dict[str, str]) -> RenderableType:
    """Return books side by side: cover, title, author, price, stock."""
    return Columns([_card(book, money, covers.get(book["slug"], "")) for book in books], padding=(1, 2))


def _card(book: Json, money: Money, drawing: str) -> RenderableType:
    prices = {variant["price"] for variant in book["variants"]}
    price = f"{'from ' if len(prices) > 1 else ''}{money(book['price_from'])}"
    facts = Text.assemble(
        (book["title"], "bold"), f"\n{book['author']}\n", (price, "bold"), "\n", stock(book)
    )
    return Group(cover(book["title"], drawing), facts, Text(book["slug"], style="dim"))


def book(found: Json, money: Money, drawing: str) -> RenderableType:
    """Return a book's own screen: what it is, and what one can buy of it."""
    editions = Table("id", "edition", "", "price", "stock", box=None)
    for variant in found["variants"]:
        editions.add_row(
            str(variant["id"]), variant["name"], variant["detail"], money(variant["price"]), stock(variant)
        )
    about = Text.assemble(
        (found["title"], "bold"), f"\n{found['author']}, {found['years']}\n\n", found["description"]
    )
    return Panel(Group(Columns([cover(found["title"], drawing), about], padding=(0, 2)), editions))


def cart(found: Json, money: Money) -> RenderableType:
    """Return the cart: what changed, line by line, then the lines and what they cost."""
    if not found["lines"]:
        return Text("Your cart is empty.")
    lines = Table("line", "book", "edition", "of it", "each", "together", box=None)
    for line in found["lines"]:
        lines.add_row(
            str(line["id"]),
            line["book"]["title"],
            line["variant"]["name"],
            str(line["quantity"]),
            money(line["unit_price"]),
            money(line["total"]),
        )
    changes = [Text(_change(change, money), style="yellow") for change in found["changes"]]
    notices = [Text(notice, style="green") for notice in found["notices"]]
    return Group(*notices, *changes, lines, Text(f"Subtotal {money(found['subtotal'])}", style="bold"))


def _change(change: Json, money: Money) -> str:
    title, before, after = change["title"], change["before"], change["after"]
    match change["kind"]:
        case "price":
            return f"{title}: now {money(after)}, was {money(before)}."
        case "quantity":
            return f"{title}: there are only {after}, so we lowered {before} to {after}."
        case "sold_out":
            return f"{title} is sold out. It is out of your cart."
    return f"{title} is not sold any more. It is out of your cart."


def order(found: Json, money: Money) -> RenderableType:
    """Return an order: its number, its books, and what it costs."""
    lines = Table(box=None, show_header=False)
    for line in found["lines"]:
        lines.add_row(f"{line['quantity']} ×", line["title"], line["edition"], money(line["total"]))
    for name in ("discount", "delivery"):
        if found[name]:
            lines.add_row("", name, "", money(found[name]))
    if found["tax"] and not found["tax_included"]:
        lines.add_row("", "tax", "", money(found["tax"]))
    lines.add_row("", Text("Total", style="bold"), "", Text(money(found["total"]), style="bold"))
    if found["tax"] and found["tax_included"]:
        lines.add_row("", "including tax", "", money(found["tax"]))
    return Panel(lines, title=f"Order {found['number']} · {found['status']}", title_align="left")


def status(found: Json, money: Money) -> RenderableType:
    """Return where the money of an order is, in the shop's own sentence."""
    message = found["message"]
    payment = found["payment"]
    intent = Text(f"{payment['intent_id']} · {payment['status']}", style="dim") if payment else Text("")
    return Group(order(found, money), Text(message["heading"], style="bold"), Text(message["text"]), intent)
