"""Money out, and staff: refunds, disputes, cancelling, and money that does not match."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.fulfilment import shipping
from checkout.fulfilment.shipping import CannotShipError
from checkout.models import Order, Refund
from checkout.orders.transitions import Actor
from checkout.payments import refunds
from checkout.payments.gateway import StripeUnavailableError
from checkout.payments.refunds import RefundTooLargeError, Wanted
from checkout.purchase import closing
from checkout.purchase.closing import StillBeingPaidError
from shop.models import Variant
from stripe_standin.testing import Standin, StandinError
from tests.faults.steps import (
    INTENTS,
    TOTAL,
    at_stripe,
    cron,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    meanwhile,
    payment_of,
    run_out_of_time,
    status_page,
    trail,
)
from tests.races.together import at_once

pytestmark = pytest.mark.django_db
SUCCEEDED = "payment_intent.succeeded"


@pytest.fixture
def paid(order: Order, standin: Standin) -> Order:
    return pay(order, standin)


def pay(order: Order, standin: Standin, card: str = "pm_card_visa") -> Order:
    standin.pay(intent_of(order), card)
    assert hear_of(standin, SUCCEEDED) == 200
    return fresh(order)


def refund(order: Order, user: User, amount: int, **changes: Any) -> Refund:
    return refunds.refund(order, Wanted(amount, **changes), user=user, now=timezone.now())


def at_the_dashboard(standin: Standin, order: Order, amount: int) -> None:
    standin.request("POST", "/v1/refunds", {"payment_intent": intent_of(order), "amount": amount})


def refunded(standin: Standin, order: Order) -> list[int]:
    """Return the amounts that Stripe gave back."""
    listed = standin.request("GET", f"/v1/refunds?payment_intent={intent_of(order)}")["data"]
    return sorted(one["amount"] for one in listed)


# --- Refunds ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [uuid4(), None], ids=["with the form's key", "without a key"])
def test_s40_a_refund_clicked_twice_at_once_is_one_refund(
    paid: Order, sam: User, standin: Standin, key: Any
) -> None:
    # The negative control is in tests/races/test_refunds.py.
    at_once(*[lambda: refund(paid, sam, TOTAL // 2, key=key)] * 2)
    assert refunded(standin, paid) == [TOTAL // 2]
    assert [(row.amount, row.status) for row in Refund.objects.all()] == [(TOTAL // 2, "succeeded")]
    assert sorted(trail(paid)[2:]) == ["refund_started by staff", "refunded by staff"]
    assert mails_of(paid) == ["paid", "refunded"]


def test_s40_a_refund_that_stripe_was_silent_about_is_asked_for_again_by_the_sweep_and_made_once(
    paid: Order, sam: User, standin: Standin, impatient: None
) -> None:
    standin.add_fault(action="apply_then_hang", path="/v1/refunds", times=0)
    with pytest.raises(StripeUnavailableError):
        refund(paid, sam, 1000)
    assert (Refund.objects.get().status, refunds.left(paid)) == ("unknown", TOTAL - 1000)
    standin.clear_faults()
    assert cron("reconcile") == [0]
    assert (Refund.objects.get().status, refunded(standin, paid)) == ("succeeded", [1000])
    assert mails_of(paid) == ["paid", "refunded"]


def test_s41_three_and_four_of_ten_leave_three_and_four_more_are_refused(
    paid: Order, sam: User, standin: Standin
) -> None:
    tenth = TOTAL // 10
    for parts in (3, 4):
        refund(paid, sam, parts * tenth)
    with pytest.raises(RefundTooLargeError) as refused:
        refund(paid, sam, 4 * tenth)
    assert (refused.value.left, refunds.left(paid)) == (3 * tenth, 3 * tenth)
    assert refunded(standin, paid) == [3 * tenth, 4 * tenth]
    assert (fresh(paid).status, refunds.given_back(paid)) == ("paid", 7 * tenth)
    assert Refund.objects.count() == 2


def test_s42_two_refunds_at_the_dashboard_appear_though_one_webhook_was_lost(
    paid: Order, standin: Standin
) -> None:
    for amount in (1000, 500):
        at_the_dashboard(standin, paid, amount)
    assert hear_of(standin, "refund.created") == 200
    rows = sorted(Refund.objects.values_list("amount", "status", "user"))
    assert rows == [(500, "succeeded", None), (1000, "succeeded", None)]
    assert refunds.left(paid) == TOTAL - 1500
    assert mails_of(paid) == ["paid", "refunded", "refunded"]
    assert hear_of(standin, "charge.refunded") == 200
    assert Refund.objects.count() == 2


def test_s42_a_refund_at_the_dashboard_whose_every_webhook_was_lost_appears_with_the_next_one(
    paid: Order, sam: User, standin: Standin
) -> None:
    at_the_dashboard(standin, paid, 1000)
    refund(paid, sam, 500)
    assert hear_of(standin, "refund.created") == 200
    assert refunds.given_back(paid) == sum(refunded(standin, paid)) == 1500


def test_s43_a_refund_that_fails_at_stripe_later_is_corrected_and_staff_are_told(
    order: Order, sam: User, standin: Standin
) -> None:
    paid = pay(order, standin, "pm_card_refundFail")
    refund(paid, sam, 1000)
    assert refunds.left(paid) == TOTAL - 1000
    standin.advance(timedelta(days=30).total_seconds())
    assert hear_of(standin, "refund.failed") == 200
    assert (Refund.objects.get().status, refunds.left(paid)) == ("failed", TOTAL)
    assert (fresh(paid).status, fresh(paid).needs_attention) == ("paid", "refund_failed")
    assert trail(paid)[-2:] == ["refund_failed by webhook", "attention by webhook"]
    assert "attention" in mails_of(paid)


# --- Disputes ---


def test_s44_a_dispute_is_on_the_order_and_warns_before_shipping_and_its_loss_is_told(
    paid: Order, sam: User, standin: Standin
) -> None:
    charge = standin.intent(intent_of(paid))["latest_charge"]
    opened = standin.dispute(charge)
    assert hear_of(standin, "charge.dispute.created") == 200
    dispute = paid.disputes.get()
    assert (dispute.dispute_id, dispute.status, dispute.amount) == (opened["id"], "needs_response", TOTAL)
    assert fresh(paid).needs_attention == "disputed"
    staff = Actor("staff", sam)
    with pytest.raises(CannotShipError, match="disputes"):
        shipping.ship(paid, tracking="", actor=staff, now=timezone.now())
    assert fresh(paid).status == "paid"

    standin.request("POST", f"/v1/disputes/{opened['id']}/close", {})
    assert hear_of(standin, "charge.dispute.closed") == 200
    assert paid.disputes.get().status == "lost"
    assert trail(paid)[2:] == ["disputed by webhook", "attention by webhook", "dispute_closed by webhook"]
    assert Refund.objects.count() == 0
    assert (fresh(paid).status, payment_of(paid).status) == ("paid", "succeeded")


# --- Cancelling while the customer pays ---


def cancel(order: Order, sam: User) -> None:
    closing.cancel(fresh(order), actor=Actor("staff", sam), now=timezone.now())


def test_s45_staff_cancel_first_and_the_customer_cannot_pay_any_more(
    order: Order, sam: User, standin: Standin
) -> None:
    cancel(order, sam)
    with pytest.raises(StandinError):
        standin.pay(intent_of(order))
    assert (fresh(order).status, Variant.objects.get().stock) == ("cancelled", 5)
    assert at_stripe(standin) == [("canceled", 0)]
    assert trail(order) == ["placed by customer", "payment_closed by staff", "cancelled by staff"]


@pytest.mark.parametrize("heard", [False, True], ids=["nobody heard", "the webhook came"])
def test_s45_the_customer_pays_just_before_and_staff_are_told_that_it_is_paid(
    order: Order, sam: User, standin: Standin, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    def pays() -> None:
        standin.pay(intent_of(order))
        assert not heard or hear_of(standin, SUCCEEDED) == 200

    meanwhile(monkeypatch, "cancel_intent", before=pays)
    with pytest.raises(StillBeingPaidError):
        cancel(order, sam)
    assert (fresh(order).status, Variant.objects.get().stock) == ("paid", 3)
    assert at_stripe(standin) == [("succeeded", TOTAL)]
    assert mails_of(order) == ["paid"]


def test_s45_in_the_admin_staff_read_that_it_was_paid_meanwhile(
    order: Order, as_sam: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, "cancel_intent", before=lambda: standin.pay(intent_of(order)))
    answer = as_sam.post(f"/admin/checkout/order/{order.pk}/cancel/", {"restock": "yes"}, follow=True)
    assert answer.status_code == 200
    assert (fresh(order).status, Variant.objects.get().stock) == ("paid", 3)
    [said] = answer.context["messages"]
    assert (said.level_tag, "paid" in said.message.lower()) == ("error", True)


# --- Money that does not match ---


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"amount": TOTAL - 1}, "amount_differs"), ({"amount": TOTAL + 1}, "amount_differs"), ({"currency": "usd"}, "currency_differs"),
     ({"metadata[order]": "ZZZZ-ZZZZ"}, "metadata_differs")],
)  # fmt: skip
def test_s46_money_that_does_not_match_goes_before_staff_and_does_not_pay(
    order: Order, buyer: Client, standin: Standin, change: dict[str, Any], reason: str
) -> None:
    standin.request("POST", f"{INTENTS}/{intent_of(order)}", change)
    received = standin.pay(intent_of(order))["amount_received"]
    assert cron("reconcile") == [0]
    assert (fresh(order).status, fresh(order).needs_attention) == ("placed", reason)
    assert (payment_of(order).status, payment_of(order).amount_received) == ("succeeded", received)
    assert mails_of(order) == ["attention"]
    page = status_page(buyer, order)
    assert "We are checking your payment." in page.text
    assert "Please do not pay again." in page.text
    assert trail(order) == ["placed by customer", "attention by sweep"]


def test_s46_an_order_whose_money_does_not_match_is_not_closed_by_its_expiry(
    order: Order, standin: Standin
) -> None:
    standin.request("POST", f"{INTENTS}/{intent_of(order)}", {"amount": TOTAL - 1})
    standin.pay(intent_of(order))
    run_out_of_time(order)
    for _time in range(2):
        assert cron("expire_orders") == [0]
    assert (fresh(order).status, fresh(order).needs_attention) == ("placed", "amount_differs")
    assert Variant.objects.get().stock == 3


def test_s46_staff_give_back_what_does_not_match_and_may_then_cancel(
    order: Order, sam: User, standin: Standin
) -> None:
    standin.request("POST", f"{INTENTS}/{intent_of(order)}", {"amount": TOTAL - 1})
    standin.pay(intent_of(order))
    assert cron("reconcile") == [0]
    refund(order, sam, TOTAL - 1)
    cancel(order, sam)
    assert (fresh(order).status, Variant.objects.get().stock) == ("cancelled", 5)
    assert refunded(standin, order) == [TOTAL - 1]
