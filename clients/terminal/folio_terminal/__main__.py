"""`python -m folio_terminal`: the app. With a command it does one thing; without one it asks what to do."""

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.prompt import IntPrompt, Prompt

from folio_terminal.api import ApiError, Shop
from folio_terminal.app import App
from folio_terminal.pocket import Pocket
from folio_terminal.stripe import DeclinedError

Json = dict[str, Any]
ADDRESS = ("full_name", "line1", "line2", "postal_code", "city", "region", "country", "phone")
OPTIONAL = frozenset({"line2", "region", "phone"})


def main(arguments: list[str] | None = None) -> int:
    """Run one command, or the app. Return 0 when it was done, 1 when the shop or the bank said no."""
    asked = _parser().parse_args(arguments)
    screen = Console()
    try:
        with Shop(asked.shop, Pocket.open(asked.pocket)) as shop:
            app = App(shop, screen)
            return _once(app, lambda: asked.run(app, asked))
    except httpx.HTTPError as error:
        screen.print(f"The shop did not answer: {error}. Nothing is lost; try again.", style="red")
        return 1


def _once(app: App, act: Callable[[], object]) -> int:
    try:
        act()
    except ApiError as error:
        app.refused(error)
        return 1
    except DeclinedError:
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="folio_terminal", description="A bookshop in your terminal.")
    parser.add_argument("--shop", default="http://127.0.0.1:8000", help="the shop's address")
    parser.add_argument(
        "--pocket", type=Path, default=Path.home() / ".folio-terminal.json", help="where tokens are kept"
    )
    parser.set_defaults(run=lambda app, _asked: interactive(app))
    commands = parser.add_subparsers(title="commands")

    def command(name: str, words: str, run: Callable[[App, argparse.Namespace], object]) -> Any:
        made = commands.add_parser(name, help=words)
        made.set_defaults(run=run)
        return made

    made = command("browse", "look along the shelf", _browse)
    made.add_argument("q", nargs="?", default="", help="words to search for")
    for name in ("category", "sort", "cursor"):
        made.add_argument(f"--{name}", default="")
    command("show", "show a book", lambda app, asked: app.show(asked.slug)).add_argument("slug")
    made = command(
        "add", "put an edition into the cart", lambda app, asked: app.add(asked.variant, asked.quantity)
    )
    made.add_argument("variant", type=int)
    made.add_argument("quantity", type=int, nargs="?", default=1)
    made = command("change", "change a line", lambda app, asked: app.change(asked.line, asked.quantity))
    made.add_argument("line", type=int)
    made.add_argument("quantity", type=int)
    command("cart", "show the cart", lambda app, _asked: app.cart())
    for name, words in (("signup", "make an account"), ("login", "log in")):
        made = command(name, words, _enter)
        made.add_argument("email")
        made.add_argument("password", nargs="?", help="asked for when left out")
        made.set_defaults(door=name)
    command("logout", "log out", lambda app, _asked: app.shop.log_out())
    made = command("buy", "place the cart, and pay", _buy)
    for field in ADDRESS:
        made.add_argument(f"--{field.replace('_', '-')}", required=field not in OPTIONAL, default="")
    made.add_argument("--delivery", default="", help="a delivery option's code")
    _add_card(made)
    made = command("pay", "pay an order", lambda app, asked: app.pay(asked.number, asked.card))
    made.add_argument("number")
    _add_card(made)
    command("status", "where the money is", lambda app, asked: app.follow(asked.number)).add_argument(
        "number"
    )
    command("orders", "show the orders", lambda app, _asked: app.orders())
    return parser


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--card", default="pm_card_visa", help="a PaymentMethod's id; Stripe's test cards have some"
    )


def _browse(app: App, asked: argparse.Namespace) -> None:
    app.browse(q=asked.q, category=asked.category, sort=asked.sort, cursor=asked.cursor)


def _enter(app: App, asked: argparse.Namespace) -> None:
    password = asked.password or getpass.getpass()
    enter = app.shop.sign_up if asked.door == "signup" else app.shop.log_in
    enter(asked.email, password)
    app.cart()


def _buy(app: App, asked: argparse.Namespace) -> None:
    placed = app.place({field: getattr(asked, field) for field in ADDRESS}, asked.delivery)
    if placed["status"] == "placed":
        app.pay(placed["number"], asked.card)


# --- the app that asks ---


def interactive(app: App) -> None:
    """Walk from the shelf to a paid order by answering questions."""
    app.screen.rule(app.name)
    acts: dict[str, Callable[[App], object]] = {
        "browse": lambda app: app.browse(q=Prompt.ask("Search for", default="")),
        "show": lambda app: app.show(Prompt.ask("Which book (its last line)")),
        "add": lambda app: app.add(
            IntPrompt.ask("Which edition (its id)"), IntPrompt.ask("How many", default=1)
        ),
        "cart": lambda app: app.cart(),
        "change": lambda app: app.change(IntPrompt.ask("Which line"), IntPrompt.ask("How many of it")),
        "log in": lambda app: app.shop.log_in(*_who()),
        "sign up": lambda app: app.shop.sign_up(*_who()),
        "buy": _buy_by_asking,
        "orders": lambda app: app.orders(),
        "pay": lambda app: app.pay(Prompt.ask("Which order"), _ask_card()),
    }
    while (act := Prompt.ask("What now", choices=[*acts, "end"], default="browse")) != "end":
        _once(app, lambda act=act: acts[act](app))  # type: ignore[misc]


def _who() -> tuple[str, str]:
    return Prompt.ask("E-mail"), Prompt.ask("Password", password=True)


def _ask_card() -> str:
    return Prompt.ask("Which card", default="pm_card_visa")


def _buy_by_asking(app: App) -> None:
    quote = app.shop.quote()
    app.screen.print(
        f"Together {app.money(quote['total'])}, of which {app.money(quote['delivery'])} to send it."
    )
    address = {
        field: Prompt.ask(field.replace("_", " ").capitalize(), default="" if field in OPTIONAL else ...)
        for field in ADDRESS
    }
    placed = app.place(address, quote["delivery_code"] or "", total=quote["total"])
    if placed["status"] == "placed":
        app.pay(placed["number"], _ask_card())


if __name__ == "__main__":
    sys.exit(main())
