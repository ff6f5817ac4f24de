"""An order is closed while its customer pays: either it ends unpaid, or it is paid; never both. And the controls."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import User
from checkout.models import Order
from checkout.orders.transitions import SWEEP, Actor
from checkout.payments import reconcile
from checkout.purchase import closing, sweeping
from shop.models import Variant
from stripe_standin.testing import Standin, StandinError
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.faults.steps import (
    TOTAL,
    at_stripe,
    fresh,
    intent_of,
    mails_of,
    place,
    run_out_of_time,
    status_page,
    trail,
)
from tests.orders import fill_cart
from tests.races.together import at_once, elsewhere, met, move_without_looking, once_first

pytestmark = pytest.mark.django_db(transaction=True)


def expire(order: Order) -> None:
    list(sweeping.expire(now=timezone.now(), workers=1))


def close_without_asking(order: Order, *, actor: Actor, now: datetime) -> list[UUID]:
    """Ask neither Stripe nor the payments, as a shop would that closes its orders by the clock alone."""
    return list(order.payments.values_list("pk", flat=True))


# --- Expiry × the status page: between the money fact and the order's move ---


def return_while_it_expires(order: Order, alice: User, standin: Standin, monkeypatch: Any) -> None:
    """The status page writes down the money; then the sweep comes; then the status page decides."""
    standin.pay(intent_of(order))
    run_out_of_time(order)
    expiry = lambda: elsewhere(lambda: expire(order))  # noqa: E731
    monkeypatch.setattr(reconcile, "decide", once_first(reconcile.decide, expiry))
    assert status_page(logged_in(alice), order).status_code == 200


def test_an_order_whose_money_is_written_down_is_not_expired(
    order: Order, alice: User, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    return_while_it_expires(order, alice, standin, monkeypatch)
    assert trail(order) == ["placed by customer", "paid by sweep"]
    assert (fresh(order).status, Variant.objects.get().stock, mails_of(order)) == ("paid", 3, ["paid"])


def test_without_looking_at_what_succeeded_it_is(
    order: Order, alice: User, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: for an instant the books of a paid order are for sale again."""
    monkeypatch.setattr(closing, "_close_payments", close_without_asking)
    return_while_it_expires(order, alice, standin, monkeypatch)
    assert sorted(trail(order)) == ["expired by sweep", "paid by return", "placed by customer"]


def test_a_success_that_is_written_down_while_it_expires_keeps_the_order_open(
    order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep found nothing to close; then the money was written down; then the sweep wants to close the order."""
    run_out_of_time(order)
    payment = order.payments.get()

    def money() -> None:
        standin.pay(payment.intent_id)
        elsewhere(lambda: reconcile.reconcile(payment, actor=SWEEP, now=timezone.now()))

    with monkeypatch.context() as first:
        first.setattr(closing, "_close_payments", lambda _order, **_facts: [])
        first.setattr(closing, "_move_and_give_back", once_first(closing._move_and_give_back, money))
        with pytest.raises(closing.StillBeingPaidError):
            closing.expire(fresh(order), actor=SWEEP, now=timezone.now())
    assert (fresh(order).status, Variant.objects.get().stock) == ("paid", 3)


@pytest.mark.parametrize("attempt", range(3))
def test_expiry_and_the_customer_paying_at_once_have_one_of_two_ends(
    order: Order, alice: User, standin: Standin, attempt: int
) -> None:
    run_out_of_time(order)
    at_once(
        lambda: standin.pay(intent_of(order)),
        lambda: expire(order),
        lambda: status_page(logged_in(alice), order),
    )
    expire(order)
    end = (fresh(order).status, Variant.objects.get().stock, at_stripe(standin))
    assert end in [("paid", 3, [("succeeded", TOTAL)]), ("expired", 5, [("canceled", 0)])]
    assert len([step for step in trail(order) if step.startswith(("paid", "expired"))]) == 1


# --- Two sweeps ---


def two_sweeps(monkeypatch: pytest.MonkeyPatch, order: Order) -> list[str]:
    run_out_of_time(order)
    monkeypatch.setattr(closing, "_move_and_give_back", met(closing._move_and_give_back))
    assert at_once(*[lambda: expire(order)] * 2) == [None, None]
    return [step for step in trail(order) if step.startswith("expired")]


def test_two_sweeps_at_once_expire_an_order_once(
    order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(two_sweeps(monkeypatch, order)) == 1
    assert (fresh(order).status, Variant.objects.get().stock) == ("expired", 5)


@pytest.mark.broken_books
def test_without_the_condition_they_expire_it_twice(
    order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "move", move_without_looking)
    assert len(two_sweeps(monkeypatch, order)) == 2


# --- Staff cancel × the customer pays; a changed cart × the customer pays ---


def cancel_by_staff(order: Order, sam: User) -> None:
    closing.cancel(fresh(order), actor=Actor("staff", sam), now=timezone.now())


@pytest.mark.parametrize("attempt", range(3))
def test_staff_cancelling_and_the_customer_paying_at_once_have_one_of_two_ends(
    order: Order, sam: User, standin: Standin, attempt: int
) -> None:
    paying, cancelling = at_once(lambda: standin.pay(intent_of(order)), lambda: cancel_by_staff(order, sam))
    end = (fresh(order).status, Variant.objects.get().stock, at_stripe(standin))
    if end == ("cancelled", 5, [("canceled", 0)]):
        assert isinstance(paying, StandinError)
        assert cancelling is None
    else:
        assert end == ("paid", 3, [("succeeded", TOTAL)])
        assert isinstance(cancelling, closing.StillBeingPaidError)


def change_cart_and_place(order: Order, alice: User) -> Any:
    fill_cart(alice, (VariantFactory(price=1000), 1))
    return place(logged_in(alice), total=6250)


@pytest.mark.parametrize("attempt", range(3))
def test_a_changed_cart_placed_and_the_old_order_paid_at_once_have_one_of_two_ends(
    order: Order, alice: User, standin: Standin, attempt: int
) -> None:
    _paid, placed = at_once(
        lambda: standin.pay(intent_of(order)), lambda: change_cart_and_place(order, alice)
    )
    assert placed.status_code == 302
    others = list(Order.objects.exclude(pk=order.pk).values_list("status", flat=True))
    end = (fresh(order).status, others, at_stripe(standin))
    if others:
        assert end == ("cancelled", ["placed"], [("canceled", 0), ("requires_payment_method", 0)])
    else:
        assert end == ("paid", [], [("succeeded", TOTAL)])
        assert placed["Location"] == f"/checkout/{order.number}/status/"


@pytest.mark.parametrize("end", ["cancelled by staff", "superseded", "expired"])
def test_an_order_that_is_not_ended_at_stripe_first_is_ended_and_paid(
    order: Order, alice: User, sam: User, standin: Standin, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """The negative control of the three: the order is closed, and its customer can pay it all the same."""
    monkeypatch.setattr(closing, "_close_payments", close_without_asking)
    if end == "superseded":
        change_cart_and_place(order, alice)
    elif end == "expired":
        run_out_of_time(order)
        expire(order)
    else:
        cancel_by_staff(order, sam)
    assert standin.pay(intent_of(order))["amount_received"] == TOTAL
    assert fresh(order).is_closed
    assert Variant.objects.order_by("pk")[0].stock == (5 if end != "superseded" else 3)
