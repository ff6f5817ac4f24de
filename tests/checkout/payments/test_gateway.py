"""The door to Stripe, against the stand-in over HTTP, with what networks and servers do wrong."""

import logging
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from checkout.payments import gateway
from checkout.payments.gateway import StripeRefusedError, StripeUnavailableError
from checkout.payments.stripe_types import Intent, PaymentMethod
from stripe_standin.testing import Standin

pytestmark = pytest.mark.django_db
INTENTS = "/v1/payment_intents"


def create(key: str = "", **changes: Any) -> Intent:
    facts = {
        "amount": 5199,
        "currency": "eur",
        "order_number": "FQ7K-3MWD",
        "payment_id": "a-payment",
        **changes,
    }
    return gateway.create_intent(key=key or str(uuid4()), **facts)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a twentieth of the usual time, so that a test of silence is short."""
    monkeypatch.setattr(gateway, "READ_SECONDS", gateway.READ_SECONDS / 20)


def test_an_intent_is_made_for_the_orders_amount_and_names_the_order(standin: Standin) -> None:
    intent = create()
    at_stripe = standin.intent(intent.id)
    assert (at_stripe["amount"], at_stripe["currency"]) == (5199, "eur")
    assert at_stripe["metadata"] == {"order": "FQ7K-3MWD", "payment": "a-payment"}
    assert at_stripe["automatic_payment_methods"]["enabled"] is True
    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(intent.id)


def test_the_same_key_gives_the_same_intent(standin: Standin) -> None:
    assert create("one").id == create("one").id
    assert len(standin.intents()) == 1


def test_f31_what_is_replayed_under_a_key_is_asked_about_anew(standin: Standin) -> None:
    first = create("one")
    standin.pay(first.id)
    again = create("one")
    assert (first.status, again.status, again.amount_received) == (
        "requires_payment_method",
        "succeeded",
        5199,
    )
    assert again.method == PaymentMethod("card", "visa", "4242")


def test_f31_a_refund_that_is_replayed_is_asked_about_anew(standin: Standin) -> None:
    intent = create("one")
    standin.pay(intent.id, "pm_card_pendingRefund")
    refund = {"key": "back", "intent_id": intent.id, "amount": 100, "refund_id": "ours"}
    assert gateway.create_refund(**refund).status == "pending"
    standin.advance(60)
    assert gateway.create_refund(**refund).status == "succeeded"


def test_f31_a_first_answer_is_not_asked_about_again(standin: Standin) -> None:
    standin.add_fault(action="status", status=500, method="GET", path="/v1/payment_intents/*", times=0)
    assert create("one").status == "requires_payment_method"
    with pytest.raises(StripeUnavailableError):
        create("one")


def test_another_amount_under_the_same_key_is_refused(standin: Standin) -> None:
    create("one")
    with pytest.raises(StripeRefusedError):
        create("one", amount=1)


def test_a_connection_dropped_after_the_effect_makes_no_second_intent(standin: Standin) -> None:
    standin.add_fault(action="apply_then_drop", path=INTENTS)
    intent = create()
    assert [at_stripe["id"] for at_stripe in standin.intents()] == [intent.id]


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 500},
        {"action": "status", "status": 429},
        {"action": "status", "status": 409},
        {"action": "invalid_json"},
        {"action": "drop"},
        {"action": "hang"},
        {"action": "apply_then_hang"},
        {"action": "apply_then_status"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_no_useful_answer_means_that_the_outcome_is_unknown(
    standin: Standin, impatient: None, fault: dict[str, Any]
) -> None:
    standin.add_fault(path=INTENTS, times=0, **fault)
    with pytest.raises(StripeUnavailableError):
        create("one")
    standin.clear_faults()
    create("one")
    assert len(standin.intents()) == 1


def test_two_silent_attempts_leave_the_page_time_to_answer_within_twelve_seconds() -> None:
    longest_wait_between = 0.5
    attempts = gateway.RETRIES + 1
    worst = (
        attempts * (gateway.CONNECT_SECONDS + gateway.READ_SECONDS) + gateway.RETRIES * longest_wait_between
    )
    assert worst < 12


def test_a_stripe_that_cannot_be_reached_is_unavailable(standin: Standin, settings: Any) -> None:
    settings.STRIPE = replace(settings.STRIPE, api_base="http://127.0.0.1:9")
    with pytest.raises(StripeUnavailableError):
        create()


def test_a_wrong_key_is_a_refusal(standin: Standin, settings: Any) -> None:
    settings.STRIPE = replace(settings.STRIPE, secret_key="sk_live_never")
    with pytest.raises(StripeRefusedError):
        create()


def test_an_intent_that_stripe_does_not_know_is_a_refusal(standin: Standin) -> None:
    with pytest.raises(StripeRefusedError):
        gateway.retrieve_intent("pi_nobody")


def test_a_decline_is_told_with_its_code_and_card(standin: Standin) -> None:
    intent = create()
    standin.pay(intent.id, "pm_card_visa_chargeDeclinedInsufficientFunds")
    error = gateway.retrieve_intent(intent.id).error
    assert error is not None
    assert (error.code, error.last4) == ("insufficient_funds", "9995")
    assert error.reference.startswith("ch_")


def test_a_paid_intent_tells_what_was_received_and_with_what(standin: Standin) -> None:
    intent = create()
    standin.pay(intent.id)
    paid = gateway.retrieve_intent(intent.id)
    assert (paid.status, paid.amount_received, paid.error) == ("succeeded", 5199, None)
    assert paid.method == PaymentMethod("card", "visa", "4242")


def test_cancelling_a_paid_intent_returns_it_as_it_stands(standin: Standin) -> None:
    intent = create()
    standin.pay(intent.id)
    assert gateway.cancel_intent(intent.id).status == "succeeded"


def test_cancelling_twice_returns_it_as_it_stands(standin: Standin) -> None:
    intent = create()
    assert [gateway.cancel_intent(intent.id).status for _time in range(2)] == ["canceled", "canceled"]


def test_stripe_is_never_called_inside_a_transaction(standin: Standin) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction"):
        create()
    assert standin.intents() == []


def test_a_client_secret_is_in_no_log_and_no_repr(standin: Standin, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    intent = create("one")
    with pytest.raises(StripeRefusedError):
        create("one", amount=1)
    assert "_secret_" not in repr(intent)
    assert "_secret_" not in caplog.text
    assert "req_" in caplog.text
