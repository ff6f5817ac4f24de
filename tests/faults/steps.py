"""The steps of a purchase, and what is left of it: at the shop and at Stripe."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from checkout.models import Mail, Order, Payment
from checkout.orders import transitions
from checkout.orders.transitions import SWEEP
from checkout.payments import gateway
from checkout.purchase import closing
from shop import stock
from stripe_standin.testing import Standin
from tests.orders import FORM
from tests.webhook import deliver

INTENTS = "/v1/payment_intents"
TOTAL = 5250  # two books of the fixture `variant`, sent by post


def place(client: Client, total: int = TOTAL, **changes: Any) -> Any:
    return client.post("/checkout/", {**FORM, "total": total, **changes})


def pay_page(client: Client, order: Order) -> Any:
    return client.get(f"/checkout/{order.number}/pay/")


def status_page(client: Client, order: Order) -> Any:
    return client.get(f"/checkout/{order.number}/status/")


def session_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def intent_of(order: Order) -> str:
    """Return the id of the intent of an order's last payment."""
    return order.payments.order_by("created_at").last().intent_id


def trail(order: Order) -> list[str]:
    """Return what happened to an order and by whom, as in `paid by webhook`."""
    return [f"{kind} by {actor}" for kind, actor in order.timeline.values_list("kind", "actor")]


def mails_of(order: Order) -> list[str]:
    return sorted(Mail.objects.filter(order=order).values_list("kind", flat=True))


def at_stripe(standin: Standin) -> list[tuple[str, int]]:
    """Return status and amount received of every intent there is."""
    return sorted((intent["status"], intent["amount_received"]) for intent in standin.intents())


def told(standin: Standin, kind: str) -> dict[str, Any]:
    """Return the newest event of a kind, as Stripe sends it."""
    return next(event for event in standin.events() if event["type"] == kind)


def hear_of(standin: Standin, kind: str) -> int:
    """Deliver the newest event of a kind to the shop and return what it answered."""
    status: int = deliver(told(standin, kind)).status_code
    return status


def cron(*names: str) -> list[int]:
    """Run commands of the sweep, one worker each as tests share a connection; return their exit codes."""
    return [_exit_code(name) for name in names or ("reconcile", "expire_orders")]


def _exit_code(name: str) -> int:
    try:
        call_command(name, workers=1)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def run_out_of_time(order: Order) -> None:
    """Let the time to pay be over, as far as the commands can tell."""
    Order.objects.filter(pk=order.pk).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))


def close_behind_stripes_back(order: Order, now: datetime) -> None:
    """End an order without asking Stripe, as Folio never does: a restored backup, say."""
    order = fresh(order)
    transitions.move(order, Order.Status.EXPIRED, transitions.Kind.EXPIRED, actor=SWEEP, now=now)
    stock.give_back(order.number, reason=stock.Reason.RELEASE, now=now)
    closing.release_cart(order)


def meanwhile(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    *,
    before: Callable[[], Any] | None = None,
    after: Callable[[], Any] | None = None,
) -> list[Any]:
    """Let something happen just before or just after the next call of a gateway verb, once.

    Returns a list that has what came of it.
    """
    real, results = getattr(gateway, name), []

    def call(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(gateway, name, real)
        if before:
            results.append(before())
        answer = real(*args, **kwargs)
        if after:
            results.append(after())
        return answer

    monkeypatch.setattr(gateway, name, call)
    return results


def payment_of(order: Order) -> Payment:
    return order.payments.get()
