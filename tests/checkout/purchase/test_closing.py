from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from checkout.models import Order, Payment
from checkout.orders.transitions import SWEEP
from checkout.payments import gateway, paying
from checkout.payments.stripe_types import Intent
from checkout.purchase import closing
from checkout.purchase.closing import StillBeingPaidError
from shop import stock
from shop.models import Cart, Variant
from tests.factories import VariantFactory
from tests.orders import NOW, hear, place

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(alice: User, standin: Any) -> Order:
    order = place(alice, (VariantFactory(stock=5), 2))
    paying.start(order.payments.get(), actor=SWEEP, now=NOW)
    return order


def test_an_expired_order_is_cancelled_at_stripe_and_gives_its_stock_back(order: Order, standin: Any) -> None:
    closing.expire(order, actor=SWEEP, now=LATER)
    payment = order.payments.get()
    assert standin.intent(payment.intent_id)["status"] == "canceled"
    assert (order.status, payment.status) == ("expired", "canceled")
    assert Variant.objects.get().stock == 5
    assert Cart.objects.get().held_by == ""


def test_an_order_paid_meanwhile_is_not_expired(order: Order, standin: Any) -> None:
    standin.pay(order.payments.get().intent_id)
    with pytest.raises(StillBeingPaidError):
        closing.expire(order, actor=SWEEP, now=LATER)
    assert Order.objects.get().status == "paid"
    assert stock.held(order.number)


def test_an_order_whose_intent_was_never_heard_of_leaves_none_behind(alice: User, standin: Any) -> None:
    order = place(alice, (VariantFactory(), 1))
    closing.expire(order, actor=SWEEP, now=LATER)
    assert [intent["status"] for intent in standin.intents()] == ["canceled"]


def test_expiring_twice_gives_the_stock_back_once(order: Order) -> None:
    closing.expire(order, actor=SWEEP, now=LATER)
    closing.expire(Order.objects.get(), actor=SWEEP, now=LATER)
    assert Variant.objects.get().stock == 5
    assert order.timeline.filter(kind="expired").count() == 1


def test_while_stripe_does_not_answer_the_order_stays_as_it_is(order: Order, standin: Any) -> None:
    standin.add_fault(action="status", status=500, times=0, path="/v1/payment_intents/*/cancel")
    with pytest.raises(gateway.StripeUnavailableError):
        closing.expire(order, actor=SWEEP, now=LATER)
    assert Order.objects.get().status == "placed"
    assert stock.held(order.number)


def test_an_order_whose_money_is_on_its_way_is_not_closed(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(order.payments.get(), "processing")
    order.refresh_from_db()
    monkeypatch.setattr(gateway, "cancel_intent", lambda _id: pytest.fail("not while it is processing"))
    with pytest.raises(StillBeingPaidError):
        closing.cancel(order, actor=SWEEP, now=LATER)
    assert Order.objects.get().status == "processing"


def test_an_attempt_that_began_while_the_order_was_closed_is_closed_with_it(
    order: Order, monkeypatch: pytest.MonkeyPatch, standin: Any
) -> None:
    real_cancel, calls = gateway.cancel_intent, []

    def cancel_then_customer_reloads(intent_id: str) -> Intent:
        intent = real_cancel(intent_id)
        calls.append(intent_id)
        if len(calls) == 1:
            Payment.objects.filter(intent_id=intent_id).update(status="canceled")
            attempt = paying.attempt(Order.objects.get(), now=LATER)
            assert attempt is not None
            paying.start(attempt, actor=SWEEP, now=LATER)
        return intent

    monkeypatch.setattr(gateway, "cancel_intent", cancel_then_customer_reloads)
    closing.expire(order, actor=SWEEP, now=LATER)
    assert Order.objects.get().status == "expired"
    assert {intent["status"] for intent in standin.intents()} == {"canceled"}
    assert len(calls) == 2
