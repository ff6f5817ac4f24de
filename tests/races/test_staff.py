"""Two of staff, or one of staff and a customer, press their buttons at the same instant. And the negative controls."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.fulfilment import shipping
from checkout.models import Order, Refund
from checkout.orders import transitions
from checkout.payments import refunds
from checkout.payments.refunds import Wanted
from checkout.purchase import attention
from shop import stock
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.checkout.admin.test_refunds import late_without_stock
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.faults.steps import TOTAL, at_stripe, cron, fresh, intent_of, mails_of, status_page, trail
from tests.races.together import at_once, elsewhere, once_first, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(order: Order, standin: Standin) -> Order:
    standin.pay(intent_of(order))
    cron("reconcile")
    return fresh(order)


@pytest.fixture
def two_of_staff(sam: User) -> tuple[Client, Client]:
    return logged_in(sam), logged_in(User.objects.create_superuser("sue@example.org", "x"))


@pytest.fixture
def late(alice: User, standin: Standin) -> Order:
    """Its money came when its last copy was gone; by now there is one copy again."""
    variant = VariantFactory(price=1650, stock=1)
    order = late_without_stock(alice, standin, variant)
    stock.set_level(variant.pk, 1, reason="found", now=timezone.now())
    return order


def press(client: Client, order: Order, button: str, **fields: Any) -> Callable[[], int]:
    """Return a press on one of an order's buttons, which answers with the status of the page that staff then see."""
    url = f"/admin/checkout/order/{order.pk}/{button}/"
    return lambda: client.post(url, fields, follow=True).status_code


def at_the_same_time(*presses: Callable[[], int]) -> None:
    assert at_once(*presses) == [200] * len(presses)


def given_back(standin: Standin) -> list[int]:
    return [one["amount"] for one in standin.request("GET", "/v1/refunds")["data"]]


def as_written(order: Order) -> list[str]:
    """Return what happened in the order in which it was committed, whatever their clocks said."""
    return list(order.timeline.order_by("pk").values_list("kind", flat=True))


# --- Refund × refund; that without the lock both would be made: test_refunds.py ---


def test_two_of_staff_who_refund_all_of_an_order_give_it_back_once(
    paid: Order, two_of_staff: tuple[Client, Client], standin: Standin
) -> None:
    at_the_same_time(*(press(client, paid, "refund", amount=TOTAL) for client in two_of_staff))
    assert given_back(standin) == [TOTAL]
    assert (Refund.objects.get().status, refunds.left(paid)) == ("succeeded", 0)
    assert mails_of(paid).count("refunded") == 1


def test_the_same_form_sent_twice_is_one_refund(
    paid: Order, two_of_staff: tuple[Client, Client], standin: Standin
) -> None:
    sam, _sue = two_of_staff
    at_the_same_time(*[press(sam, paid, "refund", amount=1000, key=str(uuid4()))] * 3)
    assert given_back(standin) == [1000]
    assert sorted(trail(paid)[2:]) == ["refund_started by staff", "refunded by staff"]


# --- Cancel × pay; the control is in test_closing.py ---


@pytest.mark.parametrize("attempt", range(3))
def test_staff_cancel_while_the_customer_pays(
    order: Order, as_sam: Client, alice: User, standin: Standin, attempt: int
) -> None:
    at_once(
        press(as_sam, order, "cancel", restock="yes"),
        lambda: standin.pay(intent_of(order)),
        lambda: status_page(logged_in(alice), order),
    )
    assert cron("reconcile") == [0]
    end = (fresh(order).status, Variant.objects.get().stock, at_stripe(standin))
    assert end in [("paid", 3, [("succeeded", TOTAL)]), ("cancelled", 5, [("canceled", 0)])]


def test_two_of_staff_who_cancel_an_order_put_its_books_back_once(
    order: Order, two_of_staff: tuple[Client, Client], standin: Standin
) -> None:
    at_the_same_time(*(press(client, order, "cancel", restock="yes") for client in two_of_staff))
    assert (fresh(order).status, Variant.objects.get().stock) == ("cancelled", 5)
    assert trail(order).count("cancelled by staff") == 1


# --- Ship × ship, ship × refund ---


def test_two_of_staff_who_send_an_order_send_it_once(
    paid: Order, two_of_staff: tuple[Client, Client]
) -> None:
    at_the_same_time(*(press(client, paid, "ship") for client in two_of_staff))
    assert (fresh(paid).status, mails_of(paid)) == ("shipped", ["paid", "shipped"])
    assert trail(paid).count("shipped by staff") == 1


@pytest.mark.parametrize("attempt", range(3))
def test_what_is_refunded_whole_is_not_sent_afterwards(
    paid: Order, two_of_staff: tuple[Client, Client], standin: Standin, attempt: int
) -> None:
    sam, sue = two_of_staff
    at_the_same_time(press(sam, paid, "ship"), press(sue, paid, "refund", amount=TOTAL))
    assert given_back(standin) == [TOTAL]
    steps = as_written(paid)
    assert "shipped" not in steps[steps.index("refund_started") :]


def test_without_the_lock_it_is(paid: Order, sam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the refund comes between looking at the order and sending it."""
    without_locks(monkeypatch, shipping, Order)
    refunding = lambda: elsewhere(lambda: refund_all(paid, sam))  # noqa: E731
    monkeypatch.setattr(transitions, "move", once_first(transitions.move, refunding))
    shipping.ship(paid, tracking="", actor=transitions.Actor("staff", sam), now=timezone.now())
    steps = as_written(paid)
    assert steps.index("refund_started") < steps.index("shipped")


def refund_all(order: Order, sam: User) -> None:
    refunds.refund(order, Wanted(refunds.left(order)), user=sam, now=timezone.now())


# --- Accept × accept, accept × refund ---


def test_two_of_staff_who_accept_late_money_take_its_books_once(
    late: Order, two_of_staff: tuple[Client, Client]
) -> None:
    at_the_same_time(*(press(client, late, "accept") for client in two_of_staff))
    assert (fresh(late).status, fresh(late).needs_attention, Variant.objects.get().stock) == ("paid", "", 0)
    assert trail(late).count("paid by staff") == 1
    assert mails_of(late).count("paid") == 1


@pytest.mark.parametrize("attempt", range(3))
def test_late_money_that_goes_back_is_not_accepted_afterwards(
    late: Order, two_of_staff: tuple[Client, Client], standin: Standin, attempt: int
) -> None:
    sam, sue = two_of_staff
    at_the_same_time(press(sam, late, "accept"), press(sue, late, "refund", amount=refunds.left(late)))
    assert len(given_back(standin)) == 1
    steps = as_written(late)
    assert "paid" not in steps[steps.index("refund_started") :]
    assert Variant.objects.get().stock == (0 if fresh(late).status == "paid" else 1)


def test_without_the_lock_it_would_be(late: Order, sam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the money goes back between looking and accepting."""
    without_locks(monkeypatch, attention, Order)
    refunding = lambda: elsewhere(lambda: refund_all(late, sam))  # noqa: E731
    monkeypatch.setattr(
        attention.reconcile, "take_late", once_first(attention.reconcile.take_late, refunding)
    )
    attention.accept(late, actor=transitions.Actor("staff", sam), now=timezone.now())
    steps = as_written(late)
    assert steps.index("refund_started") < steps.index("paid")


def test_two_of_staff_who_looked_at_an_order_note_it_once(
    paid: Order, two_of_staff: tuple[Client, Client]
) -> None:
    Order.objects.filter(pk=paid.pk).update(needs_attention="disputed")
    at_the_same_time(*(press(client, paid, "resolve", words="Answered") for client in two_of_staff))
    assert fresh(paid).needs_attention == ""
    assert trail(paid).count("resolved by staff") == 1
