"""The same order sent by several requests at the same instant: one order, one answer. And the control."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from checkout.models import IdempotencyKey, Order
from checkout.purchase import idempotency
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.api.app import App
from tests.faults.steps import TOTAL, at_stripe
from tests.orders import ADDRESS_JSON, fill_cart
from tests.races.together import at_once, met

pytestmark = pytest.mark.django_db(transaction=True)

BODY = {"address": ADDRESS_JSON, "delivery": "post", "total": TOTAL}


@pytest.fixture
def app(alice: User, variant: Variant, standin: Standin) -> App:
    fill_cart(alice, (variant, 2))
    app = App()
    app.log_in(alice)
    return app


def placing(app: App, key: str = "k1") -> Callable[[], Any]:
    return lambda: app.ask("POST", "/orders", BODY, key=key)


def test_the_same_key_at_the_same_instant_places_one_order_and_the_others_wait(
    app: App, standin: Standin
) -> None:
    answers = at_once(*[placing(app)] * 4)
    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert 201 in codes
    told = {json.loads(answer.content)["error"]["code"] for answer in answers if answer.status_code == 409}
    assert told <= {"idempotency_key_in_use"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert (Order.objects.count(), len(at_stripe(standin))) == (1, 1)
    assert placing(app)()["Idempotency-Replayed"] == "true"


def claiming(key: str = "k1") -> Callable[[], IdempotencyKey]:
    return lambda: idempotency.claim("user 1", key, "POST /orders", b"{}", now=timezone.now())


def test_a_key_is_claimed_by_one_of_many() -> None:
    results = at_once(*[claiming()] * 6)
    assert sorted(isinstance(result, IdempotencyKey) for result in results) == [False] * 5 + [True]
    assert IdempotencyKey.objects.count() == 1


def abandoned() -> None:
    """Leave a claim as a worker does that died an hour ago."""
    claiming()()
    IdempotencyKey.objects.update(claimed_at=timezone.now() - 60 * idempotency.CLAIM)


def test_a_claim_that_ran_out_is_taken_over_by_one_of_many() -> None:
    abandoned()
    results = at_once(*[claiming()] * 6)
    assert sorted(isinstance(result, IdempotencyKey) for result in results) == [False] * 5 + [True]


def test_without_the_condition_two_would_take_it_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: look first and write later, and both believe that the claim is theirs."""
    abandoned()
    rows = lambda row: IdempotencyKey.objects.filter(pk=row.pk)  # noqa: E731 - `_ours` without its WHERE
    monkeypatch.setattr(idempotency, "_ours", met(rows))
    results = at_once(*[claiming()] * 2)
    assert [isinstance(result, IdempotencyKey) for result in results] == [True, True]


def test_who_lost_a_claim_overwrites_no_answer() -> None:
    abandoned()
    [slow] = IdempotencyKey.objects.all()
    fast = claiming()()
    idempotency.keep_answer(fast, 201, "fast")
    idempotency.keep_answer(slow, 201, "slow")
    idempotency.give_back(slow)
    assert IdempotencyKey.objects.get().answer == "fast"
