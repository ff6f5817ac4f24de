"""The mail server, or another program's receiver, takes connections and says nothing: nobody waits for either."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import breaker, deadline, mail_server, mails
from accounts.models import AccountMail, User
from checkout.messages import http_sender
from checkout.models import Mail, Order, OutboundDelivery
from checkout.purchase import sweeping
from stripe_standin.testing import Standin
from tests.clock import Clock
from tests.conftest import PASSWORD
from tests.faults.steps import place, status_page
from tests.hanging import HangingServer, hanging_server
from tests.orders import offer_delivery
from tests.outbound import listen
from tests.receiver import receiving

pytestmark = pytest.mark.django_db
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
TASKS_IN_DATABASE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(breaker, "clock", clock)
    return clock


@pytest.fixture
def silent(settings: Any, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[HangingServer]:
    """A mail server that says nothing, for a shop that waits a fiftieth of the usual time."""
    monkeypatch.setattr(mail_server, "SECONDS", mail_server.SECONDS / 50)
    settings.EMAIL_TIMEOUT = 0.1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with hanging_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def sign_up(client: Client, email: str = "dinah@example.org") -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": PASSWORD})


def run_worker() -> None:
    call_command("db_worker", batch=True, reload=False, startup_delay=False, verbosity=0)


def sweep_mails() -> tuple[int, int]:
    return sweeping.send_mails(now=timezone.now() + timedelta(minutes=2))


def test_f19_who_signs_up_is_in_and_the_mail_comes_later(
    client: Client, silent: HangingServer, clock: Clock, settings: Any
) -> None:
    assert sign_up(client).status_code == 302
    assert client.get("/accounts/email/").status_code == 200
    assert AccountMail.objects.count() == 1
    assert sweep_mails() == (0, 1)

    settings.EMAIL_BACKEND = LOCMEM
    clock.at += mail_server.BREAKER.pause
    assert sweep_mails() == (1, 0)
    [message] = mail.outbox
    assert message.to == ["dinah@example.org"]
    assert "/accounts/confirm-email/" in message.body
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_f19_both_resets_answer_as_ever(
    client: Client, alice: User, silent: HangingServer, email: str
) -> None:
    page = client.post("/accounts/password/reset/", {"email": email})
    app = Client().post("/_allauth/app/v1/auth/password/request", {"email": email}, "application/json")

    assert (page.status_code, page.url) == (302, "/accounts/password/reset/done/")
    # What the app gets back when all is well: go on with the code or key of the mail.
    assert app.status_code in (200, 401)
    assert AccountMail.objects.count() == 2


def test_f19_after_one_silence_requests_wait_for_it_no_more(
    client: Client, silent: HangingServer, clock: Clock
) -> None:
    for name in ("dinah", "mabel", "ada"):
        sign_up(Client(), f"{name}@example.org")
    assert silent.connections == 1
    assert sweep_mails() == (0, 3)
    assert silent.connections == 1
    clock.at += mail_server.BREAKER.pause
    assert sweep_mails() == (0, 3)
    assert silent.connections == 2


def test_f19_what_waits_cannot_be_read_in_the_database(client: Client, silent: HangingServer) -> None:
    sign_up(client)
    sealed = AccountMail.objects.get().sealed
    assert "dinah" not in sealed
    assert "confirm-email" not in sealed


def test_f19_a_mail_that_nobody_can_read_or_use_any_more_is_dropped(
    silent: HangingServer, settings: Any
) -> None:
    sign_up(Client())
    sign_up(Client(), "mabel@example.org")
    settings.EMAIL_BACKEND = LOCMEM
    old = AccountMail.objects.order_by("pk").first()
    mails.send(old.pk, now=old.queued_at + mails.KEPT + timedelta(seconds=1))
    settings.SECRET_KEY = "another one, which somebody has put into the environment"
    assert sweep_mails() == (1, 0)
    assert mail.outbox == []
    assert not AccountMail.objects.exists()


def test_f19_what_is_being_sent_is_sent_by_nobody_else(silent: HangingServer, settings: Any) -> None:
    sign_up(Client())
    settings.EMAIL_BACKEND = LOCMEM
    waiting = AccountMail.objects.get()
    AccountMail.objects.update(sending_at=waiting.queued_at)
    mails.send(waiting.pk, now=waiting.queued_at)
    assert mail.outbox == []
    assert AccountMail.objects.exists()


def test_f19_a_paid_order_is_paid_and_its_mail_waits(
    buyer: Client,
    standin: Standin,
    silent: HangingServer,
    django_capture_on_commit_callbacks: Any,
) -> None:
    place(buyer)
    order = Order.objects.get()
    standin.pay(order.payments.get().intent_id)
    with django_capture_on_commit_callbacks(execute=True):
        page = status_page(buyer, order)
    assert page.status_code == 200
    assert Mail.objects.get(order=order, kind="paid").sent_at is None
    assert silent.connections == 1


@pytest.mark.django_db(transaction=True)  # a worker closes its connection
def test_f19_with_workers_no_request_speaks_to_a_mail_server(silent: HangingServer, settings: Any) -> None:
    settings.TASKS_RUN, settings.TASKS = "database", TASKS_IN_DATABASE
    sign_up(Client())
    assert silent.connections == 0
    settings.EMAIL_BACKEND = LOCMEM
    run_worker()
    assert [message.to for message in mail.outbox] == [["dinah@example.org"]]


@pytest.mark.django_db(transaction=True)
def test_f19_a_dead_receiver_delays_no_mail(buyer: Client, standin: Standin, settings: Any) -> None:
    offer_delivery()
    settings.TASKS_RUN, settings.TASKS = "database", TASKS_IN_DATABASE
    with hanging_server() as receiver:
        listen(receiver.url)
        order = paid(buyer, standin)
        assert OutboundDelivery.objects.filter(event__order=order).count() == 2
        run_worker()
        assert [message.to for message in mail.outbox] == [[order.email]]
        assert receiver.connections == 0


def paid(buyer: Client, standin: Standin) -> Order:
    place(buyer)
    order = Order.objects.get()
    standin.pay(order.payments.get().intent_id)
    status_page(buyer, order)
    return order


def test_f19_a_silent_mail_server_delays_no_event(
    buyer: Client, standin: Standin, silent: HangingServer
) -> None:
    with receiving() as receiver:
        listen(receiver.url)
        paid(buyer, standin)
        call_command("send_webhooks", workers=1, stdout=StringIO())
        assert [letter.event["type"] for letter in receiver.letters] == ["order.placed", "order.paid"]
        assert silent.connections == 0


def test_f19_a_dead_receiver_delays_no_other(
    buyer: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_sender, "SECONDS", 0.05)
    with hanging_server() as dead, receiving() as well:
        listen(dead.url)
        listen(well.url)
        paid(buyer, standin)
        call_command("send_webhooks", workers=1, stdout=StringIO())
        assert len(well.letters) == 2


def test_f19_a_request_that_has_no_time_left_closes_the_mail_server_for_nobody(
    silent: HangingServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sends a form so slowly that a moment is left, a few times over."""
    monkeypatch.setattr(deadline, "clock", clock)
    monkeypatch.setattr(deadline, "SECONDS", mail_server.SECONDS / 2)
    for name in ("dinah", "mabel"):
        sign_up(Client(), f"{name}@example.org")
    silent.wait_for(2)
    assert mail_server.BREAKER.admits()


def test_f19_a_mail_that_is_refused_keeps_none_behind_it_waiting(
    silent: HangingServer, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a silence the first mail probes, and the server has no such recipient."""
    sign_up(Client(), "no-such-box@example.org")
    sign_up(Client(), "mabel@example.org")
    settings.EMAIL_BACKEND = LOCMEM
    send = EmailMultiAlternatives.send

    def refuse(message: EmailMultiAlternatives, *args: Any, **kwargs: Any) -> Any:
        if "no-such-box@example.org" in message.to:
            raise SMTPRecipientsRefused({message.to[0]: (550, b"No such box")})
        return send(message, *args, **kwargs)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    clock.at += mail_server.BREAKER.pause
    assert sweep_mails() == (1, 1)
    assert [sent.to for sent in mail.outbox] == [["mabel@example.org"]]


def test_f19_a_server_that_hangs_up_at_once_takes_nobodys_time(
    client: Client, settings: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over this one mail, perhaps: its text may be what the server does not like."""

    def hang_up(*_args: Any, **_kwargs: Any) -> None:
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(EmailMultiAlternatives, "send", hang_up)
    assert sign_up(client).status_code == 302
    assert mail_server.BREAKER.admits()
