"""The worker that places an order for an app is killed; the app sends the same again, with the same key."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from checkout.models import IdempotencyKey, Order
from checkout.purchase import idempotency
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.factories import VariantFactory
from tests.faults import acts
from tests.faults.steps import TOTAL, at_stripe
from tests.orders import ADDRESS_JSON, fill_cart
from tests.processes import Act, Processes

pytestmark = pytest.mark.django_db(transaction=True)

BODY = {"address": ADDRESS_JSON, "delivery": "post", "voucher": "", "total": TOTAL}


@pytest.fixture
def app(alice: User, standin: Standin) -> App:
    app = App()
    app.log_in(alice)
    return app


def die(processes: Processes, app: App, body: dict[str, Any], step: str, *, nth: int = 1) -> None:
    """Let a worker begin to place an order, and kill it at a step."""
    facts = {"session": app.session_token, "path": "/api/v1/orders", "body": body, "key": "k1"}
    processes.kill(step, acts.ASK_API, nth=nth, **facts)


def a_minute_later() -> None:
    IdempotencyKey.objects.update(claimed_at=timezone.now() - idempotency.CLAIM - timedelta(seconds=1))


def send_again(app: App, body: dict[str, Any]) -> Any:
    waiting = app.ask("POST", "/orders", body, key="k1")
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    a_minute_later()
    return app.post("/orders", body, status=201, key="k1")


@pytest.mark.parametrize("step", ["before payment_intents.create", "after payment_intents.create"])
def test_s03_the_same_key_finds_the_order_of_a_worker_that_was_killed(
    app: App, alice: User, variant: Variant, standin: Standin, processes: Processes, step: str
) -> None:
    fill_cart(alice, (variant, 2))
    die(processes, app, BODY, step)
    placed = Order.objects.get()
    assert send_again(app, BODY)["number"] == placed.number
    assert (Order.objects.count(), len(at_stripe(standin)), Variant.objects.get().stock) == (1, 1, 3)
    assert app.ask("POST", "/orders", BODY, key="k1")["Idempotency-Replayed"] == "true"


def test_s03_an_order_that_was_paid_as_it_was_placed_is_found_though_its_cart_is_empty(
    app: App, alice: User, bob: User, standin: Standin, processes: Processes
) -> None:
    gift = VariantFactory(price=0, is_digital=True, stock=9)
    body = {**BODY, "delivery": "", "total": 0}
    fill_cart(bob, (gift, 1))
    bobs = App()
    bobs.log_in(bob)
    facts = {"session": bobs.session_token, "path": "/api/v1/orders", "body": body, "key": "k1"}
    [lived] = processes.run(Act(acts.ASK_API, facts))
    # After the last commit nothing is left to do but to keep the answer and to send it.
    last = lived.steps.count("after commit")

    fill_cart(alice, (gift, 1))
    die(processes, app, body, "after commit", nth=last)
    order = Order.objects.get(user=alice)
    assert (order.status, app.get("/cart")["lines"]) == ("paid", [])
    assert send_again(app, body)["number"] == order.number
    assert Order.objects.filter(user=alice).count() == 1
