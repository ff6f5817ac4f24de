"""The same order sent again, because its answer was lost: by the API, with an Idempotency-Key."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from checkout.models import IdempotencyKey, Order
from checkout.purchase import idempotency, placing
from shop.models import CartLine, Variant
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.faults.steps import TOTAL, cron
from tests.orders import ADDRESS_JSON, fill_cart

pytestmark = pytest.mark.django_db

BODY = {"address": ADDRESS_JSON, "delivery": "post", "voucher": "", "total": TOTAL}


@pytest.fixture
def app(alice: User, variant: Variant, standin: Standin) -> App:
    """Alice's phone, with two books in her cart."""
    fill_cart(alice, (variant, 2))
    app = App()
    app.log_in(alice)
    return app


def place(app: App, key: str = "k1", **changes: Any) -> Any:
    return app.ask("POST", "/orders", {**BODY, **changes}, key=key)


def code(response: Any) -> str:
    return str(response.json()["error"]["code"])


def test_s03_without_a_key_nothing_is_placed(app: App) -> None:
    refused = place(app, key="")
    assert (refused.status_code, code(refused)) == (400, "idempotency_key_required")
    assert Order.objects.count() == 0


def test_s03_the_same_key_and_body_get_the_same_answer_and_one_order(app: App, standin: Standin) -> None:
    first, second = place(app), place(app)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert (Order.objects.count(), len(standin.intents())) == (1, 1)


def test_s03_the_answer_is_the_same_when_the_order_is_paid_and_the_cart_empty(
    app: App, standin: Standin
) -> None:
    first = place(app)
    standin.pay(first.json()["payment"]["intent_id"])
    app.get(f"/orders/{first.json()['number']}/status")
    assert CartLine.objects.count() == 0
    assert place(app).content == first.content
    assert Order.objects.count() == 1


def test_s03_the_same_key_with_another_body_is_refused(app: App) -> None:
    place(app)
    refused = place(app, delivery="courier", total=5700)
    assert (refused.status_code, code(refused)) == (422, "idempotency_key_reused")
    assert Order.objects.get().delivery == 450


def test_s03_the_same_key_for_something_else_is_refused(app: App) -> None:
    order = place(app).json()
    refused = app.ask("POST", f"/orders/{order['number']}/cancel", key="k1")
    assert (refused.status_code, code(refused)) == (422, "idempotency_key_reused")
    assert Order.objects.get().status == "placed"


def test_s03_while_the_first_is_still_running_the_second_is_told_to_wait(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile = []
    real = placing.place

    def place_slowly(**facts: Any) -> Order:
        meanwhile.append(place(app))
        return real(**facts)

    monkeypatch.setattr(placing, "place", place_slowly)
    assert place(app).status_code == 201
    [told] = meanwhile
    assert (told.status_code, code(told), told["Retry-After"]) == (409, "idempotency_key_in_use", "1")
    assert Order.objects.count() == 1


def test_s03_a_refusal_gives_the_key_back(app: App) -> None:
    refused = place(app, total=1)
    assert (refused.status_code, code(refused)) == (409, "total_changed")
    assert place(app).status_code == 201


def test_s03_after_an_error_of_ours_the_same_key_can_be_sent_again(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(placing, "place", lambda **_facts: 1 / 0)
        assert place(app).status_code == 500
    assert place(app).status_code == 201


def test_s03_when_the_worker_died_the_claim_runs_out_and_the_same_order_is_found(
    app: App, alice: User, variant: Variant
) -> None:
    place(app)
    order = Order.objects.get()
    # What a worker leaves that dies between the commit of the order and the answer, with a cart that is empty since.
    CartLine.objects.all().delete()
    rows = IdempotencyKey.objects.filter(key="k1")
    rows.update(status=None, answer="", claimed_at=timezone.now())
    assert code(place(app)) == "idempotency_key_in_use"
    rows.update(claimed_at=timezone.now() - idempotency.CLAIM)
    again = place(app)
    assert (again.status_code, again.json()["number"]) == (201, order.number)
    assert place(app)["Idempotency-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_s03_everybody_has_keys_of_their_own(app: App, bob: User, variant: Variant) -> None:
    fill_cart(bob, (variant, 2))
    his = App()
    his.log_in(bob)
    assert place(app).json()["number"] != place(his).json()["number"]
    assert Order.objects.count() == 2


def test_s03_a_key_is_forgotten_after_a_day(app: App) -> None:
    place(app)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=23))
    cron("reconcile")
    assert IdempotencyKey.objects.count() == 1
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.KEPT)
    assert place(app, delivery="courier", total=5700).status_code == 201
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.KEPT)
    cron("reconcile")
    assert IdempotencyKey.objects.count() == 0


@pytest.mark.parametrize("key", ["x" * 201, "two words", "schlüssel"])
def test_s03_a_key_that_is_none_is_refused(app: App, key: str) -> None:
    refused = place(app, key=key)
    assert (refused.status_code, code(refused)) == (400, "invalid_idempotency_key")


def test_s03_no_client_secret_is_kept(app: App) -> None:
    number = place(app).json()["number"]
    first = app.ask("POST", f"/orders/{number}/payment", key="p1").json()
    assert app.ask("POST", f"/orders/{number}/payment", key="p1").json() == first
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["k1"]
    assert first["client_secret"] not in IdempotencyKey.objects.get().answer


def test_s03_books_put_into_the_cart_twice_with_one_key_are_there_once(app: App, variant: Variant) -> None:
    for _time in range(2):
        added = app.ask("POST", "/cart/lines", {"variant": variant.pk, "quantity": 1}, key="a1")
        assert (added.status_code, added.json()["count"]) == (201, 3)
    assert app.get("/cart")["count"] == 3
