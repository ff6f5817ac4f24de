"""People and the system: strangers, visitors, a mail server that is down, a database that is, another currency.

What happens when workers are killed: test_s12_killed.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Mail, Order, StripeEvent
from checkout.payments import refunds
from checkout.payments.refunds import RefundTooLargeError, UnclearRestockError, Wanted
from checkout.purchase import sweeping
from shop import stock
from shop.models import CartLine, StockMovement, Variant
from stripe_standin.testing import Standin
from tests.conftest import PASSWORD, logged_in
from tests.factories import VariantFactory
from tests.faults.steps import (
    at_stripe,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    pay_page,
    payment_of,
    place,
    status_page,
    told,
    trail,
)
from tests.orders import fill_cart
from tests.webhook import deliver

pytestmark = pytest.mark.django_db
with_real_transactions = pytest.mark.django_db(transaction=True)
SUCCEEDED = "payment_intent.succeeded"


# --- A stranger ---

OF_AN_ORDER = ["/orders/{}/", "/checkout/{}/pay/", "/checkout/{}/status/"]


@pytest.mark.parametrize("address", OF_AN_ORDER)
def test_s47_a_strangers_order_is_as_if_it_were_not_and_costs_the_same_to_ask_for(
    order: Order, as_bob: Client, bob: User, standin: Standin, address: str
) -> None:
    before = (trail(order), at_stripe(standin))
    theirs, of_alice = statements_of(lambda: as_bob.get(address.format(order.number)))
    nobodys, of_nobody = statements_of(lambda: as_bob.get(address.format("ZZZZ-ZZZZ")))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace(order.number, "ZZZZ-ZZZZ") == nobodys.text
    # The same statements, so there is no clock that could tell the two apart.
    assert of_alice == of_nobody
    assert (trail(order), at_stripe(standin)) == before


def statements_of(call: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Return what a call returns, and the statements that it asks the database, without their values."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        asked.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        return call(), asked


@pytest.mark.parametrize("address", OF_AN_ORDER)
def test_s47_by_the_rows_id_nobody_finds_an_order_and_a_visitor_finds_none(
    order: Order, buyer: Client, client: Client, address: str
) -> None:
    assert buyer.get(address.format(order.pk)).status_code == 404
    assert client.get(address.format(order.number)).status_code == 404


# --- A visitor's cart ---


def test_s48_what_a_visitor_chose_comes_along_and_the_session_gets_a_new_key(
    client: Client, alice: User, settings: Any
) -> None:
    both, guests, own = (VariantFactory(stock=200) for _number in range(3))
    fill_cart(alice, (both, 90), (own, 1))
    for variant, quantity in ((both, 20), (guests, 2)):
        client.post("/cart/lines/", {"variant": variant.pk, "quantity": quantity})
    assert client.get("/checkout/").status_code == 200
    client.get("/accounts/login/?next=/checkout/")
    before = client.session.session_key
    form = {"login": alice.email, "password": PASSWORD, "next": "/checkout/"}
    page = client.post("/accounts/login/", form, follow=True)

    assert page.redirect_chain[-1][0] == "/checkout/"
    assert client.session.session_key not in (None, before)
    assert "Your cart came with you." in page.text
    assert f"We sell at most {settings.MAX_LINE_QUANTITY} of one edition" in page.text
    lines = CartLine.objects.filter(cart__user=alice).values_list("variant", "quantity")
    assert sorted(lines) == sorted([(both.pk, settings.MAX_LINE_QUANTITY), (own.pk, 1), (guests.pk, 2)])
    assert CartLine.objects.count() == 3


# --- The mail server is down ---


def test_s49_while_the_mail_server_is_down_the_order_is_paid_and_the_mail_leaves_later_once(
    order: Order, standin: Standin, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    in_memory = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    standin.pay(intent_of(order))
    with django_capture_on_commit_callbacks(execute=True):
        assert hear_of(standin, SUCCEEDED) == 200
    assert (fresh(order).status, Mail.objects.get().sent_at) == ("paid", None)

    later = timezone.now() + timedelta(minutes=10)
    assert sweeping.send_mails(now=later) == (0, 1)
    settings.EMAIL_BACKEND = in_memory
    assert sweeping.send_mails(now=later) == (1, 0)
    assert sweeping.send_mails(now=later) == (0, 0)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert (Mail.objects.get().sent_at, fresh(order).status) == (later, "paid")


# --- The database is locked, or gone ---


@contextmanager
def writes_blocked(until: Event) -> Iterator[None]:
    """Let somebody else hold what every write needs, until an event is set or this is over."""
    holds = Event()

    def hold() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor == "postgresql":  # SQLite's BEGIN IMMEDIATE is such a lock
                    cursor.execute("LOCK TABLE checkout_order, checkout_stripeevent IN EXCLUSIVE MODE")
                holds.set()
                until.wait(20)
        finally:
            connections.close_all()

    holder = Thread(target=hold)
    holder.start()
    try:
        assert holds.wait(20)
        yield
    finally:
        until.set()
        holder.join()


@pytest.fixture
def patience(transactional_db: None) -> Iterator[None]:
    """Let this test's own connection wait for a lock for a moment only."""
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'" if is_postgres else "PRAGMA busy_timeout = 50")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout" if is_postgres else "PRAGMA busy_timeout = 10000")


def quiet(user: User) -> Client:
    """Return a client that shows a broken page in place of raising what broke it."""
    client = logged_in(user)
    client.raise_request_exception = False
    return client


@with_real_transactions
def test_s50_a_write_waits_for_a_database_that_is_locked_for_a_while(buyer: Client, standin: Standin) -> None:
    asked = Event()

    def tell(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if not sql.startswith("SELECT"):
            asked.set()
        return execute(sql, *args)

    with writes_blocked(asked), connection.execute_wrapper(tell):
        assert place(buyer).status_code == 302
    assert asked.is_set()
    assert (Order.objects.get().status, Variant.objects.get().stock) == ("placed", 3)


@with_real_transactions
def test_s50_while_the_database_stays_locked_the_answer_is_a_clean_503_and_nothing_is_written(
    buyer: Client, alice: User, standin: Standin, patience: None
) -> None:
    client = quiet(alice)
    with writes_blocked(Event()):
        page = place(client)
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "Carts and orders are kept." in page.text
    assert (Order.objects.count(), Variant.objects.get().stock, at_stripe(standin)) == (0, 5, [])
    assert place(client).status_code == 302
    assert (Order.objects.count(), Variant.objects.get().stock) == (1, 3)


@with_real_transactions
def test_s50_a_webhook_that_meets_a_locked_database_is_sent_again_and_not_lost(
    order: Order, standin: Standin, patience: None
) -> None:
    standin.pay(intent_of(order))
    delivery = told(standin, SUCCEEDED)
    with writes_blocked(Event()):
        assert deliver(delivery).status_code == 503
    assert (StripeEvent.objects.count(), fresh(order).status) == (0, "placed")
    assert deliver(delivery).status_code == 200
    assert (StripeEvent.objects.get().status, fresh(order).status) == ("done", "paid")


@with_real_transactions
def test_s50_a_connection_lost_in_the_middle_of_placing_leaves_nothing_and_the_next_click_places(
    buyer: Client, alice: User, standin: Standin
) -> None:
    def lose_it(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.startswith('INSERT INTO "checkout_payment"'):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *args)

    client = quiet(alice)
    with connection.execute_wrapper(lose_it):
        assert place(client).status_code == 503
    assert (Order.objects.count(), Variant.objects.get().stock, at_stripe(standin)) == (0, 5, [])
    assert place(client).status_code == 302


def test_s50_any_other_error_is_still_a_500(
    buyer: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkout.purchase.placing.agree", lambda *_args: 1 / 0)
    assert place(quiet(alice)).status_code == 500


# --- Another currency ---


def test_s52_a_shop_that_sells_in_yen_asks_for_yen(
    as_alice: Client, alice: User, standin: Standin, settings: Any
) -> None:
    settings.STORE_CURRENCY = "jpy"
    fill_cart(alice, (VariantFactory(price=500, is_digital=True), 1))
    assert place(as_alice, total=500).status_code == 302
    order = Order.objects.get()
    [intent] = standin.intents()
    assert (intent["amount"], intent["currency"]) == (500, "jpy")
    page = pay_page(as_alice, order)
    assert "¥500" in page.text
    assert "500.00" not in page.text
    standin.pay(intent["id"])
    assert "We have your ¥500." in status_page(as_alice, order).text
    assert (fresh(order).status, fresh(order).currency, payment_of(order).amount_received) == (
        "paid",
        "jpy",
        500,
    )


# --- Refunds line by line ---


def test_s54_one_line_is_refunded_and_goes_back_and_then_the_rest_is_refunded_and_stays_out(
    as_alice: Client, alice: User, sam: User, standin: Standin
) -> None:
    novel, atlas = VariantFactory(price=1000, stock=10), VariantFactory(price=3000, stock=10)
    fill_cart(alice, (novel, 3), (atlas, 1))
    place(as_alice, total=6000)
    order = Order.objects.get()
    standin.pay(intent_of(order))
    status_page(as_alice, order)
    of_novel, of_atlas = order.lines.all()
    now = timezone.now()

    first = refunds.refund(order, Wanted(2000, restock=True, lines={of_novel.pk: 2}), user=sam, now=now)
    rest = refunds.refund(order, Wanted(refunds.left(order)), user=sam, now=now)
    assert (first.amount, rest.amount, refunds.left(order)) == (2000, 4000, 0)
    assert stock.held(order.number) == {novel.pk: 1, atlas.pk: 1}
    assert (refunds.restocked(of_novel), refunds.restocked(of_atlas)) == (2, 0)
    moved = StockMovement.objects.filter(reference=order.number).order_by("pk")
    assert list(moved.values_list("variant", "delta", "reason")) == [
        (novel.pk, -3, "order"), (atlas.pk, -1, "order"), (novel.pk, 2, "restock"),
    ]  # fmt: skip
    assert list(Variant.objects.order_by("pk").values_list("stock", flat=True)) == [9, 9]
    with pytest.raises(RefundTooLargeError):
        refunds.refund(order, Wanted(1, restock=True, lines={of_atlas.pk: 1}), user=sam, now=now)
    with pytest.raises((UnclearRestockError, RefundTooLargeError)):
        refunds.refund(order, Wanted(1000, restock=True, lines={of_novel.pk: 2}), user=sam, now=now)
    assert sorted(one["amount"] for one in standin.request("GET", "/v1/refunds")["data"]) == [2000, 4000]
    assert (fresh(order).status, mails_of(order)) == ("paid", ["paid", "refunded", "refunded"])
