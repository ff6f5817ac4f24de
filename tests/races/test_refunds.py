"""Two refunds of the same money at the same instant. And the proof that the test can fail."""

import pytest
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Refund
from checkout.payments import refunds
from checkout.payments.refunds import RefundTooLargeError, Wanted
from stripe_standin.testing import Standin
from tests.faults.steps import TOTAL, cron, fresh, intent_of
from tests.races.together import at_once, met, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(order: Order, standin: Standin) -> Order:
    standin.pay(intent_of(order))
    cron("reconcile")
    return fresh(order)


def test_two_people_who_refund_all_of_it_at_once_give_it_back_once(
    paid: Order, alice: User, sam: User, standin: Standin
) -> None:
    results = at_once(
        *(
            lambda user=user: refunds.refund(
                paid, Wanted(TOTAL, reason=user.email), user=user, now=timezone.now()
            )
            for user in (alice, sam)
        )
    )
    assert {type(result) for result in results} == {Refund, RefundTooLargeError}
    assert [one["amount"] for one in standin.request("GET", "/v1/refunds")["data"]] == [TOTAL]
    assert (Refund.objects.get().status, refunds.left(paid)) == ("succeeded", 0)


@pytest.mark.broken_books
def test_without_the_lock_both_count_what_is_left_before_either_has_written(
    paid: Order, alice: User, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: look first, write later."""
    without_locks(monkeypatch, refunds, Order)
    # Both have counted when they come to look for a double click.
    monkeypatch.setattr(refunds, "_twin", met(refunds._twin))
    at_once(
        *(
            lambda user=user: refunds._write(
                paid, Wanted(TOTAL), user=user, actor=refunds.Actor("staff", user), now=timezone.now()
            )
            for user in (alice, sam)
        )
    )
    assert Refund.objects.count() == 2
    assert refunds.left(paid) == -TOTAL
