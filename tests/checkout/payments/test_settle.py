"""What an answer of Stripe's does to payment, order, stock, cart, timeline and mails."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from checkout.models import Mail, Order, Payment, Timeline
from checkout.orders import transitions
from checkout.orders.transitions import CUSTOMER_RETURNS, StaleOrderError
from checkout.payments import answers, gateway
from checkout.payments.reconcile import settle
from checkout.payments.stripe_types import Intent, PaymentError
from shop import stock
from shop.cart import review as reviews
from shop.models import Cart, Variant
from tests.factories import VariantFactory
from tests.orders import DECLINED, NOW, hear, intent_for, pay, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2000, stock=5)


@pytest.fixture
def order(alice: User, variant: Variant) -> Order:
    return place(alice, (variant, 2))


def kinds(order: Order) -> list[str]:
    return list(order.timeline.values_list("kind", flat=True))


def close(order: Order, status: str) -> None:
    """End an order as the sweep does, with Stripe's word that nothing can come any more."""
    hear(order.payments.get(), "canceled")
    order.refresh_from_db()
    transitions.move(order, status, status, actor=transitions.SWEEP, now=NOW)
    stock.give_back(order.number, reason=stock.Reason.RELEASE, now=NOW)


def test_a_payment_that_agrees_pays_the_order_once(order: Order) -> None:
    payment = order.payments.get()
    for _time in range(3):
        hear(payment)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, order.paid_at) == ("paid", NOW)
    assert (payment.status, payment.amount_received, payment.method_last4) == ("succeeded", 4450, "4242")
    assert kinds(order) == ["placed", "paid"]
    assert Mail.objects.filter(order=order).count() == 1


def test_a_paid_order_sends_one_confirmation_with_what_was_bought(
    order: Order, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        pay(order)
    message = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert message.to == ["alice@example.org"]
    assert order.number in message.body
    assert order.lines.get().title in message.body
    assert "€44.50" in message.body
    assert Mail.objects.get().sent_at


def test_a_mail_server_that_is_down_does_not_touch_the_order(
    order: Order, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with django_capture_on_commit_callbacks(execute=True):
        assert pay(order).status == "paid"
    assert Mail.objects.get().sent_at is None


def test_a_decline_keeps_the_order_open_and_is_told_once(order: Order) -> None:
    payment = order.payments.get()
    for _time in range(2):
        hear(payment, "requires_payment_method", error=DECLINED)
    order.refresh_from_db()
    payment.refresh_from_db()
    assert (order.status, payment.error_code) == ("placed", "insufficient_funds")
    assert kinds(order) == ["placed", "declined"]


def test_two_declines_of_different_attempts_are_both_told(order: Order) -> None:
    for charge in ("ch_1", "ch_2"):
        error = PaymentError("generic_decline", "0002", charge)
        hear(order.payments.get(), "requires_payment_method", error=error)
    assert kinds(order) == ["placed", "declined", "declined"]


def test_success_after_a_decline_pays_in_whichever_order_it_is_heard(order: Order) -> None:
    payment = order.payments.get()
    hear(payment, now=NOW)
    hear(payment, "requires_payment_method", error=DECLINED, now=NOW + timedelta(seconds=1))
    payment.refresh_from_db()
    assert (Order.objects.get().status, payment.status, payment.amount_received) == (
        "paid",
        "succeeded",
        4450,
    )


def test_an_answer_to_an_older_question_never_replaces_a_newer_one(order: Order) -> None:
    payment = order.payments.get()
    hear(payment, "processing", now=NOW + timedelta(seconds=5))
    answers.record_answer(
        payment, intent_for(payment, "requires_payment_method"), asked_at=NOW, actor=CUSTOMER_RETURNS
    )
    assert Payment.objects.get().status == "processing"


def test_canceled_counts_though_an_answer_from_before_it_was_asked_for_later(order: Order) -> None:
    # Two sweeps at once: one cancels; the other asks a moment after, is answered a moment before, and writes first.
    payment = order.payments.get()
    hear(payment, "requires_payment_method", now=NOW + timedelta(seconds=1))
    hear(payment, "canceled", now=NOW)
    payment.refresh_from_db()
    assert (payment.status, kinds(order)) == ("canceled", ["placed", "payment_closed"])


def test_money_on_its_way_keeps_the_stock_and_empties_the_cart(order: Order, variant: Variant) -> None:
    assert hear(order.payments.get(), "processing").status == "processing"
    assert stock.held(order.number) == {variant.pk: 2}
    assert reviews.of_cart(Cart.objects.get()).count == 0


def test_a_delayed_payment_that_fails_gives_a_fresh_time_to_pay(order: Order) -> None:
    payment = order.payments.get()
    hear(payment, "processing")
    later = NOW + timedelta(days=3)
    reopened = hear(payment, "requires_payment_method", error=DECLINED, now=later)
    assert (reopened.status, reopened.expires_at) == ("placed", later + timedelta(minutes=30))
    assert kinds(order) == ["placed", "processing", "declined", "reopened"]


def test_a_reopened_order_does_not_stand_in_the_way_of_a_new_one_of_the_same_cart(
    order: Order, alice: User
) -> None:
    payment = order.payments.get()
    hear(payment, "processing")
    second = place(alice, (VariantFactory(), 1))
    hear(payment, "requires_payment_method", now=NOW + timedelta(days=3))
    assert set(Order.objects.filter(status="placed")) == {Order.objects.get(pk=order.pk), second}


def test_money_that_does_not_match_is_recorded_and_never_pays(order: Order) -> None:
    payment = order.payments.get()
    flagged = hear(payment, amount_received=100)
    payment.refresh_from_db()
    assert (flagged.status, flagged.needs_attention) == ("placed", "amount_differs")
    assert (payment.status, payment.amount_received) == ("succeeded", 100)
    assert kinds(order) == ["placed", "attention"]


def test_the_same_reason_is_put_before_staff_once(order: Order) -> None:
    for _time in range(3):
        hear(order.payments.get(), "paused")
    assert kinds(order) == ["placed", "attention"]


@pytest.mark.parametrize("closed", ["expired", "cancelled"])
def test_late_money_takes_the_stock_again_and_pays(order: Order, variant: Variant, closed: str) -> None:
    payment = order.payments.get()
    close(order, closed)
    assert stock.held(order.number) == {}
    late = hear(payment, now=NOW + timedelta(hours=1))
    assert (late.status, late.needs_attention) == ("paid", "")
    assert stock.held(order.number) == {variant.pk: 2}


def test_late_money_for_a_book_that_is_gone_goes_before_staff_and_holds_nothing(
    order: Order, variant: Variant, bob: User
) -> None:
    payment = order.payments.get()
    close(order, "expired")
    pay(place(bob, (variant, 4)))
    late = hear(payment, now=NOW + timedelta(hours=1))
    assert (late.status, late.needs_attention, late.paid_at) == ("expired", "late_without_stock", None)
    assert stock.held(order.number) == {}
    assert Variant.objects.get(pk=variant.pk).stock == 1
    assert not Mail.objects.filter(order=order, kind="paid").exists()


def test_late_money_for_a_book_that_was_deleted_goes_before_staff(order: Order, variant: Variant) -> None:
    payment = order.payments.get()
    close(order, "expired")
    variant.product.delete()
    assert hear(payment).needs_attention == "late_without_stock"


def test_an_open_payment_of_a_closed_order_is_cancelled_at_stripe(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = order.payments.get()
    hear(payment, "requires_payment_method")
    order.refresh_from_db()
    transitions.move(order, "expired", "expired", actor=transitions.SWEEP, now=NOW)
    stock.give_back(order.number, reason=stock.Reason.RELEASE, now=NOW)
    asked: list[str] = []

    def cancel(intent_id: str) -> Intent:
        asked.append(intent_id)
        return intent_for(payment, "canceled")

    monkeypatch.setattr(gateway, "cancel_intent", cancel)
    hear(payment, "requires_payment_method")
    payment.refresh_from_db()
    assert (asked, payment.status) == ([payment.intent_id], "canceled")


def test_a_payment_closed_at_stripe_leaves_the_order_open(order: Order) -> None:
    assert hear(order.payments.get(), "canceled").status == "placed"
    assert Payment.objects.get().status == "canceled"


def test_success_is_believed_even_after_canceled_was_heard(order: Order) -> None:
    payment = order.payments.get()
    hear(payment, "canceled", now=NOW + timedelta(seconds=9))
    assert hear(payment, "succeeded").status == "paid"


def test_a_second_payment_of_a_paid_order_goes_before_staff(order: Order) -> None:
    hear(order.payments.get(), "canceled")
    second = Payment.objects.create(order=order, amount=order.total, currency="eur", created_at=NOW)
    hear(second)
    first = order.payments.exclude(pk=second.pk).get()
    assert hear(first).needs_attention == "paid_twice"
    assert Payment.objects.filter(status="succeeded").count() == 2


def test_a_move_from_a_state_that_is_no_longer_so_is_refused(order: Order) -> None:
    stale = Order.objects.get(pk=order.pk)
    pay(order)
    with pytest.raises(StaleOrderError):
        transitions.move(stale, "expired", "expired", actor=transitions.SWEEP, now=NOW)
    assert kinds(order) == ["placed", "paid"]


def test_a_move_that_no_order_makes_is_refused(order: Order) -> None:
    with pytest.raises(ValueError, match="placed to delivered"):
        transitions.move(order, "delivered", "paid", actor=transitions.SWEEP, now=NOW)


def test_every_state_can_be_reached_and_every_move_leads_to_a_state() -> None:
    targets = set().union(*transitions.MOVES.values())
    assert targets | {"placed"} == set(Order.Status.values) == set(transitions.MOVES)


def test_settling_looks_again_when_somebody_else_moved_the_order(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = order.payments.get()
    real_move, calls = transitions.move, []

    def move_after_another(moved: Order, to: str, *args: Any, **kwargs: Any) -> None:
        calls.append(to)
        if len(calls) == 1:  # the webhook is a step ahead of the status page
            theirs = Payment.objects.get(pk=payment.pk)
            settle(theirs, intent_for(theirs), actor=CUSTOMER_RETURNS, now=NOW)
        real_move(moved, to, *args, **kwargs)

    monkeypatch.setattr(transitions, "move", move_after_another)
    hear(payment)
    assert kinds(order) == ["placed", "paid"]
    assert Timeline.objects.filter(kind="paid").count() == 1
