"""Creating the intent. What happens when the process is killed meanwhile: test_s12_killed.py."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import User
from checkout.models import Order, Payment
from checkout.payments import gateway, limits
from config import stripe_keys
from shop.models import CartLine
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.faults.steps import (
    INTENTS,
    at_stripe,
    fresh,
    intent_of,
    mails_of,
    pay_page,
    payment_of,
    place,
    status_page,
    trail,
)
from tests.orders import fill_cart

pytestmark = pytest.mark.django_db


def test_s11_stripe_was_silent_but_did_create_and_a_reload_finds_the_same_intent(
    buyer: Client, standin: Standin, impatient: None
) -> None:
    standin.add_fault(action="apply_then_hang", path=INTENTS, times=0)
    place(buyer)
    order = Order.objects.get()
    assert (payment_of(order).status, payment_of(order).intent_id) == ("unknown", "")
    assert at_stripe(standin) == [("requires_payment_method", 0)]
    standin.clear_faults()
    page = pay_page(buyer, order)
    [intent] = standin.intents()
    assert intent["client_secret"] in page.text
    assert payment_of(order).intent_id == intent["id"]


FAULTS = [
    {"action": "status", "status": 500},
    {"action": "status", "status": 429},
    {"action": "status", "status": 409},
    {"action": "invalid_json"},
    {"action": "hang"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_s14_while_stripe_gives_no_useful_answer_the_pay_page_says_try_again(
    buyer: Client, standin: Standin, impatient: None, fault: dict[str, Any]
) -> None:
    standin.add_fault(path=INTENTS, times=0, **fault)
    place(buyer)
    order = Order.objects.get()
    for _reload in range(2):
        page = pay_page(buyer, order)
        assert (page.status_code, page["Retry-After"]) == (503, "5")
        assert "Try again in a moment; you cannot be charged twice." in page.text
    payment = Payment.objects.get()
    assert (payment.status, payment.intent_id, fresh(order).status) == ("unknown", "", "placed")
    # Three looks; each asks twice at most, which is what keeps a page within twelve seconds.
    assert standin.faults()[0]["used"] <= 3 * (gateway.RETRIES + 1)
    standin.clear_faults()
    cache.clear()  # as after the pause in which a silent Stripe is left alone
    assert pay_page(buyer, order).status_code == 200
    assert len(standin.intents()) == 1


def test_s14_two_silent_tries_are_over_within_twelve_seconds() -> None:
    tries = gateway.RETRIES + 1
    assert tries * (gateway.CONNECT_SECONDS + gateway.READ_SECONDS) + gateway.RETRIES * 0.5 < 12


def test_s15_with_a_key_that_stripe_refuses_the_operator_is_told_and_the_order_kept(
    buyer: Client, standin: Standin, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STRIPE = replace(settings.STRIPE, secret_key="sk_live_of_another_account")
    gateway._client.cache_clear()
    place(buyer)
    order = Order.objects.get()
    page = pay_page(buyer, order)
    assert page.status_code == 503
    assert "Payments are down." in page.text
    assert "sk_live" not in page.text + caplog.text
    assert any(record.levelno >= logging.ERROR for record in caplog.records)
    assert (fresh(order).status, payment_of(order).status) == ("placed", "unknown")


@pytest.mark.parametrize(
    ("secret", "publishable"),
    [("sk_test_1", "pk_live_1"), ("sk_live_1", "pk_test_1"), ("", "pk_test_1"), ("pk_test_1", "sk_test_1")],
)
def test_s15_keys_that_do_not_fit_together_stop_the_start(secret: str, publishable: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STRIPE_"):
        stripe_keys.check(
            secret_key=secret,
            publishable_key=publishable,
            api_base=stripe_keys.STRIPE_API_BASE,
            js_url=stripe_keys.STRIPE_JS_URL,
            debug=False,
            rate_limits=True,
        )


def test_s16_a_cart_changed_in_another_tab_is_told_and_the_frozen_order_is_paid(
    order: Order, buyer: Client, alice: User, standin: Standin
) -> None:
    other = VariantFactory(price=1000)
    bought = order.lines.get().variant
    fill_cart(alice, (other, 1), (bought, 1))
    assert "Your cart has changed" in pay_page(buyer, order).text
    standin.pay(intent_of(order))
    assert "Paid. Thank you" in status_page(buyer, order).text
    assert [(line.variant, line.quantity) for line in order.lines.all()] == [(bought, 2)]
    assert standin.intents()[0]["amount_received"] == order.total
    assert sorted(CartLine.objects.values_list("variant", "quantity")) == sorted(
        [(other.pk, 1), (bought.pk, 1)]
    )


def test_s17_an_intent_cancelled_in_the_dashboard_makes_room_for_a_new_attempt(
    order: Order, buyer: Client, standin: Standin
) -> None:
    first = payment_of(order)
    standin.request("POST", f"{INTENTS}/{first.intent_id}/cancel", {})
    page = buyer.get(f"/checkout/{order.number}/pay/", follow=True)
    first.refresh_from_db()
    second = order.payments.exclude(pk=first.pk).get()
    assert (page.status_code, first.status, second.status) == (200, "canceled", "requires_payment_method")
    assert second.intent_id != first.intent_id
    assert standin.intent(second.intent_id)["metadata"]["payment"] == str(second.pk)
    assert standin.intent(second.intent_id)["client_secret"] in page.text
    standin.pay(second.intent_id)
    status_page(buyer, order)
    assert (fresh(order).status, mails_of(order)) == ("paid", ["paid"])
    assert trail(order) == ["placed by customer", "payment_closed by customer", "paid by return"]


@pytest.fixture
def limited(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits in force, in one long minute: a real one might end in the middle of the test."""
    settings.RATE_LIMITS = True
    long = {
        name: tuple(replace(limit, seconds=10**10) for limit in getattr(limits.OF_ACCOUNTS, name))
        for name in ("placing", "paying")
    }
    monkeypatch.setattr(limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, **long))


def test_s18_fifty_pay_pages_within_a_minute_are_too_many_and_make_no_more_intents(
    order: Order, buyer: Client, standin: Standin, limited: None
) -> None:
    answers = [pay_page(buyer, order) for _look in range(50)]
    assert (answers[0].status_code, answers[-1].status_code) == (200, 429)
    assert "Too many tries." in answers[-1].text
    assert int(answers[-1]["Retry-After"]) >= 1
    assert (len(standin.intents()), fresh(order).status) == (1, "placed")


def test_s18_too_many_orders_within_a_minute_are_refused_and_reach_nobody(
    buyer: Client, standin: Standin, limited: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = tuple(replace(limit, most=3) for limit in limits.OF_ACCOUNTS.placing)
    monkeypatch.setattr(limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, placing=three))
    answers = [place(buyer, line1=f"Oudegracht {number}") for number in range(5)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429, 429]
    assert "Your cart and your orders are kept." in answers[-1].text
    assert len(standin.intents()) == Order.objects.count() == 3
    assert Order.objects.filter(status="placed").count() == 1
