"""Coming back from Stripe, or not: by the status page, by webhook, by the sweep, in any sequence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from checkout.models import Order, Payment
from checkout.payments import gateway
from checkout.payments.reconcile import expiry
from shop import stock
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.faults.steps import (
    INTENTS,
    at_stripe,
    cron,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    meanwhile,
    pay_page,
    payment_of,
    place,
    status_page,
    told,
    trail,
)
from tests.orders import fill_cart
from tests.webhook import SECRET, deliver

pytestmark = pytest.mark.django_db
SUCCEEDED = "payment_intent.succeeded"


def assert_paid_once(order: Order, standin: Standin, *, by: str) -> None:
    assert fresh(order).status == "paid"
    assert (payment_of(order).status, payment_of(order).amount_received) == ("succeeded", order.total)
    assert trail(order) == ["placed by customer", f"paid by {by}"]
    assert mails_of(order) == ["paid"]
    assert stock.held(order.number) == {order.lines.get().variant_id: 2}
    assert at_stripe(standin) == [("succeeded", order.total)]


def test_s19_a_forged_return_proves_nothing(
    order: Order, buyer: Client, bob: User, as_bob: Client, variant: Variant, standin: Standin
) -> None:
    fill_cart(bob, (variant, 2))
    place(as_bob)
    paid_by_bob = intent_of(Order.objects.get(user=bob))
    standin.pay(paid_by_bob)
    page = buyer.get(
        f"/checkout/{order.number}/status/?payment_intent={paid_by_bob}&redirect_status=succeeded",
        follow=True,
    )
    assert [status for _address, status in page.redirect_chain] == [302]
    assert 'data-order-status="placed"' in page.text
    assert paid_by_bob not in page.text
    assert (fresh(order).status, payment_of(order).status) == ("placed", "requires_payment_method")


def test_s20_the_return_page_first_and_then_the_webhook(
    order: Order, buyer: Client, standin: Standin
) -> None:
    standin.pay(intent_of(order))
    assert "Paid. Thank you" in status_page(buyer, order).text
    assert hear_of(standin, SUCCEEDED) == 200
    assert_paid_once(order, standin, by="return")


def test_s20_the_webhook_first_and_then_the_return_page(
    order: Order, buyer: Client, standin: Standin
) -> None:
    standin.pay(intent_of(order))
    assert hear_of(standin, SUCCEEDED) == 200
    assert "Paid. Thank you" in status_page(buyer, order).text
    assert_paid_once(order, standin, by="webhook")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_s20_the_webhook_while_the_return_page_asks_stripe(
    order: Order, buyer: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    standin.pay(intent_of(order))
    heard = meanwhile(monkeypatch, "retrieve_intent", **{moment: lambda: hear_of(standin, SUCCEEDED)})
    assert "Paid. Thank you" in status_page(buyer, order).text
    assert heard == [200]
    assert_paid_once(order, standin, by="webhook")


def test_s20_the_customer_pays_while_an_older_answer_is_on_its_way(
    order: Order, buyer: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pays() -> int:
        standin.pay(intent_of(order))
        return hear_of(standin, SUCCEEDED)

    meanwhile(monkeypatch, "retrieve_intent", after=pays)
    assert 'data-order-status="paid"' in status_page(buyer, order).text
    assert_paid_once(order, standin, by="webhook")


@pytest.mark.django_db(transaction=True)
def test_s21_a_customer_who_never_returns_is_paid_by_stripes_own_webhook(
    order: Order, standin: Standin, live_server: LiveServer
) -> None:
    standin.send_webhooks_to(f"{live_server.url}/webhooks/stripe/", SECRET)
    standin.pay(intent_of(order))
    standin.deliver()
    assert {delivery["status"] for delivery in standin.deliveries()} == {200}
    assert_paid_once(order, standin, by="webhook")
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]


def test_s22_without_webhook_and_customer_the_sweep_pays(order: Order, standin: Standin) -> None:
    standin.pay(intent_of(order))
    assert cron() == [0, 0]
    assert_paid_once(order, standin, by="sweep")
    assert cron() == [0, 0]
    assert_paid_once(order, standin, by="sweep")


# --- Every status that an intent can have ---


def declined(standin: Standin, intent: str) -> None:
    standin.pay(intent, "pm_card_visa_chargeDeclinedInsufficientFunds")


def asked_by_the_bank(standin: Standin, intent: str) -> None:
    standin.pay(intent, "pm_card_authenticationRequired", challenge="leave")


def on_its_way(standin: Standin, intent: str) -> None:
    standin.pay(intent, "pm_sepaDebit_successDelayed_at")


def set_aside(standin: Standin, intent: str) -> None:
    standin.request("POST", f"{INTENTS}/{intent}", {"capture_method": "manual"})
    standin.pay(intent)


def canceled(standin: Standin, intent: str) -> None:
    standin.request("POST", f"{INTENTS}/{intent}/cancel", {})


def nothing(_standin: Standin, _intent: str) -> None:
    """Leave the intent as it was made."""


PAY_BUTTON = "Pay €52.50</a>"


@pytest.mark.parametrize(
    ("happens", "payment_status", "order_status", "sentence", "button"),
    [
        (nothing, "requires_payment_method", "placed", "Not paid yet.", PAY_BUTTON),
        (
            declined,
            "requires_payment_method",
            "placed",
            "There is not enough money on this card.",
            PAY_BUTTON,
        ),
        (asked_by_the_bank, "requires_action", "placed", "Your bank asks if it is you.", "Go on</a>"),
        (on_its_way, "processing", "processing", "Your bank is sending the money.", ""),
        (set_aside, "requires_capture", "placed", "Your bank has set €52.50 aside.", ""),
        (canceled, "canceled", "placed", "That payment was closed.", PAY_BUTTON),
    ],
)
def test_s23_every_status_has_its_sentence_and_its_button_and_nothing_is_lost(
    order: Order,
    buyer: Client,
    standin: Standin,
    happens: Callable[[Standin, str], None],
    payment_status: str,
    order_status: str,
    sentence: str,
    button: str,
) -> None:
    happens(standin, intent_of(order))
    for _reload in range(2):
        page = status_page(buyer, order)
        assert page.status_code == 200
        assert sentence in page.text
        assert (PAY_BUTTON in page.text, "Go on</a>" in page.text) == (
            button == PAY_BUTTON,
            button == "Go on</a>",
        )
    assert (payment_of(order).status, fresh(order).status) == (payment_status, order_status)
    assert fresh(order).needs_attention == ""
    assert Variant.objects.get().stock == 3
    assert payment_of(order).intent_id in page.text


def test_s23_a_status_that_we_do_not_know_is_kept_and_goes_before_staff(
    order: Order, buyer: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gateway.retrieve_intent
    monkeypatch.setattr(gateway, "retrieve_intent", lambda intent: replace(real(intent), status="on_holiday"))
    for _reload in range(2):
        page = status_page(buyer, order)
    assert "We are checking your payment." in page.text
    assert "Please do not pay again." in page.text
    assert PAY_BUTTON not in page.text
    assert (fresh(order).status, fresh(order).needs_attention) == ("placed", "unknown_status")
    assert (payment_of(order).status, Variant.objects.get().stock) == ("on_holiday", 3)
    assert trail(order) == ["placed by customer", "attention by return"]
    assert mails_of(order) == ["attention"]


@pytest.mark.parametrize(
    "fault",
    [{"action": "status", "status": 500}, {"action": "invalid_json"}, {"action": "hang"}, {"action": "drop"}],
    ids=lambda fault: fault["action"],
)
def test_s24_while_stripe_is_down_the_status_page_tells_what_was_last_known_and_when(
    order: Order, buyer: Client, standin: Standin, impatient: None, fault: dict[str, Any]
) -> None:
    standin.add_fault(method="GET", path=f"{INTENTS}/*", times=0, **fault)
    asked = payment_of(order).asked_at
    page = status_page(buyer, order)
    assert page.status_code == 200
    assert "We could not ask Stripe just now." in page.text
    assert "the order was: Awaiting payment" in page.text
    assert "Traceback" not in page.text
    assert (fresh(order).status, payment_of(order).asked_at) == ("placed", asked)
    standin.clear_faults()
    assert "Not paid yet." in status_page(buyer, order).text


@pytest.mark.parametrize("sequence", [("failed", "succeeded"), ("succeeded", "failed")])
def test_s25_a_decline_and_then_success_on_one_intent_heard_of_in_either_sequence(
    order: Order, buyer: Client, standin: Standin, sequence: tuple[str, str]
) -> None:
    declined(standin, intent_of(order))
    standin.pay(intent_of(order))
    events = {"failed": told(standin, "payment_intent.payment_failed"), "succeeded": told(standin, SUCCEEDED)}
    assert [deliver(events[name]).status_code for name in sequence] == [200, 200]
    assert_paid_once(order, standin, by="webhook")
    assert order.payments.count() == 1


def test_s25_a_decline_that_is_heard_of_before_the_success_is_in_the_timeline(
    order: Order, buyer: Client, standin: Standin
) -> None:
    declined(standin, intent_of(order))
    assert hear_of(standin, "payment_intent.payment_failed") == 200
    assert (fresh(order).status, payment_of(order).error_code) == ("placed", "insufficient_funds")
    standin.pay(intent_of(order))
    assert hear_of(standin, SUCCEEDED) == 200
    assert trail(order) == ["placed by customer", "declined by webhook", "paid by webhook"]
    assert (fresh(order).status, payment_of(order).error_code, mails_of(order)) == ("paid", "", ["paid"])


def test_s26_a_delayed_payment_that_fails_days_later_gives_a_fresh_time_to_pay_and_a_mail(
    order: Order, buyer: Client, standin: Standin
) -> None:
    standin.pay(intent_of(order), "pm_sepaDebit_successDelayed_at")
    hear_of(standin, "payment_intent.processing")
    Order.objects.filter(pk=order.pk).update(expires_at=datetime.now(UTC) - timedelta(days=3))
    assert cron("expire_orders") == [0]
    assert (fresh(order).status, Variant.objects.get().stock) == ("processing", 3)

    standin.settle(intent_of(order), paid=False)
    before = datetime.now(UTC)
    assert hear_of(standin, "payment_intent.payment_failed") == 200
    reopened = fresh(order)
    assert (reopened.status, Variant.objects.get().stock) == ("placed", 3)
    assert expiry(before) <= reopened.expires_at <= expiry(datetime.now(UTC))
    assert trail(order) == [
        "placed by customer", "processing by webhook", "declined by webhook", "reopened by webhook",
    ]  # fmt: skip
    assert "failed" in mails_of(order)
    assert "paid" not in mails_of(order)
    assert "Your bank could not send the money." in status_page(buyer, order).text
    assert pay_page(buyer, order).status_code == 200

    Order.objects.filter(pk=order.pk).update(expires_at=before)
    assert cron("expire_orders") == [0]
    assert (fresh(order).status, Variant.objects.get().stock) == ("expired", 5)
    assert at_stripe(standin) == [("canceled", 0)]
    assert Payment.objects.get().status == "canceled"
