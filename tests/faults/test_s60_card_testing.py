"""A thief has an order and its client secret, and tries card after card at Stripe, past all pages of ours."""

from dataclasses import replace

import pytest
from django.test import Client

from checkout.models import Order
from checkout.payments import limits
from checkout.payments.limits import Limit
from stripe_standin.testing import Standin, StandinError
from tests.faults.steps import at_stripe, fresh, hear_of, intent_of, mails_of, pay_page, status_page, trail

pytestmark = pytest.mark.django_db
DECLINED = "payment_intent.payment_failed"
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def three_declines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, declines=(Limit(3, DAY), Limit(9, DAY)))
    )


def try_a_card(order: Order, standin: Standin) -> None:
    standin.pay(intent_of(order), "pm_card_visa_chargeDeclined")
    assert hear_of(standin, DECLINED) == 200


def test_s60_after_so_many_declines_the_intent_is_cancelled_and_no_card_can_be_tried(
    order: Order, buyer: Client, standin: Standin
) -> None:
    for _card in range(3):
        try_a_card(order, standin)
    assert at_stripe(standin) == [("canceled", 0)]
    with pytest.raises(StandinError):
        standin.pay(intent_of(order))
    assert pay_page(buyer, order).status_code == 429
    assert status_page(buyer, order).status_code == 200
    assert len(standin.intents()) == 1
    assert trail(order)[-1] == "payment_closed by webhook"


def test_s60_who_is_honest_pays_with_a_new_attempt_once_the_wait_is_over(
    order: Order, buyer: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _card in range(3):
        try_a_card(order, standin)
    monkeypatch.setattr(
        limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, declines=(Limit(4, DAY), Limit(9, DAY)))
    )
    assert pay_page(buyer, order).status_code == 200
    standin.pay(intent_of(order))
    status_page(buyer, order)
    assert (fresh(order).status, mails_of(order)) == ("paid", ["paid"])


def test_s60_a_few_declines_stop_nobody(order: Order, buyer: Client, standin: Standin) -> None:
    for _card in range(2):
        try_a_card(order, standin)
    assert at_stripe(standin) == [("requires_payment_method", 0)]
    assert pay_page(buyer, order).status_code == 200
