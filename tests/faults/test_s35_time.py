"""Time and stock: orders that run out of it, money that comes too late, and two at the same instant."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Payment
from checkout.orders.transitions import Actor
from checkout.payments import refunds
from checkout.payments.refunds import Wanted
from checkout.purchase import attention, sweeping
from shop import stock
from shop.models import CartLine, StockMovement, Variant
from stripe_standin.testing import Standin, StandinError
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.faults import acts
from tests.faults.steps import (
    TOTAL,
    at_stripe,
    close_behind_stripes_back,
    cron,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    meanwhile,
    pay_page,
    payment_of,
    place,
    run_out_of_time,
    status_page,
    trail,
)
from tests.orders import fill_cart
from tests.processes import Act, Processes
from tests.races.together import at_once

pytestmark = pytest.mark.django_db
with_real_transactions = pytest.mark.django_db(transaction=True)
SUCCEEDED = "payment_intent.succeeded"


def sold_out(variant: Variant) -> None:
    stock.set_level(variant.pk, 0, reason="Sold over the counter", now=timezone.now())


def test_s35_who_pays_a_second_after_the_hold_ran_out_is_not_charged(
    order: Order, buyer: Client, standin: Standin
) -> None:
    assert pay_page(buyer, order).status_code == 200
    run_out_of_time(order)
    assert cron("expire_orders") == [0]
    with pytest.raises(StandinError) as refused:
        standin.pay(intent_of(order))
    assert refused.value.body["error"]["code"] == "payment_intent_unexpected_state"
    assert at_stripe(standin) == [("canceled", 0)]
    page = status_page(buyer, order)
    assert "This order is closed." in page.text
    assert "You have not been charged." in page.text
    assert (fresh(order).status, Variant.objects.get().stock) == ("expired", 5)
    assert trail(order) == ["placed by customer", "payment_closed by sweep", "expired by sweep"]
    assert CartLine.objects.get().quantity == 2


def test_s35_who_pays_just_before_stripe_is_asked_to_cancel_has_paid(
    order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_out_of_time(order)
    meanwhile(monkeypatch, "cancel_intent", before=lambda: standin.pay(intent_of(order)))
    assert cron("expire_orders") == [0]
    assert (fresh(order).status, Variant.objects.get().stock) == ("paid", 3)
    assert trail(order) == ["placed by customer", "paid by sweep"]
    assert mails_of(order) == ["paid"]


def test_s36_late_money_takes_the_stock_again_and_pays(order: Order, standin: Standin) -> None:
    close_behind_stripes_back(order, timezone.now())
    assert Variant.objects.get().stock == 5
    standin.pay(intent_of(order))
    assert cron("reconcile") == [0]
    late = fresh(order)
    assert (late.status, late.needs_attention, Variant.objects.get().stock) == ("paid", "", 3)
    assert trail(order) == ["placed by customer", "expired by sweep", "paid by sweep"]
    assert mails_of(order) == ["paid"]
    assert list(StockMovement.objects.filter(reference=order.number).values_list("delta", flat=True)) == [
        -2,
        2,
        -2,
    ]


@pytest.fixture
def late(order: Order, variant: Variant, standin: Standin, sam: User) -> Order:
    """Paid after it expired and its book was sold."""
    close_behind_stripes_back(order, timezone.now())
    sold_out(variant)
    standin.pay(intent_of(order))
    assert cron("reconcile") == [0]
    return fresh(order)


def test_s37_late_money_without_stock_goes_before_staff_and_the_customer_is_told_honestly(
    late: Order, buyer: Client, standin: Standin
) -> None:
    assert (late.status, late.needs_attention) == ("expired", "late_without_stock")
    assert (stock.held(late.number), Variant.objects.get().stock) == ({}, 0)
    assert payment_of(late).amount_received == TOTAL
    assert mails_of(late) == ["attention"]
    page = status_page(buyer, late)
    assert "We have your money, but a book is gone." in page.text
    assert trail(late) == ["placed by customer", "expired by sweep", "attention by sweep"]
    assert cron() == [0, 0]
    assert trail(late)[-1] == "attention by sweep"


def test_s37_staff_are_written_to(
    order: Order, variant: Variant, standin: Standin, sam: User, django_capture_on_commit_callbacks: Any
) -> None:
    close_behind_stripes_back(order, timezone.now())
    sold_out(variant)
    standin.pay(intent_of(order))
    with django_capture_on_commit_callbacks(execute=True):
        assert hear_of(standin, SUCCEEDED) == 200
    [message] = mail.outbox
    assert message.to == ["sam@example.org"]
    assert order.number in message.subject


def test_s37_one_refund_gives_all_of_it_back_and_settles_the_matter(
    late: Order, sam: User, standin: Standin
) -> None:
    now = timezone.now()
    row = refunds.refund(late, Wanted(refunds.left(late), reason="A book is gone"), user=sam, now=now)
    attention.resolve(late, "Refunded whole", actor=Actor("staff", sam), now=now)
    assert (row.status, row.amount, refunds.left(late)) == ("succeeded", TOTAL, 0)
    assert (fresh(late).status, fresh(late).needs_attention) == ("expired", "")
    assert mails_of(late) == ["attention", "refunded"]
    stock.set_level(Variant.objects.get().pk, 9, reason="Reprinted", now=now)
    assert cron() == [0, 0]
    assert (fresh(late).status, Variant.objects.get().stock) == ("expired", 9)


@with_real_transactions
def test_s38_expiry_and_the_return_page_at_once_never_free_the_stock_of_what_is_paid(
    order: Order, alice: User, standin: Standin
) -> None:
    # Interleaved step by step, with its negative control, in tests/races/test_closing.py.
    standin.pay(intent_of(order))
    run_out_of_time(order)
    at_once(
        lambda: status_page(logged_in(alice), order),
        lambda: list(sweeping.expire(now=timezone.now(), workers=1)),
    )
    assert (fresh(order).status, Variant.objects.get().stock) == ("paid", 3)
    assert "expired" not in " ".join(trail(order))
    assert len(trail(order)) == 2
    assert mails_of(order) == ["paid"]


@with_real_transactions
def test_s39_two_crons_at_once_handle_each_order_once(standin: Standin, processes: Processes) -> None:
    # Two processes; the negative control is in tests/races/test_closing.py.
    variant = VariantFactory(price=2400, stock=20)
    for number in range(6):
        user = User.objects.create_user(f"buyer{number}@example.org")
        fill_cart(user, (variant, 1))
        assert place(logged_in(user), total=2850).status_code == 302
    paid, *unpaid = Order.objects.all()
    standin.pay(intent_of(paid))
    Order.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    crons = [Act(acts.COMMAND, {"name": name}) for name in ("expire_orders", "expire_orders", "reconcile")]
    outcomes = processes.run(*crons)
    assert [(outcome.died, outcome.error, outcome.answer) for outcome in outcomes] == [(False, "", 0)] * 3
    assert {order.status for order in map(fresh, unpaid)} == {"expired"}
    for order in unpaid:
        assert sorted(step.split()[0] for step in trail(order)) == ["expired", "payment_closed", "placed"]
    assert (fresh(paid).status, trail(paid)) == ("paid", ["placed by customer", "paid by sweep"])
    assert mails_of(paid) == ["paid"]
    assert Variant.objects.get().stock == 19
    assert StockMovement.objects.filter(reason="release").count() == 5
    assert at_stripe(standin) == [("canceled", 0)] * 5 + [("succeeded", 2850)]
    assert set(Payment.objects.values_list("status", flat=True)) == {"canceled", "succeeded"}
