"""A whole purchase as JSON, by an app that has no browser and no cookies."""

import pytest

from accounts.models import User
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.factories import VariantFactory
from tests.orders import ADDRESS_JSON

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2400, stock=5)


def test_from_listing_to_paid(alice: User, variant: Variant, standin: Standin) -> None:
    app = App()
    [book] = app.get("/products")["items"]
    [edition] = book["variants"]
    assert (edition["id"], edition["price"], edition["availability"], edition["left"]) == (
        variant.pk, 2400, "few_left", 5,
    )  # fmt: skip
    cart = app.post("/cart/lines", {"variant": edition["id"], "quantity": 2}, status=201)
    app.cart_token = cart["token"]
    assert app.get("/cart")["count"] == 2

    app.log_in(alice)
    cart = app.get("/cart")
    assert (cart["token"], cart["count"], cart["notices"]) == (
        None, 2, ["Your cart came with you. What you chose before logging in is in it."],
    )  # fmt: skip
    quote = app.get("/quote?delivery=post")
    assert (quote["delivery"], quote["total"]) == (450, 5250)
    wanted = {"address": ADDRESS_JSON, "delivery": "post", "voucher": "", "total": quote["total"]}
    order = app.post("/orders", wanted, status=201, key="first")
    assert (order["status"], order["total"], order["payment"]["status"]) == (
        "placed", 5250, "requires_payment_method",
    )  # fmt: skip

    payment = app.post(f"/orders/{order['number']}/payment")
    assert payment["client_secret"].startswith(payment["intent_id"])
    standin.pay(payment["intent_id"])
    status = app.get(f"/orders/{order['number']}/status")
    assert (status["status"], status["payment"]["status"]) == ("paid", "succeeded")
    assert status["message"]["heading"] == "Paid. Thank you, Alice."
    assert [step["words"] for step in status["steps"]][:2] == [
        "You placed the order",
        "Paid, with a card ending 4242",
    ]
    assert status["lines"][0]["slug"] == variant.product.slug
    assert app.get("/cart")["count"] == 0
    assert [found["number"] for found in app.get("/orders")["items"]] == [order["number"]]
