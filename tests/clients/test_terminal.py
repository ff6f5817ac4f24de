"""The terminal client buys as an app on a phone would: no browser, no cookie, and Stripe asked directly."""

import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from folio_terminal import app as app_module
from folio_terminal.api import ApiError, Shop
from folio_terminal.app import App
from folio_terminal.pictures import cover
from folio_terminal.pocket import Pocket
from folio_terminal.stripe import DeclinedError
from pytest_django.live_server_helper import LiveServer
from rich.console import Console

from accounts.models import User
from checkout.models import Order
from shop.covers import draw
from shop.models import Cart, Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.conftest import PASSWORD
from tests.factories import ProductFactory, VariantFactory

FOLDER = Path(__file__).parents[2] / "clients" / "terminal"
ADDRESS = {name: value for name, value in orders.FORM.items() if name != "delivery"}


@pytest.fixture
def walden(live_server: LiveServer, standin: Standin) -> Variant:
    return VariantFactory(product=ProductFactory(title="Walden", slug="walden"), price=1100, stock=4)


class Phone:
    """The app as a process of its own, started anew for every command, as a phone does when one comes back to it."""

    def __init__(self, url: str, pocket: Path) -> None:
        self._start = [sys.executable, "-m", "folio_terminal", "--shop", url, "--pocket", str(pocket)]

    def run(self, *words: str) -> tuple[int, str]:
        done = subprocess.run(
            [*self._start, *words], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout


def test_from_browsing_to_a_paid_order_with_a_declined_card_between(
    live_server: LiveServer, standin: Standin, walden: Variant, tmp_path: Path
) -> None:
    phone = Phone(live_server.url, tmp_path / "pocket.json")
    assert "Walden" in phone.run("browse", "walden")[1]
    assert "only 4 left" in phone.run("show", "walden")[1]
    assert "22.00 EUR" in phone.run("add", str(walden.pk), "2")[1]
    assert Cart.objects.get().user is None

    code, said = phone.run("signup", "alice@example.org", PASSWORD)
    assert code == 0
    assert "Your cart came with you" in said
    assert Cart.objects.get().user == User.objects.get(email="alice@example.org")

    address = [word for name, value in ADDRESS.items() for word in (f"--{name.replace('_', '-')}", value)]
    code, said = phone.run("buy", *address, "--card", "pm_card_visa_chargeDeclinedInsufficientFunds")
    assert code == 1
    assert "insufficient_funds" in said
    order = Order.objects.get()
    assert order.status == Order.Status.PLACED

    code, said = phone.run("pay", order.number)
    assert code == 0
    assert "Paid. Thank you" in said
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert [intent["amount_received"] for intent in standin.intents()] == [order.total]
    assert order.number in phone.run("orders")[1]
    assert phone.run("logout")[0] == 0
    code, said = phone.run("orders")
    assert (code, "Log in first." in said) == (1, True)


@pytest.fixture
def app(live_server: LiveServer, walden: Variant, alice: User) -> Iterator[App]:
    """The app in this process, with alice logged in and a book in her cart."""
    with Shop(live_server.url, Pocket()) as shop:
        shop.log_in(alice.email, PASSWORD)
        shop.add(walden.pk)
        yield App(shop, Console(file=StringIO(), width=100))


@pytest.mark.parametrize(("passed", "status"), [(True, "paid"), (False, "placed")])
def test_the_banks_question_is_answered_on_its_own_page(
    app: App, standin: Standin, monkeypatch: pytest.MonkeyPatch, *, passed: bool, status: str
) -> None:
    placed = app.place(ADDRESS)
    intent_id = placed["payment"]["intent_id"]
    # While the app waits, the customer is at the bank's page.
    monkeypatch.setattr(
        app_module.time, "sleep", lambda _seconds: standin.answer_challenge(intent_id, passed=passed)
    )
    assert app.pay(placed["number"], "pm_card_authenticationRequired")["status"] == status
    said = app.screen.file.getvalue()
    assert re.search(rf"{standin.url}/\S+", said)


def test_a_changed_price_is_told_and_nothing_is_placed(app: App, walden: Variant) -> None:
    agreed = app.shop.quote()["total"]
    Variant.objects.filter(pk=walden.pk).update(price=1300)
    with pytest.raises(ApiError) as refused:
        app.place(ADDRESS, total=agreed)
    assert refused.value.code == "cart_changed"
    assert refused.value.lines[0]["after"] == 1300
    assert not Order.objects.exists()


def test_an_app_that_dies_before_the_answer_asks_with_the_same_key_again(
    live_server: LiveServer, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    send = Shop.send

    def dies_after_sending(self: Shop, method: str, path: str, body: Any, headers: Any = None) -> Any:
        answer = send(self, method, path, body, headers)
        if path == "/orders":
            sent.append(headers["Idempotency-Key"])
            if len(sent) == 1:
                raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(Shop, "send", dies_after_sending)
    with pytest.raises(KeyboardInterrupt):
        app.place(ADDRESS)
    placed = app.place(ADDRESS)
    assert sent[0] == sent[1]
    assert Order.objects.get().number == placed["number"]


def test_a_declined_card_leaves_the_order_to_be_paid(app: App) -> None:
    placed = app.place(ADDRESS)
    with pytest.raises(DeclinedError):
        app.pay(placed["number"], "pm_card_visa_chargeDeclined")
    assert app.pay(placed["number"], "pm_card_visa")["status"] == "paid"


def test_a_cover_is_drawn_in_its_own_colours() -> None:
    drawn = cover("Walden", draw("Walden", "Henry David Thoreau", 1854))
    assert re.fullmatch(r"#[0-9a-f]{6} on #[0-9a-f]{6}", str(drawn.style))
    assert "Walden" in drawn.plain
