"""A stranger asks for an order as JSON: it is as if it were not there."""

import json

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Order
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.faults.steps import at_stripe, trail
from tests.faults.test_s47_people import statements_of

pytestmark = pytest.mark.django_db

OF_AN_ORDER = [
    ("GET", "/orders/{}"),
    ("GET", "/orders/{}/status"),
    ("POST", "/orders/{}/payment"),
    ("POST", "/orders/{}/cancel"),
    ("POST", "/orders/{}/again"),
]


@pytest.fixture
def bobs_app(bob: User) -> App:
    app = App()
    app.log_in(bob)
    return app


@pytest.mark.parametrize(("method", "path"), OF_AN_ORDER)
def test_s47_a_strangers_order_is_as_if_it_were_not_and_costs_the_same_to_ask_for(
    order: Order, bobs_app: App, standin: Standin, method: str, path: str
) -> None:
    before = (trail(order), at_stripe(standin))
    theirs, of_alice = statements_of(lambda: bobs_app.ask(method, path.format(order.number)))
    nobodys, of_nobody = statements_of(lambda: bobs_app.ask(method, path.format("ZZZZ-ZZZZ")))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.content == nobodys.content
    # The same statements, so there is no clock that could tell the two apart.
    assert of_alice == of_nobody
    assert (trail(order), at_stripe(standin)) == before


@pytest.mark.parametrize(("method", "path"), OF_AN_ORDER)
def test_s47_by_the_rows_id_nobody_finds_an_order_and_a_visitor_is_told_to_log_in(
    order: Order, buyer: Client, alice: User, method: str, path: str
) -> None:
    app = App()
    assert app.ask(method, path.format(order.number)).status_code == 401
    app.log_in(alice)
    assert app.ask(method, path.format(order.pk)).status_code == 404


def test_s47_lists_and_addresses_are_ones_own(order: Order, bobs_app: App) -> None:
    assert bobs_app.get("/orders")["items"] == []
    assert bobs_app.get("/addresses")["items"] == []
    assert bobs_app.get(f"/orders?cursor={order.number}", status=400)["error"]["code"] == "invalid_cursor"
    assert order.number not in json.dumps(bobs_app.get("/cart"))
