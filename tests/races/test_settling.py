"""The same money heard of twice at the same instant: one effect. And the proof that the test can fail."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from checkout.models import Order
from checkout.orders import invoices, transitions
from checkout.payments import reconcile
from shop.models import CartLine
from stripe_standin.testing import Standin
from tests.conftest import logged_in
from tests.faults.steps import cron, fresh, intent_of, mails_of, status_page, told, trail
from tests.races.together import at_once, met, move_without_looking
from tests.webhook import deliver

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid_at_stripe(order: Order, standin: Standin) -> Order:
    standin.pay(intent_of(order))
    return order


def hearing(who: str, order: Order, alice: User, standin: Standin) -> Callable[[], Any]:
    event = told(standin, "payment_intent.succeeded")
    client = logged_in(alice)
    return {
        "webhook": lambda: deliver(event).status_code,
        "status page": lambda: status_page(client, order).status_code,
        "sweep": lambda: 200 + cron("reconcile")[0],
    }[who]


PAIRS = [
    ("status page", "webhook"),
    ("webhook", "webhook"),
    ("status page", "status page"),
    ("sweep", "webhook"),
]
pairs = pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)


def both_hear(
    pair: tuple[str, str], order: Order, alice: User, standin: Standin, monkeypatch: Any
) -> list[str]:
    """Let both hear of the money, decide from what they read, and only then act; return what was paid by whom."""
    monkeypatch.setattr(reconcile, "_carry_out", met(reconcile._carry_out))
    answers = at_once(*(hearing(who, order, alice, standin) for who in pair))
    assert answers == [200, 200]
    return [step for step in trail(order) if step.startswith("paid")]


@pairs
def test_who_comes_second_finds_it_done(
    paid_at_stripe: Order,
    alice: User,
    standin: Standin,
    monkeypatch: pytest.MonkeyPatch,
    pair: tuple[str, str],
) -> None:
    assert len(both_hear(pair, paid_at_stripe, alice, standin, monkeypatch)) == 1
    assert (fresh(paid_at_stripe).status, mails_of(paid_at_stripe)) == ("paid", ["paid"])
    assert not CartLine.objects.exists()


@pairs
@pytest.mark.broken_books
def test_without_the_condition_it_is_done_twice(
    paid_at_stripe: Order,
    alice: User,
    standin: Standin,
    monkeypatch: pytest.MonkeyPatch,
    pair: tuple[str, str],
) -> None:
    """The negative control: the order moves whatever state it is in."""
    monkeypatch.setattr(transitions, "move", move_without_looking)
    # The database itself refuses a second invoice.
    monkeypatch.setattr(invoices, "write", lambda _orders, *, now: None)
    assert len(both_hear(pair, paid_at_stripe, alice, standin, monkeypatch)) == 2
