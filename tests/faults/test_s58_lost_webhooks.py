"""No webhook ever comes: the sweep reads in Stripe's list of events what they would have told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Refund, Run, StripeEvent
from checkout.payments import gateway, refunds, webhooks
from checkout.payments.refunds import Wanted
from stripe_standin.testing import Standin
from tests.faults.steps import (
    INTENTS,
    TOTAL,
    close_behind_stripes_back,
    cron,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    status_page,
    trail,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(order: Order, buyer: Client, standin: Standin) -> Order:
    standin.pay(intent_of(order))
    status_page(buyer, order)
    assert fresh(order).status == "paid"
    return fresh(order)


def at_the_dashboard(standin: Standin, order: Order, amount: int) -> None:
    standin.request("POST", "/v1/refunds", {"payment_intent": intent_of(order), "amount": amount})


def test_s58_refunds_at_the_dashboard_appear_within_one_interval(paid: Order, standin: Standin) -> None:
    for amount in (1000, 500):
        at_the_dashboard(standin, paid, amount)
    assert cron("reconcile") == [0]
    assert sorted(Refund.objects.values_list("amount", "status")) == [(500, "succeeded"), (1000, "succeeded")]
    assert trail(paid)[2:] == ["refunded by sweep", "refunded by sweep"]
    assert mails_of(paid) == ["paid", "refunded", "refunded"]


def test_s58_a_dispute_appears_within_one_interval(paid: Order, standin: Standin) -> None:
    standin.dispute(standin.intent(intent_of(paid))["latest_charge"])
    assert cron("reconcile") == [0]
    assert (paid.disputes.get().amount, fresh(paid).needs_attention) == (TOTAL, "disputed")
    assert "disputed by sweep" in trail(paid)


def test_s58_a_refund_that_fails_weeks_later_is_corrected_within_one_interval(
    order: Order, buyer: Client, sam: User, standin: Standin
) -> None:
    standin.pay(intent_of(order), "pm_card_refundFail")
    status_page(buyer, order)
    refunds.refund(order, Wanted(1000), user=sam, now=timezone.now())
    month = timedelta(days=30)
    standin.advance(month.total_seconds())
    assert (refunds.given_back(order), cron("reconcile")) == (1000, [0])
    assert (Refund.objects.get().status, refunds.given_back(order)) == ("failed", 0)
    assert fresh(order).needs_attention == "refund_failed"


def test_s58_money_for_an_order_that_was_closed_behind_stripes_back_appears(
    order: Order, standin: Standin
) -> None:
    close_behind_stripes_back(order, timezone.now())
    order.payments.update(status="canceled")  # so that the sweep of open payments passes it by
    standin.pay(intent_of(order))
    assert cron("reconcile") == [0]
    assert (fresh(order).status, trail(order)[-1]) == ("paid", "paid by sweep")


def test_s58_what_a_webhook_has_told_is_not_asked_again(paid: Order, standin: Standin) -> None:
    at_the_dashboard(standin, paid, 1000)
    assert cron("reconcile") == [0]
    known = StripeEvent.objects.count()
    standin.add_fault(action="status", method="GET", path=f"{INTENTS}/*", times=0)
    assert cron("reconcile") == [0]
    assert (StripeEvent.objects.count(), Refund.objects.count()) == (known, 1)


def test_s59_an_event_that_could_not_be_handled_is_handled_by_the_sweep(
    paid: Order, standin: Standin
) -> None:
    at_the_dashboard(standin, paid, 1000)
    standin.add_fault(action="status", method="GET", path="/v1/refunds", times=0)
    assert hear_of(standin, "refund.created") == 503
    assert cron("reconcile") == [1]
    standin.clear_faults()
    assert cron("reconcile") == [0]
    assert set(StripeEvent.objects.values_list("status", flat=True)) <= {"done", "ignored"}
    assert refunds.given_back(paid) == 1000


def test_s59_an_event_whose_handling_was_cut_short_is_handled_by_the_sweep(
    paid: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_dashboard(standin, paid, 1000)
    with monkeypatch.context() as crashing:
        crashing.setattr(webhooks, "handle", lambda *_args, **_kwargs: None)  # the process died after storing
        hear_of(standin, "refund.created")
    assert StripeEvent.objects.get().status == "received"
    Run.objects.create(
        command=Run.EVENTS, began_at=timezone.now() + timedelta(hours=1)
    )  # not in the list again
    assert cron("reconcile") == [0]
    assert (StripeEvent.objects.get().status, refunds.given_back(paid)) == ("done", 1000)


def test_s59_the_list_of_events_cannot_be_had_and_the_next_sweep_has_it(
    paid: Order, standin: Standin
) -> None:
    at_the_dashboard(standin, paid, 1000)
    standin.add_fault(action="status", method="GET", path="/v1/events", times=0)
    assert (cron("reconcile"), Refund.objects.count()) == ([1], 0)
    standin.clear_faults()
    assert (cron("reconcile"), Refund.objects.count()) == ([0], 1)


def test_s58_more_events_than_a_page_of_stripes_are_all_taken_in(
    paid: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "PAGE", 2)
    for amount in (10, 20, 30):
        at_the_dashboard(standin, paid, amount)
    assert cron("reconcile") == [0]
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [10, 20, 30]
    assert StripeEvent.objects.filter(status="done").count() >= 6
