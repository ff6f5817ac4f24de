"""Stripe keeps an error under a key and repeats it for a day: that key will never bring anything else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Payment, Refund
from checkout.orders.transitions import Actor
from checkout.payments import paying, refunds
from checkout.payments.gateway import StripeUnavailableError
from checkout.payments.refunds import RefundRefusedError, Wanted
from checkout.purchase import closing, sweeping
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.faults.steps import (
    INTENTS,
    TOTAL,
    at_stripe,
    cron,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    pay_page,
    payment_of,
    place,
    run_out_of_time,
    status_page,
    trail,
)

pytestmark = pytest.mark.django_db
OPEN = "requires_payment_method"


@pytest.fixture(params=["status", "apply_then_status"], ids=["never made", "made"])
def made(request: pytest.FixtureRequest, standin: Standin) -> bool:
    """The next PaymentIntent is answered with an error that Stripe keeps; tell whether it was made all the same."""
    standin.add_fault(action=request.param, path=INTENTS, stored=True)
    return bool(request.param == "apply_then_status")


@pytest.fixture
def unknown(made: bool, buyer: Client, standin: Standin) -> Order:
    """An order whose payment met such an error, and of which nobody has yet asked again."""
    standin.clear_faults()
    standin.add_fault(
        action="apply_then_status" if made else "status", path=INTENTS, stored=True, should_retry=False
    )
    place(buyer)
    order = Order.objects.get()
    assert (payment_of(order).status, payment_of(order).intent_id) == ("unknown", "")
    return order


def every_open_intent_is_known(standin: Standin, count: int) -> None:
    opened = {intent["id"] for intent in standin.intents() if intent["status"] == OPEN}
    known = Payment.objects.filter(status=OPEN).values_list("intent_id", flat=True)
    assert opened == set(known)
    assert len(opened) == count


def test_s55_the_customer_pays_all_the_same_and_one_intent_is_open(
    made: bool, buyer: Client, standin: Standin
) -> None:
    place(buyer)
    order = Order.objects.get()
    page = pay_page(buyer, order)
    assert page.status_code == 200
    every_open_intent_is_known(standin, 1)
    standin.pay(intent_of(order))
    status_page(buyer, order)
    assert (fresh(order).status, mails_of(order)) == ("paid", ["paid"])
    closed = [] if made else ["payment_closed by customer"]
    assert trail(order) == ["placed by customer", *closed, "paid by return"]


def test_s55_an_attempt_without_an_intent_is_closed_and_the_next_has_a_key_of_its_own(
    unknown: Order, buyer: Client, standin: Standin, made: bool
) -> None:
    first = payment_of(unknown)
    assert pay_page(buyer, unknown).status_code == (200 if made else 503)
    assert pay_page(buyer, unknown).status_code == 200
    first.refresh_from_db()
    assert first.status == (OPEN if made else "canceled")
    assert unknown.payments.count() == (1 if made else 2)
    every_open_intent_is_known(standin, 1)


def test_s55_the_sweep_finds_out_too(unknown: Order, standin: Standin, made: bool) -> None:
    assert cron() == [0, 0]
    assert [payment.status for payment in unknown.payments.all()] == [OPEN if made else "canceled"]
    assert (fresh(unknown).status, cron()) == ("placed", [0, 0])
    every_open_intent_is_known(standin, int(made))


def test_s55_such_an_order_expires_in_time_and_gives_its_books_back(
    unknown: Order, standin: Standin, made: bool
) -> None:
    run_out_of_time(unknown)
    assert cron("expire_orders") == [0]
    assert (fresh(unknown).status, Variant.objects.get().stock) == ("expired", 5)
    assert at_stripe(standin) == ([("canceled", 0)] if made else [])


def test_s55_such_an_order_can_be_cancelled_by_staff(unknown: Order, sam: User, standin: Standin) -> None:
    closing.cancel(unknown, actor=Actor("staff", sam), now=timezone.now())
    assert (fresh(unknown).status, Variant.objects.get().stock) == ("cancelled", 5)
    every_open_intent_is_known(standin, 0)


def test_s55_such_an_order_is_superseded_by_a_changed_one(
    unknown: Order, buyer: Client, standin: Standin
) -> None:
    place(buyer, line1="Oudegracht 14")
    assert sorted(Order.objects.values_list("status", flat=True)) == ["cancelled", "placed"]
    every_open_intent_is_known(standin, 1)


def test_s55_while_stripe_cannot_list_its_intents_the_attempt_stays_unknown(
    unknown: Order, buyer: Client, standin: Standin
) -> None:
    standin.add_fault(action="status", method="GET", path=INTENTS, times=0)
    assert pay_page(buyer, unknown).status_code == 503
    assert (payment_of(unknown).status, unknown.payments.count()) == ("unknown", 1)


def test_s55_an_error_that_is_not_kept_leaves_the_attempt_and_its_key(
    buyer: Client, standin: Standin
) -> None:
    standin.add_fault(action="status", path=INTENTS, times=0)
    place(buyer)
    order = Order.objects.get()
    assert pay_page(buyer, order).status_code == 503
    standin.clear_faults()
    assert pay_page(buyer, order).status_code == 200
    assert order.payments.count() == 1


def test_s55_two_who_find_out_at_once_close_one_attempt_once(unknown: Order, standin: Standin) -> None:
    first, second = payment_of(unknown), payment_of(unknown)
    for payment in (first, second):
        try:
            paying.start(payment, actor=Actor("customer"), now=timezone.now())
        except StripeUnavailableError:
            assert payment.status == "canceled"
    assert trail(unknown).count("payment_closed by customer") <= 1
    every_open_intent_is_known(standin, len(at_stripe(standin)))


# --- The same of a refund ---


@pytest.fixture
def paid(order: Order, standin: Standin) -> Order:
    standin.pay(intent_of(order))
    assert hear_of(standin, "payment_intent.succeeded") == 200
    return fresh(order)


def refund(order: Order, sam: User, **changes: Any) -> Refund:
    return refunds.refund(order, Wanted(1000, **changes), user=sam, now=timezone.now())


def given_back(standin: Standin) -> list[int]:
    return [one["amount"] for one in standin.request("GET", "/v1/refunds")["data"]]


def test_s56_a_refund_that_stripe_made_under_an_error_that_it_keeps_is_found(
    paid: Order, sam: User, standin: Standin
) -> None:
    standin.add_fault(action="apply_then_status", path="/v1/refunds", stored=True)
    assert refund(paid, sam).status == "succeeded"
    assert given_back(standin) == [1000]
    assert mails_of(paid) == ["paid", "refunded"]


def test_s56_a_refund_that_stripe_never_made_fails_at_once_and_may_be_asked_for_anew(
    paid: Order, sam: User, standin: Standin
) -> None:
    standin.add_fault(action="status", path="/v1/refunds", stored=True)
    with pytest.raises(RefundRefusedError):
        refund(paid, sam)
    assert (Refund.objects.get().status, refunds.left(paid)) == ("failed", TOTAL)
    assert refund(paid, sam).status == "succeeded"
    assert given_back(standin) == [1000]


def test_s56_when_the_sweep_learns_that_a_refund_was_not_made_staff_are_told(
    paid: Order, sam: User, standin: Standin
) -> None:
    standin.add_fault(action="status", path="/v1/refunds", stored=True, should_retry=False)
    with pytest.raises(StripeUnavailableError):
        refund(paid, sam)
    assert cron("reconcile") == [1]  # it is named, once
    assert cron("reconcile") == [0]
    assert (Refund.objects.get().status, fresh(paid).needs_attention) == ("failed", "refund_failed")
    assert mails_of(paid) == ["attention", "paid"]
    assert given_back(standin) == []


def test_s57_a_refund_of_which_nobody_heard_for_longer_than_its_key_lives_is_made_once(
    paid: Order, sam: User, standin: Standin, impatient: None
) -> None:
    standin.add_fault(action="apply_then_hang", path="/v1/refunds", times=0)
    with pytest.raises(StripeUnavailableError):
        refund(paid, sam)
    standin.clear_faults()
    a_day_later = timedelta(hours=25)
    standin.advance(a_day_later.total_seconds())
    swept = list(sweeping.reconcile_open(now=timezone.now() + a_day_later, workers=1))
    assert [one.problem for one in swept] == [""]
    assert given_back(standin) == [1000]
    assert (Refund.objects.get().status, refunds.given_back(paid)) == ("succeeded", 1000)
