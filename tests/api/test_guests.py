"""A purchase without an account, as JSON."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from checkout.models import Order
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.factories import VariantFactory
from tests.orders import ADDRESS_JSON

pytestmark = pytest.mark.django_db

CAROL = "carol@example.org"
WANTED = {"email": CAROL, "address": ADDRESS_JSON, "delivery": "post", "total": 2450}


@pytest.fixture
def app(standin: Standin) -> App:
    """A visitor with a book in the cart."""
    app = App()
    added = app.post("/cart/lines", {"variant": VariantFactory(price=2000).pk, "quantity": 1}, status=201)
    app.cart_token = added["token"]
    return app


def with_key(key: str, path: str, method: str = "GET") -> Any:
    return App().ask(method, path, headers={"X-Order-Key": key})


def test_a_guest_places_gets_a_key_and_pays_with_it(app: App, standin: Standin) -> None:
    placed = app.post("/orders", WANTED, status=201, key="one")
    path = f"/orders/{placed['number']}"
    payment = with_key(placed["key"], f"{path}/payment", "POST").json()
    standin.pay(payment["intent_id"])
    status = with_key(placed["key"], f"{path}/status").json()

    assert (placed["email"], status["status"]) == (CAROL, "paid")
    assert with_key(placed["key"], path).json()["number"] == placed["number"]
    assert app.post("/orders", WANTED, status=201, key="one") == placed


def test_a_guest_cancels_with_the_key(app: App) -> None:
    placed = app.post("/orders", WANTED, status=201, key="one")
    assert (
        with_key(placed["key"], f"/orders/{placed['number']}/cancel", "POST").json()["status"] == "cancelled"
    )


def test_a_guest_orders_the_same_again_with_the_key_into_a_new_cart(app: App) -> None:
    placed = app.post("/orders", WANTED, status=201, key="one")

    cart = with_key(placed["key"], f"/orders/{placed['number']}/again", "POST").json()

    assert [line["quantity"] for line in cart["lines"]] == [1]
    assert cart["token"] not in {None, app.cart_token}
    app.cart_token = cart["token"]
    assert app.get("/cart")["count"] == 1


def test_without_the_key_there_is_no_order(app: App) -> None:
    placed = app.post("/orders", WANTED, status=201, key="one")
    for method, rest in (("GET", ""), ("GET", "/status"), ("POST", "/payment"), ("POST", "/cancel")):
        path = f"/orders/{placed['number']}{rest}"
        wrong = with_key("x" * 32, path, method)
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "unknown_order")
        nothing = App().ask(method, path)
        assert (nothing.status_code, nothing.json()["error"]["code"]) == (401, "login_required")
    assert Order.objects.get().status == "placed"


def test_an_account_gets_no_key(app: App, alice: Any) -> None:
    app.log_in(alice)
    placed = app.post("/orders", {**WANTED, "email": ""}, status=201, key="one")
    assert (placed["key"], placed["email"]) == (None, alice.email)


@pytest.mark.parametrize("email", ["", "carol", "c\u202ed@example.org"])
def test_an_address_that_is_none_is_named(app: App, email: str) -> None:
    refused = app.post("/orders", {**WANTED, "email": email}, status=422, key="one")
    assert list(refused["error"]["fields"]) == ["email"]


def test_a_guest_needs_an_idempotency_key_too(app: App) -> None:
    refused = app.post("/orders", WANTED, status=400)
    assert refused["error"]["code"] == "idempotency_key_required"


def test_the_link_is_mailed_to_who_knows_both_and_the_answer_tells_nothing(
    app: App, django_capture_on_commit_callbacks: Any
) -> None:
    placed = app.post("/orders", WANTED, status=201, key="one")
    wrong = App().post("/orders/find", {"number": placed["number"], "email": "bob@example.org"}, status=202)
    assert mail.outbox == []
    with django_capture_on_commit_callbacks(execute=True):
        right = App().post("/orders/find", {"number": placed["number"], "email": CAROL}, status=202)
    assert wrong == right
    assert placed["key"] in str(mail.outbox[0].body)


@pytest.mark.parametrize("key", ["a\x00b", "\udcff", "é", " "])
def test_a_key_that_can_be_none_opens_nothing(app: App, key: str) -> None:
    placed = app.post("/orders", WANTED, status=201, key="one")
    request = {"HTTP_X_ORDER_KEY": key}  # as a server may hand it on
    for path in (f"/api/v1/orders/{placed['number']}", f"/orders/{placed['number']}/"):
        assert Client().get(path, **request).status_code == 404
