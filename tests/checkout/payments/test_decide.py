"""The payment policy, cell by cell: what Stripe says × where the order is."""

from dataclasses import replace
from uuid import uuid4

import pytest

from checkout.models import Attention, Order, Payment
from checkout.payments.reconcile import TABLE, UNFINISHED, Decision, Verdict, decide
from checkout.payments.stripe_types import Intent

OPEN = ["placed", "processing"]
PAID = ["paid", "shipped", "delivered"]
CLOSED = ["cancelled", "expired"]


def an_order(status: str) -> tuple[Order, Payment, Intent]:
    order = Order(pk=1, number="FQ7K-3MWD", status=status, total=5199, currency="eur")
    payment = Payment(
        pk=uuid4(), order=order, status="succeeded", amount=5199, currency="eur", intent_id="pi_1"
    )
    intent = Intent(
        id="pi_1",
        status="succeeded",
        amount=5199,
        amount_received=5199,
        currency="eur",
        livemode=False,
        order_number=order.number,
        payment_id=str(payment.pk),
        client_secret="",
        error=None,
        method=None,
    )
    return order, payment, intent


def verdict(order_status: str, intent_status: str, **changes: object) -> Decision:
    order, payment, intent = an_order(order_status)
    received = intent.amount if intent_status == "succeeded" else 0
    intent = replace(intent, status=intent_status, amount_received=received)
    return decide(order, payment, replace(intent, **changes), livemode=False)


def test_every_order_status_stands_in_one_column() -> None:
    assert sorted(OPEN + PAID + CLOSED) == sorted(Order.Status.values)


@pytest.mark.parametrize("status", OPEN)
def test_money_that_agrees_pays_an_open_order(status: str) -> None:
    assert verdict(status, "succeeded") == Decision(Verdict.PAY)


@pytest.mark.parametrize("status", PAID)
def test_money_that_agrees_changes_nothing_about_a_paid_order(status: str) -> None:
    assert verdict(status, "succeeded") == Decision(Verdict.NOTHING)


@pytest.mark.parametrize("status", CLOSED)
def test_late_money_takes_the_stock_of_a_closed_order_again(status: str) -> None:
    assert verdict(status, "succeeded") == Decision(Verdict.PAY_LATE)


DISAGREEMENTS = [
    ({"amount_received": 5198}, Attention.AMOUNT_DIFFERS),
    ({"amount": 100, "amount_received": 100}, Attention.AMOUNT_DIFFERS),
    ({"currency": "usd"}, Attention.CURRENCY_DIFFERS),
    ({"livemode": True}, Attention.MODE_DIFFERS),
    ({"order_number": "ZZZZ-ZZZZ"}, Attention.METADATA_DIFFERS),
    ({"payment_id": str(uuid4())}, Attention.METADATA_DIFFERS),
]


@pytest.mark.parametrize("status", Order.Status.values)
@pytest.mark.parametrize(("changes", "reason"), DISAGREEMENTS)
def test_money_that_disagrees_never_pays_and_goes_before_staff(
    status: str, changes: dict[str, object], reason: Attention
) -> None:
    assert verdict(status, "succeeded", **changes) == Decision(Verdict.ATTENTION, reason)


@pytest.mark.parametrize("status", Order.Status.values)
def test_a_second_payment_of_the_same_order_goes_before_staff(status: str) -> None:
    order, payment, intent = an_order(status)
    decision = decide(order, payment, intent, livemode=False, paid_by_another=True)
    assert decision == Decision(Verdict.ATTENTION, Attention.PAID_TWICE)


@pytest.mark.parametrize("status", OPEN)
def test_money_on_its_way_keeps_an_open_order_from_expiring(status: str) -> None:
    assert verdict(status, "processing") == Decision(Verdict.PROCESS)


@pytest.mark.parametrize("status", PAID)
def test_an_old_processing_changes_nothing_about_a_paid_order(status: str) -> None:
    assert verdict(status, "processing") == Decision(Verdict.NOTHING)


@pytest.mark.parametrize("status", CLOSED)
def test_money_on_its_way_to_a_closed_order_goes_before_staff(status: str) -> None:
    assert verdict(status, "processing") == Decision(Verdict.ATTENTION, Attention.MONEY_AFTER_CLOSE)


@pytest.mark.parametrize("stripe", sorted(UNFINISHED))
@pytest.mark.parametrize("status", OPEN)
def test_an_unfinished_payment_leaves_an_open_order_open(status: str, stripe: str) -> None:
    assert verdict(status, stripe) == Decision(Verdict.KEEP_OPEN)


@pytest.mark.parametrize("stripe", sorted(UNFINISHED))
@pytest.mark.parametrize("status", PAID)
def test_an_old_unfinished_answer_changes_nothing_about_a_paid_order(status: str, stripe: str) -> None:
    assert verdict(status, stripe) == Decision(Verdict.NOTHING)


@pytest.mark.parametrize("stripe", sorted(UNFINISHED))
@pytest.mark.parametrize("status", CLOSED)
def test_an_unfinished_payment_of_a_closed_order_is_cancelled_at_stripe(status: str, stripe: str) -> None:
    assert verdict(status, stripe) == Decision(Verdict.CANCEL_INTENT)


@pytest.mark.parametrize("status", OPEN)
def test_a_cancelled_payment_leaves_an_open_order_to_be_paid_anew(status: str) -> None:
    assert verdict(status, "canceled") == Decision(Verdict.CLOSE_PAYMENT)


@pytest.mark.parametrize("status", PAID)
def test_a_payment_that_stripe_closed_after_it_paid_goes_before_staff(status: str) -> None:
    assert verdict(status, "canceled") == Decision(Verdict.ATTENTION, Attention.CLOSED_AFTER_PAID)


@pytest.mark.parametrize("status", PAID)
def test_an_earlier_cancelled_attempt_changes_nothing_about_a_paid_order(status: str) -> None:
    order, payment, intent = an_order(status)
    payment.status = "canceled"
    cancelled = replace(intent, status="canceled", amount_received=0)
    assert decide(order, payment, cancelled, livemode=False) == Decision(Verdict.NOTHING)


@pytest.mark.parametrize("status", CLOSED)
def test_a_cancelled_payment_of_a_closed_order_is_as_it_should_be(status: str) -> None:
    assert verdict(status, "canceled") == Decision(Verdict.NOTHING)


@pytest.mark.parametrize("stripe", ["paused", "", "disagrees", "unfinished"])
@pytest.mark.parametrize("status", Order.Status.values)
def test_a_word_that_we_do_not_know_goes_before_staff(status: str, stripe: str) -> None:
    assert verdict(status, stripe) == Decision(Verdict.ATTENTION, Attention.UNKNOWN_STATUS)


def test_the_table_has_three_columns_in_every_row() -> None:
    assert {len(row) for row in TABLE.values()} == {3}
