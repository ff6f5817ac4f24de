"""One bad row stops no queue: the others go on, the log and the exit status say so."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from accounts.models import User
from checkout.messages import mails, webhook_events
from checkout.models import Mail, Order, OutboundDelivery, OutboundEvent, Payment
from checkout.orders.transitions import CUSTOMER
from checkout.payments import paying, webhooks
from checkout.purchase import sweeping
from config.environment import sender
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import NOW, place
from tests.outbound import listen

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=20)
NAMES = ["Marsh, Reed & Co.", "A: B; C", "me@work", 'The "Quill"', "Bücher & Söhne", "書店", "(Books)"]


@pytest.fixture
def orders(alice: User, bob: User, standin: Standin) -> list[Order]:
    """Two orders of two customers; whatever is done to both meets the first one first."""
    variant = VariantFactory(price=2000, stock=9)
    return [place(who, (variant, 1)) for who in (alice, bob)]


def spoil(monkeypatch: pytest.MonkeyPatch, module: Any, verb: str, is_bad: Any) -> None:
    """Let a verb raise, for one row, what nobody foresaw."""
    real = getattr(module, verb)

    def spoilt(first: Any, *rest: Any, **named: Any) -> Any:
        if is_bad(first):
            raise RuntimeError("a bad row")
        return real(first, *rest, **named)

    monkeypatch.setattr(module, verb, spoilt)


@pytest.mark.parametrize("name", NAMES)
def test_f08_mail_leaves_whatever_the_shop_is_called(settings: Any, orders: list[Order], name: str) -> None:
    settings.STORE_NAME = name
    settings.DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", name, "shop@example.org")
    mails.queue(orders[0], Mail.Kind.PLACED, now=NOW)

    assert sweeping.send_mails(now=LATER) == (1, 0)

    sent = mail.outbox[-1].message()
    assert mail.outbox[-1].from_email.endswith("<shop@example.org>")
    assert sent["From"].count("@") == 1 or "me@work" in sent["From"]


@pytest.mark.parametrize(
    "value", ["Marsh, Reed & Co. <shop@example.org>", "nobody", "a@b.example, c@d.example"]
)
def test_f08_a_sender_that_is_not_one_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", value)
    with pytest.raises(Exception, match="not one address"):
        sender("DEFAULT_FROM_EMAIL", "Folio", "shop@example.org")


def test_f08_one_mail_that_cannot_be_written_stops_no_other(orders: list[Order]) -> None:
    Order.objects.filter(pk=orders[0].pk).update(email="alice@example.org\nBcc: all@example.org")
    for order in orders:
        mails.queue(order, Mail.Kind.PLACED, now=NOW)

    assert sweeping.send_mails(now=LATER) == (1, 1)

    assert [message.to for message in mail.outbox] == [["bob@example.org"]]


def test_f08_one_order_that_breaks_stops_no_sweep(
    orders: list[Order], standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order in orders:
        paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
        standin.pay(order.payments.get().intent_id)
    spoil(monkeypatch, sweeping, "reconcile", lambda payment: payment.order_id == orders[0].pk)
    err = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", workers=1, stderr=err, stdout=StringIO())

    assert ended.value.code == 1
    assert f"Order {orders[0].number}: RuntimeError" in err.getvalue()
    assert Order.objects.get(pk=orders[1].pk).status == "paid"


def test_f08_one_event_that_breaks_stops_no_other(
    orders: list[Order], standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order in orders:
        paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
        standin.pay(order.payments.get().intent_id)
    first = Payment.objects.get(order=orders[0]).intent_id
    spoil(monkeypatch, webhooks, "_stored", lambda event: event.intent_id == first)

    done, failed = webhooks.catch_up(since=NOW - timedelta(days=1), actor=CUSTOMER, now=LATER)

    assert failed > 0
    assert done > 0
    assert Order.objects.get(pk=orders[1].pk).status == "paid"


def test_f08_one_reminder_that_breaks_stops_no_other(
    orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, mails, "queue", lambda order: order.pk == orders[0].pk)

    assert sweeping.remind(now=LATER) == 1

    assert Mail.objects.get(kind=Mail.Kind.PLACED).order == orders[1]


def test_f08_one_delivery_that_breaks_stops_no_other(
    orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = listen()
    webhook_events.send_test(endpoint, now=NOW - timedelta(days=1))
    OutboundDelivery.objects.all().delete()
    events = [
        OutboundEvent.objects.create(event_id=f"evt_{n}", type="t", body="{}", created_at=NOW) for n in "ab"
    ]
    bad, _good = [
        OutboundDelivery.objects.create(event=event, endpoint=endpoint, due_at=NOW) for event in events
    ]
    spoil(monkeypatch, webhook_events, "deliver", lambda pk: pk == bad.pk)

    assert webhook_events.send_due(now=NOW, workers=1) == (0, 1, 1)
