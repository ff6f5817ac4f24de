from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from accounts.models import User
from checkout.messages import mails
from checkout.models import Mail, Order, Payment
from checkout.orders.transitions import CUSTOMER
from checkout.payments import gateway, paying, refunds
from checkout.payments.refunds import Wanted
from checkout.purchase import placing, sweeping
from shop.cart import lines as carts
from shop.models import Cart, Variant
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import ADDRESS, NOW, hear, pay, place

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=20)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def order(alice: User, standin: Standin) -> Order:
    order = place(alice, (VariantFactory(price=2000, stock=5), 2))
    paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
    return order


def reconcile(now: Any = LATER) -> list[sweeping.Swept]:
    return list(sweeping.reconcile_open(now=now, workers=1))


def expire(now: Any = LATER) -> list[sweeping.Swept]:
    return list(sweeping.expire(now=now, workers=1))


def status() -> str:
    return Order.objects.get().status


def test_a_customer_who_never_comes_back_is_paid_by_the_sweep(order: Order, standin: Standin) -> None:
    standin.pay(order.payments.get().intent_id)
    assert reconcile() == [sweeping.Swept(order.number)]
    assert status() == "paid"
    assert order.timeline.get(kind="paid").actor == "sweep"
    assert reconcile() == []


def test_an_intent_that_was_never_heard_of_is_found_by_the_sweep(alice: User, standin: Standin) -> None:
    order = place(alice, (VariantFactory(), 1))
    payment = order.payments.get()
    made = gateway.create_intent(
        key=str(payment.pk),
        amount=order.total,
        currency="eur",
        order_number=order.number,
        payment_id=str(payment.pk),
    )
    reconcile(NOW)
    assert Payment.objects.get().intent_id == made.id


def test_an_intent_whose_key_is_forgotten_is_found_by_its_metadata_and_cancelled(
    alice: User, standin: Standin
) -> None:
    order = place(alice, (VariantFactory(), 1))
    payment = order.payments.get()
    made = gateway.create_intent(
        key=str(payment.pk),
        amount=order.total,
        currency="eur",
        order_number=order.number,
        payment_id=str(payment.pk),
    )
    Payment.objects.update(created_at=made.created)
    standin.advance(60 * 60 * 26)
    assert made.created
    expire(made.created + timedelta(hours=26))
    assert [(intent["id"], intent["status"]) for intent in standin.intents()] == [(made.id, "canceled")]
    assert status() == "expired"


def test_what_cannot_be_asked_is_named_and_the_rest_is_done(alice: User, bob: User, standin: Standin) -> None:
    variant = VariantFactory(price=2000, stock=9)
    first, second = place(alice, (variant, 1)), place(bob, (variant, 1))
    for order in (first, second):
        paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
        standin.pay(order.payments.get().intent_id)
    standin.add_fault(
        action="status", status=500, times=0, method="GET",
        path=f"/v1/payment_intents/{first.payments.get().intent_id}",
    )  # fmt: skip
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", workers=1, stdout=out, stderr=err)
    assert ended.value.code == 1
    assert f"Order {first.number}: stripe_unavailable" in err.getvalue()
    assert "1 of 2 orders done." in out.getvalue()
    assert Order.objects.get(pk=second.pk).status == "paid"


def test_an_order_out_of_time_ends_and_one_in_time_does_not(order: Order) -> None:
    assert expire(SOON) == []
    assert expire(LATER) == [sweeping.Swept(order.number)]
    assert status() == "expired"
    assert Variant.objects.get().stock == 5


def test_an_order_paid_at_the_last_moment_does_not_end(order: Order, standin: Standin) -> None:
    standin.pay(order.payments.get().intent_id)
    assert expire() == [sweeping.Swept(order.number)]
    assert status() == "paid"


def test_money_on_its_way_is_waited_for(order: Order, standin: Standin) -> None:
    standin.pay(order.payments.get().intent_id, "pm_sepaDebit_successDelayed_at")
    reconcile()
    assert status() == "processing"
    assert expire(NOW + timedelta(days=3)) == []
    assert status() == "processing"


def test_an_order_before_staff_is_left_to_them(order: Order) -> None:
    hear(order.payments.get(), amount_received=1)
    assert expire() == []


def test_a_refund_that_stripe_never_heard_of_is_sent_by_the_sweep(
    order: Order, standin: Standin, sam: User
) -> None:
    standin.pay(order.payments.get().intent_id)
    reconcile()
    standin.add_fault(action="drop", path="/v1/refunds", times=0)
    with pytest.raises(gateway.StripeUnavailableError):
        refunds.refund(order, Wanted(500), user=sam, now=LATER)
    standin.clear_faults()
    reconcile(LATER + timedelta(minutes=1))
    assert order.refunds.get().status == "succeeded"


def test_who_has_not_paid_after_half_of_the_time_is_reminded_once(
    order: Order, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert [sweeping.remind(now=now) for now in (NOW, SOON, SOON)] == [0, 1, 0]
    assert [message.subject.split(" ·")[0] for message in mail.outbox] == ["Your books are waiting."]
    assert order.number in mail.outbox[0].body


def test_a_stranger_who_orders_in_anothers_name_brings_one_reminder_a_day(
    alice: User, standin: Standin
) -> None:
    """And the account that has this mailbox is reminded of its own orders as ever."""
    variant = VariantFactory(price=2000, stock=9)
    own = place(alice, (variant, 1))
    orders = [own]
    for note in ("", "+a", "+b"):
        cart = Cart.objects.create(token=f"stranger{note}", created_at=NOW)
        carts.add(cart, variant.pk, 1)
        email = alice.email.replace("@", f"{note}@")
        orders.append(
            placing.place(
                user=None,
                email=email,
                cart=cart,
                address=ADDRESS,
                delivery="",
                total_shown=own.total,
                now=NOW,
            )
        )

    assert [sweeping.remind(now=now) for now in (SOON, SOON)] == [2, 0]
    assert Mail.objects.filter(order=own, kind="placed").exists()


def test_a_reminder_that_is_no_longer_true_is_dropped(order: Order) -> None:
    mails.queue(order, Mail.Kind.PLACED, now=NOW)
    pay(order)
    mails.send(Mail.objects.get(kind="placed").pk, now=SOON)
    assert Mail.objects.get(kind="placed").is_dropped
    assert mail.outbox == []


def test_a_mail_that_could_not_be_sent_is_sent_once_when_it_can_be(order: Order, settings: Any) -> None:
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    pay(order)
    assert sweeping.send_mails(now=SOON) == (0, 1)
    settings.EMAIL_BACKEND = backend
    assert sweeping.send_mails(now=SOON) == (1, 0)
    assert sweeping.send_mails(now=LATER) == (0, 0)
    assert len(mail.outbox) == 1


def test_a_mail_that_somebody_is_sending_is_left_to_them(order: Order) -> None:
    pay(order)
    Mail.objects.update(sending_at=SOON)
    mails.send(Mail.objects.get().pk, now=SOON + timedelta(minutes=1))
    assert mail.outbox == []
    mails.send(Mail.objects.get().pk, now=SOON + timedelta(minutes=6))
    assert len(mail.outbox) == 1


def test_staff_are_written_to_when_an_order_needs_them(
    order: Order, sam: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        hear(order.payments.get(), amount_received=1)
        hear(order.payments.get(), amount_received=1)
    assert [message.to for message in mail.outbox] == [["sam@example.org"]]
    assert "another amount" in mail.outbox[0].body
