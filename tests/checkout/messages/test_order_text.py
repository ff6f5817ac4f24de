"""What the pages of an order say, and which button stands there, for whatever Stripe answers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from checkout.messages import order_text
from checkout.messages.order_text import Sentence
from checkout.models import Order
from checkout.orders import transitions
from checkout.orders.transitions import CUSTOMER, Kind
from checkout.pages import presentation
from checkout.payments import paying
from checkout.payments.reconcile import settle
from checkout.payments.stripe_types import PaymentError, PaymentMethod
from tests import orders
from tests.factories import VariantFactory
from tests.orders import write_refund

pytestmark = pytest.mark.django_db

SEPA = PaymentMethod("sepa_debit", "", "3201")
DEBIT_FAILED = PaymentError("debit_declined", "3201", "py_1")


@pytest.fixture
def order(alice: User) -> Order:
    return orders.place(alice, (VariantFactory(price=2100), 1), now=timezone.now())


def hear(order: Order, status: str, **changes: Any) -> Order:
    return orders.hear(order.payments.get(), status, now=timezone.now(), **changes)


def said(order: Order, *, answered: bool = True) -> Sentence:
    return order_text.sentence(order, order.current_payment, answered=answered)


@pytest.mark.parametrize(
    ("status", "changes", "heading", "pay"),
    [
        ("requires_payment_method", {}, "Not paid yet.", "Pay €25.50"),
        ("requires_payment_method", {"error": orders.DECLINED}, "There is not enough money on this card.", "Pay €25.50"),
        ("requires_confirmation", {}, "Not paid yet.", "Pay €25.50"),
        ("requires_action", {}, "Your bank asks if it is you.", "Go on"),
        ("requires_capture", {}, "Your bank has set €25.50 aside.", ""),
        ("canceled", {}, "That payment was closed.", "Pay €25.50"),
        ("processing", {"method": SEPA}, "Your bank is sending the money.", ""),
        ("succeeded", {}, "Paid. Thank you, Alice.", ""),
        ("succeeded", {"amount_received": 12}, "We are checking your payment.", ""),
        ("daydreaming", {}, "We are checking your payment.", ""),
    ],
)  # fmt: skip
def test_an_open_order_says_where_the_money_is(
    order: Order, status: str, changes: dict[str, Any], heading: str, pay: str
) -> None:
    sentence = said(hear(order, status, **changes))
    assert (sentence.heading, sentence.pay) == (heading, pay)
    warns = "Please do not pay again." in sentence.text
    assert warns == (status in {"requires_capture", "daydreaming"} or "amount_received" in changes)


def test_only_an_answer_that_may_change_by_itself_is_looked_for_again(order: Order) -> None:
    assert not said(hear(order, "requires_payment_method")).look_again
    assert said(order, answered=False).look_again
    assert said(hear(order, "processing", method=SEPA)).look_again
    assert not said(hear(order, "succeeded")).look_again


def test_a_delayed_payment_that_came_back_is_no_declined_card(order: Order) -> None:
    hear(order, "processing", method=SEPA)
    order = hear(order, "requires_payment_method", error=DEBIT_FAILED)
    sentence = said(order)
    assert sentence.heading == "Your bank could not send the money."
    assert sentence.text.endswith("Please pay another way.")
    presentation.complete(order)
    assert [(step.kind, step.words) for step in presentation.steps(order)] == [
        ("done", "You placed the order"),
        ("done", "Your bank is sending the money"),
        ("bad", "Your bank could not send the money"),
        ("now", "We are waiting for your payment"),
        ("todo", "Paid"),
    ]


def test_without_an_answer_the_last_one_is_told_with_its_time(order: Order) -> None:
    order = hear(order, "requires_payment_method")
    sentence = said(order, answered=False)
    assert sentence.heading == "We could not ask Stripe just now."
    assert order_text.clock(order.payments.get().asked_at) in sentence.text


def test_books_are_not_said_to_be_kept_when_their_time_is_over(order: Order) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    order.refresh_from_db()
    assert order_text.kept_until(order).startswith("We kept your books until ")


@pytest.mark.parametrize(("age", "seconds"), [(5, 4), (200, 10), (86_400, 60)])
def test_the_older_the_wait_the_more_seldom_a_page_looks_again(order: Order, age: int, seconds: int) -> None:
    assert presentation.seconds_to_next_look(order, now=order.placed_at + timedelta(seconds=age)) == seconds


def test_the_page_of_an_order_offers_what_can_be_done_with_it(order: Order, as_alice: Client) -> None:
    def page() -> str:
        return as_alice.get(order.get_absolute_url()).text

    assert "Pay €25.50" in page()
    hear(order, "processing", method=SEPA)
    assert "Where is the money?" in page()
    assert "SEPA debit from an account ending 3201" in page()
    hear(order, "succeeded")
    assert "Where is the money?" not in page()
    assert "Pay €25.50" not in page()
    assert "Paid with Visa ending 4242" in page()


@pytest.mark.parametrize(
    ("code", "notice"),
    [
        ("generic_decline", "Your card was declined. Try another card, or another way to pay. You have not been charged."),
        ("stolen_card", "Your card was declined. Try another card, or another way to pay. You have not been charged."),
        ("expired_card", "This card is out of date. You have not been charged."),
        (
            "payment_intent_authentication_failure",
            "Your bank did not confirm it was you. Try again, or use another card. You have not been charged.",
        ),
    ],
)  # fmt: skip
def test_a_decline_ends_with_where_the_money_is(code: str, notice: str) -> None:
    assert order_text.decline_notice(code) == notice


def refunded(order: Order, amount: int, status: str = "succeeded", **changes: Any) -> None:
    """Write down a refund of the day before yesterday's noon."""
    facts = {"refund_id": f"re_{amount}", "created_at": timezone.now() - timedelta(days=2), **changes}
    payment = order.payments.get()
    write_refund(order=order, payment=payment, amount=amount, currency="eur", status=status, **facts)


def page_text(client: Client, url: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", client.get(url).content.decode()))


def test_what_went_back_stands_beside_the_state_with_its_sum_and_day(as_alice: Client, order: Order) -> None:
    hear(order, "succeeded")
    refunded(order, 500)
    day = date_format(timezone.localtime(timezone.now() - timedelta(days=2)), "j F")
    page = page_text(as_alice, order.get_absolute_url())
    assert "Paid Partly refunded" in page
    assert f"€5.00 went back to you on {day}." in page
    assert "Paid Partly refunded" in page_text(as_alice, "/orders/")


def test_all_that_went_back_is_said_and_nothing_is_packed_any_more(as_alice: Client, order: Order) -> None:
    hear(order, "succeeded")
    refunded(order, 500)
    refunded(order, 2050)
    page = page_text(as_alice, order.get_absolute_url())
    assert "Paid Refunded" in page
    assert "We are packing it" not in page
    assert "Paid Refunded" in page_text(as_alice, "/orders/")


@pytest.mark.parametrize(
    ("status", "changes", "tag", "words_then"),
    [
        ("pending", {}, "Partly refunded", ["€5.00 is on its way back to you."]),
        ("failed", {}, None, []),
        ("unknown", {"refund_id": ""}, None, []),
    ],
)
def test_only_what_stripe_has_made_is_told(
    order: Order, status: str, changes: dict[str, str], tag: str | None, words_then: list[str]
) -> None:
    paid = hear(order, "succeeded")
    refunded(paid, 500, status, **changes)
    shown = order_text.refund_tag(paid)
    assert (shown.word if shown else None) == tag
    assert order_text.refunded(paid) == words_then


def test_of_an_order_paid_twice_one_payment_given_back_is_a_part(order: Order) -> None:
    paid = hear(order, "succeeded")
    second = paying.new_payment(paid, now=timezone.now())
    settle(second, orders.intent_for(second), actor=CUSTOMER, now=timezone.now())
    write_refund(
        order=paid, payment=second, refund_id="re_1", amount=2550, currency="eur", status="succeeded",
        created_at=timezone.now(),
    )  # fmt: skip
    shown = order_text.refund_tag(paid)
    assert shown
    assert shown.word == "Partly refunded"


def test_the_steps_tell_what_came_of_a_refund_and_not_what_staff_did(order: Order) -> None:
    paid = hear(order, "succeeded")
    now = timezone.now()
    money = {"amount": 500, "currency": "eur", "reason": "Torn"}

    def told() -> list[str]:
        return [step.words for step in presentation.steps(Order.objects.get(pk=order.pk))]

    for kind in (Kind.REFUND_STARTED, Kind.REFUND_FAILED, Kind.DISPUTED, Kind.DISPUTE_CLOSED, Kind.RESOLVED):
        transitions.note(paid, kind, actor=CUSTOMER, now=now, data=money)
    before = told()
    assert not any("€5.00" in words_said or "isput" in words_said for words_said in before)
    transitions.note(paid, Kind.REFUNDED, actor=CUSTOMER, now=now, data=money)
    transitions.note(paid, Kind.REFUND_FAILED, actor=CUSTOMER, now=now, data=money)
    assert "€5.00 went back to you" in told()
    assert "€5.00 did not reach you; we are looking at it" in told()
    transitions.note(paid, Kind.SHIPPED, actor=CUSTOMER, now=now, data={"tracking": "3SABC"})
    assert "Sent, with the carrier’s number 3SABC" in told()
