"""What the pages of an order say, and which button stands there, for whatever Stripe answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout import pages, paying, words
from checkout.facts import PaymentError, PaymentMethod
from checkout.models import Order
from checkout.words import Sentence
from tests import orders
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db

SEPA = PaymentMethod("sepa_debit", "", "3201")
DEBIT_FAILED = PaymentError("debit_declined", "3201", "py_1")


@pytest.fixture
def order(alice: User) -> Order:
    return orders.place(alice, (VariantFactory(price=2100), 1), now=timezone.now())


def hear(order: Order, status: str, **changes: Any) -> Order:
    return orders.hear(order.payments.get(), status, now=timezone.now(), **changes)


def said(order: Order, *, answered: bool = True) -> Sentence:
    return words.sentence(order, paying.current(order), answered=answered)


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
    pages.complete(order)
    assert [(step.kind, step.words) for step in pages.steps(order)] == [
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
    assert words.clock(order.payments.get().asked_at) in sentence.text


def test_books_are_not_said_to_be_kept_when_their_time_is_over(order: Order) -> None:
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    order.refresh_from_db()
    assert words.kept_until(order).startswith("We kept your books until ")


@pytest.mark.parametrize(("age", "seconds"), [(5, 4), (200, 10), (86_400, 60)])
def test_the_older_the_wait_the_more_seldom_a_page_looks_again(order: Order, age: int, seconds: int) -> None:
    assert pages.seconds_to_next_look(order, now=order.placed_at + timedelta(seconds=age)) == seconds


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
    assert words.decline_notice(code) == notice
