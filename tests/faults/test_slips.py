"""Ways to pay that take days: a slip, paid at a till or in a bank's app. The order waits as long as it says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.messages import mails
from checkout.models import Mail, Order
from checkout.payments import reconcile
from checkout.payments.stripe_types import Slip
from checkout.purchase import closing, sweeping
from shop.models import CartLine, Variant
from stripe_standin.testing import Standin
from tests.faults.steps import fresh, intent_of, pay_page, place, status_page
from tests.orders import fill_cart

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def running_standin() -> Iterator[Standin]:
    """One that offers Multibanco too."""
    with Standin(payment_methods=("card", "multibanco")) as standin:
        yield standin


@pytest.fixture
def waiting(buyer: Client, standin: Standin) -> Order:
    """An order whose customer has a slip, and whose status page was looked at."""
    place(buyer)
    order = Order.objects.get()
    standin.take_slip(intent_of(order))
    status_page(buyer, order)
    return fresh(order)


def sweep(now: datetime) -> None:
    assert [one.problem for one in sweeping.expire(now=now, workers=1) if one.problem] == []


def test_f17_the_order_and_its_books_are_kept_as_long_as_the_slip_says(
    waiting: Order, standin: Standin, variant: Variant
) -> None:
    payment = waiting.payments.get()
    assert payment.slip_expires_at - timezone.now() > WEEK - timedelta(minutes=5)
    assert waiting.expires_at == payment.slip_expires_at + reconcile.SLIP_GRACE
    sweep(timezone.now() + WEEK - timedelta(hours=1))
    assert fresh(waiting).status == "placed"
    assert Variant.objects.get(pk=variant.pk).stock == 3
    assert standin.intent(intent_of(waiting))["status"] == "requires_action"


def test_f17_the_customer_is_told_on_every_page_and_by_mail(waiting: Order, buyer: Client) -> None:
    url = waiting.payments.get().slip_url
    for page in (status_page(buyer, waiting), buyer.get(f"/orders/{waiting.number}/")):
        assert f'href="{url}"' in page.content.decode()
        assert "Show the payment slip" in page.content.decode()
    assert "Your payment slip is waiting." in status_page(buyer, waiting).content.decode()
    mails.send(Mail.objects.get(order=waiting, kind="slip").pk, now=timezone.now())
    [message] = mail.outbox
    assert url in message.body
    assert f'href="{url}"' in message.alternatives[0][0]
    assert "for order" in message.body


def test_f17_however_often_one_looks_it_is_told_once(waiting: Order, buyer: Client) -> None:
    status_page(buyer, waiting)
    pay_page(buyer, waiting)
    assert Mail.objects.filter(order=waiting, kind="slip").count() == 1
    assert waiting.timeline.filter(kind="slip").count() == 1
    assert fresh(waiting).expires_at == waiting.expires_at


def test_f17_nobody_with_a_slip_is_reminded(waiting: Order) -> None:
    assert sweeping.remind(now=timezone.now() + timedelta(days=1)) == 0


def test_f17_what_is_paid_by_the_slip_is_paid(waiting: Order, buyer: Client, standin: Standin) -> None:
    standin.answer_challenge(intent_of(waiting), passed=True)
    status_page(buyer, waiting)
    paid = fresh(waiting)
    assert (paid.status, paid.payments.get().slip_url) == ("paid", "")


def test_f17_a_slip_that_nobody_paid_by_ends_the_order(
    waiting: Order, buyer: Client, standin: Standin, variant: Variant
) -> None:
    standin.advance(WEEK.total_seconds() + 60)
    sweep(waiting.expires_at)
    assert fresh(waiting).status == "expired"
    assert Variant.objects.get(pk=variant.pk).stock == 5
    assert standin.intent(intent_of(waiting))["status"] == "canceled"


def test_f17_who_gives_the_slip_up_for_a_card_has_the_usual_time(
    waiting: Order, buyer: Client, standin: Standin
) -> None:
    standin.pay(intent_of(waiting), "pm_card_visa_chargeDeclined")
    page = status_page(buyer, waiting).content.decode()
    order = fresh(waiting)
    assert "Show the payment slip" not in page
    assert order.expires_at <= reconcile.expiry(timezone.now())
    assert (order.status, order.payments.get().slip_url) == ("placed", "")


def test_f17_a_slip_of_which_nobody_told_us_is_not_cancelled_when_time_is_over(
    buyer: Client, standin: Standin
) -> None:
    place(buyer)
    order = Order.objects.get()
    standin.take_slip(intent_of(order))  # the customer never came back, and the webhook was lost
    sweep(order.expires_at)
    assert standin.intent(intent_of(order))["status"] == "requires_action"
    assert fresh(order).expires_at > timezone.now() + WEEK


def test_f17_what_waits_for_a_slip_has_left_the_cart_and_another_order_does_not_end_it(
    waiting: Order, buyer: Client, alice: User, variant: Variant, standin: Standin
) -> None:
    assert not CartLine.objects.exists()
    fill_cart(alice, (variant, 1))
    place(buyer, 2850)
    assert sorted(Order.objects.values_list("status", flat=True)) == ["placed", "placed"]
    assert standin.intent(intent_of(waiting))["status"] == "requires_action"


def test_f17_the_customer_may_still_cancel(waiting: Order, alice: User, standin: Standin) -> None:
    closing.cancel_own(waiting, user=alice, now=timezone.now())
    assert fresh(waiting).status == "cancelled"
    assert standin.intent(intent_of(waiting))["status"] == "canceled"


@pytest.mark.parametrize(
    ("kind", "until"),
    [
        ("multibanco_display_details", "expires_at"),
        ("boleto_display_details", "expires_at"),
        ("konbini_display_details", "expires_at"),
        ("oxxo_display_details", "expires_after"),
    ],
)
def test_f17_every_kind_of_slip_is_read(kind: str, until: str) -> None:
    details = {until: 1_800_000_000, "hosted_voucher_url": "https://payments.stripe.com/x"}
    slip = Slip.read({"type": kind, kind: details})
    assert slip == Slip("https://payments.stripe.com/x", datetime.fromtimestamp(1_800_000_000, UTC))


@pytest.mark.parametrize(
    "action",
    [
        None,
        {},
        {"type": "redirect_to_url", "redirect_to_url": {"url": "https://bank.example"}},
        {"type": "x_display_details"},
        {"type": "x_display_details", "x_display_details": None},
        {"type": "x_display_details", "x_display_details": {"expires_at": 1_800_000_000}},
        {"type": "x_display_details", "x_display_details": {"hosted_voucher_url": "https://a.example"}},
        {
            "type": "x_display_details",
            "x_display_details": {"expires_at": 1, "hosted_voucher_url": "javascript:alert(1)"},
        },
        {
            "type": "x_display_details",
            "x_display_details": {"expires_at": 1, "hosted_voucher_url": f"https://a.example/{'x' * 1000}"},
        },
    ],
)
def test_f17_what_is_no_slip_is_none(action: Any) -> None:
    assert Slip.read(action) is None
