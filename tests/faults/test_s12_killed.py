"""The process is killed between two steps; whoever comes next finds what it left."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.audit import ledger
from checkout.models import Order, Payment
from checkout.purchase import sweeping
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.faults import acts
from tests.faults.steps import (
    INTENTS,
    TOTAL,
    at_stripe,
    close_behind_stripes_back,
    cron,
    fresh,
    mails_of,
    pay_page,
    payment_of,
    run_out_of_time,
    session_of,
    trail,
)
from tests.orders import FORM, fill_cart
from tests.processes import ANY_STEP, Act, Processes

pytestmark = pytest.mark.django_db(transaction=True)

CREATED = "after payment_intents.create"
A_DAY_LATER = timedelta(hours=25)


@pytest.fixture
def orphan(buyer: Client, standin: Standin, processes: Processes) -> Order:
    """An order whose intent Stripe made, when the process died before it could write that down."""
    processes.kill(
        CREATED, acts.ASK, session=session_of(buyer), path="/checkout/", form={**FORM, "total": TOTAL}
    )
    order = Order.objects.get()
    payment = payment_of(order)
    assert (order.status, payment.status, payment.intent_id) == ("placed", "unknown", "")
    assert at_stripe(standin) == [("requires_payment_method", 0)]
    return order


def test_s12_a_reload_finds_the_intent_that_was_made_before_the_crash(
    orphan: Order, buyer: Client, standin: Standin
) -> None:
    page = pay_page(buyer, orphan)
    [intent] = standin.intents()
    assert page.status_code == 200
    assert intent["client_secret"] in page.text
    assert payment_of(orphan).intent_id == intent["id"]


def test_s12_the_cron_finds_the_intent_that_was_made_before_the_crash(
    orphan: Order, standin: Standin
) -> None:
    assert cron("reconcile") == [0]
    [intent] = standin.intents()
    payment = payment_of(orphan)
    assert (payment.intent_id, payment.status) == (intent["id"], "requires_payment_method")
    assert trail(orphan) == ["placed by customer"]


# --- The key is forgotten, too ---


def sweep_a_day_later(standin: Standin) -> list[str]:
    standin.advance(A_DAY_LATER.total_seconds())
    swept = [*sweep_now(sweeping.reconcile_open), *sweep_now(sweeping.expire)]
    return sorted({one.problem for one in swept})


def sweep_now(verb: Any) -> list[sweeping.Swept]:
    return list(verb(now=timezone.now() + A_DAY_LATER, workers=1))


def test_s13_when_the_key_is_forgotten_the_intent_is_found_by_its_metadata_and_cancelled(
    orphan: Order, variant: Variant, standin: Standin
) -> None:
    [made] = standin.intents()
    assert sweep_a_day_later(standin) == [""]
    assert at_stripe(standin) == [("canceled", 0)]
    assert payment_of(orphan).intent_id == made["id"]
    assert trail(orphan) == ["placed by customer", "payment_closed by sweep", "expired by sweep"]
    assert Variant.objects.get().stock == 5
    assert mails_of(orphan) == []


def test_s13_when_stripe_never_made_one_the_order_expires_and_none_is_left_open(
    buyer: Client, standin: Standin, processes: Processes
) -> None:
    form = {**FORM, "total": TOTAL}
    processes.kill(
        "before payment_intents.create", acts.ASK, session=session_of(buyer), path="/checkout/", form=form
    )
    assert at_stripe(standin) == []
    assert sweep_a_day_later(standin) == [""]
    assert at_stripe(standin) == [("canceled", 0)]
    assert Order.objects.get().status == "expired"


def test_s13_while_stripe_cannot_list_the_order_waits_and_keeps_its_books(
    orphan: Order, standin: Standin
) -> None:
    standin.add_fault(action="status", status=500, method="GET", path=INTENTS, times=0)
    assert sweep_a_day_later(standin) == ["stripe_unavailable"]
    assert (fresh(orphan).status, Variant.objects.get().stock) == ("placed", 3)
    standin.clear_faults()
    assert {one.problem for one in sweep_now(sweeping.expire)} == {""}
    assert (fresh(orphan).status, at_stripe(standin)) == ("expired", [("canceled", 0)])


def test_s13_where_stripe_refuses_to_list_staff_are_told_that_an_intent_may_exist(
    orphan: Order, standin: Standin
) -> None:
    standin.add_fault(action="status", status=403, method="GET", path=INTENTS, times=0)
    assert sweep_a_day_later(standin) == ["payments_down"]
    assert (fresh(orphan).status, fresh(orphan).needs_attention) == ("placed", "lost_intent")
    assert mails_of(orphan) == ["attention"]


# --- The order ends while its intent is being made ---


def none_is_left_that_nobody_knows(standin: Standin) -> None:
    assert {status for status, _received in at_stripe(standin)} <= {"canceled"}
    theirs = {intent["id"] for intent in standin.intents()}
    assert theirs == set(Payment.objects.exclude(intent_id="").values_list("intent_id", flat=True))
    assert not Payment.objects.filter(status="unknown").exists()


@pytest.mark.parametrize(
    ("step", "nth"),
    [(CREATED, 1), ("before payment_intents.cancel", 1), ("after payment_intents.cancel", 1), (CREATED, 2)],
)
def test_s53_the_intent_of_an_order_superseded_by_a_process_that_died_is_cancelled(
    orphan: Order, buyer: Client, standin: Standin, processes: Processes, step: str, nth: int
) -> None:
    moved = {**FORM, "line1": "Oudegracht 14", "total": TOTAL}
    processes.kill(step, acts.ASK, nth=nth, session=session_of(buyer), path="/checkout/", form=moved)
    for order in Order.objects.filter(status="placed"):
        run_out_of_time(order)
    assert cron() == [0, 0]
    assert set(Order.objects.values_list("status", flat=True)) <= {"expired", "cancelled"}
    assert Variant.objects.get().stock == 5
    none_is_left_that_nobody_knows(standin)


@pytest.mark.parametrize("step", [CREATED, "before payment_intents.cancel", "after payment_intents.cancel"])
def test_s53_the_intent_of_an_order_expired_by_a_process_that_died_is_cancelled(
    orphan: Order, standin: Standin, processes: Processes, step: str
) -> None:
    run_out_of_time(orphan)
    processes.kill(step, acts.SWEEP, now=timezone.now().isoformat())
    assert fresh(orphan).status == "placed"
    assert cron() == [0, 0]
    assert (fresh(orphan).status, Variant.objects.get().stock) == ("expired", 5)
    none_is_left_that_nobody_knows(standin)


@pytest.mark.parametrize("key", ["kept", "forgotten"])
def test_s53_a_closed_order_whose_intent_was_never_heard_of_has_it_cancelled(
    orphan: Order, standin: Standin, key: str
) -> None:
    close_behind_stripes_back(orphan, timezone.now())
    if key == "kept":
        assert cron() == [0, 0]
    else:
        assert sweep_a_day_later(standin) == [""]
    assert len(standin.intents()) == 1
    assert fresh(orphan).status == "expired"
    none_is_left_that_nobody_knows(standin)


# --- Killed anywhere ---

CUSTOMERS = 16
AT_ONCE = 4


def test_s51_workers_killed_anywhere_in_many_checkouts_leave_books_that_agree_with_stripes(
    standin: Standin, processes: Processes
) -> None:
    dice = random.Random(51)
    scarce, plenty = VariantFactory(price=2000, stock=10), VariantFactory(price=1000, stock=99)
    clients = [customer(number, (scarce, 1), (plenty, dice.choice([1, 2]))) for number in range(CUSTOMERS)]
    died = []
    for _click in range(2):
        died += go_through(processes, [placing_of(client) for client in clients], dice, furthest=110)
    for _click in range(2):  # the second, because the first may only have told that the last copy is gone
        go_through(processes, [placing_of(client) for client in clients if not orders_of(client)])
    died += go_through(processes, [looking_at(client, "pay") for client in clients], dice, furthest=60)
    shoppers_pay(standin)
    died += go_through(
        processes, [back_or_webhook(standin, dice, client) for client in clients], dice, furthest=100
    )
    died += go_through(processes, [Act(acts.COMMAND, {"name": "reconcile"})] * 2, dice, furthest=200)
    Order.objects.filter(status="placed").update(expires_at=timezone.now())
    died += go_through(processes, [Act(acts.COMMAND, {"name": "expire_orders"})] * 2, dice, furthest=200)
    assert 20 < sum(died) < len(died)

    assert cron() == [0, 0]
    assert ledger.breaches() == []
    assert not Order.objects.filter(status__in=Order.OPEN).exists()
    assert Order.objects.filter(status="paid").count() >= CUSTOMERS // 4
    ours = {payment.intent_id: (payment.status, payment.amount_received) for payment in Payment.objects.all()}
    theirs = {intent["id"]: (intent["status"], intent["amount_received"]) for intent in standin.intents()}
    assert ours == theirs
    taken = sum(order.total for order in Order.objects.filter(status="paid"))
    assert taken == sum(received for _status, received in theirs.values())


def customer(number: int, *wanted: tuple[Variant, int]) -> Client:
    user = User.objects.create_user(f"customer{number}@example.org")
    fill_cart(user, *wanted)
    return logged_in(user)


def go_through(
    processes: Processes, planned: list[Act], dice: random.Random | None = None, furthest: int = 0
) -> list[bool]:
    """Do the acts, a few at once; with dice, each is killed at a step that they choose. Return who died."""
    if dice:
        planned = [Act(act.call, act.facts, ANY_STEP, dice.randint(1, furthest)) for act in planned]
    batches = [planned[start : start + AT_ONCE] for start in range(0, len(planned), AT_ONCE)]
    return [outcome.died for batch in batches for outcome in processes.run(*batch)]


def placing_of(client: Client) -> Act:
    from checkout.purchase import placing
    from shop.models import Cart

    cart = Cart.objects.get(user_id=client.session["_auth_user_id"])
    try:
        total = placing.agree(cart).totals.total
    except placing.CartChangedError:
        total = 0
    return Act(
        acts.ASK, {"session": session_of(client), "path": "/checkout/", "form": {**FORM, "total": total}}
    )


def orders_of(client: Client) -> list[Order]:
    return list(Order.objects.filter(user_id=client.session["_auth_user_id"]))


def looking_at(client: Client, page: str) -> Act:
    path = f"/checkout/{orders_of(client)[0].number}/{page}/"
    return Act(acts.ASK, {"session": session_of(client), "path": path})


def shoppers_pay(standin: Standin) -> None:
    """Let every other shopper pay; the rest are declined, or leave."""
    waiting = Payment.objects.exclude(intent_id="").exclude(status__in=Payment.FINAL)
    for number, payment in enumerate(waiting):
        if number % 2 == 0:
            standin.pay(payment.intent_id)
        elif number % 4 == 1:
            standin.pay(payment.intent_id, "pm_card_visa_chargeDeclined")


def back_or_webhook(standin: Standin, dice: random.Random, client: Client) -> Act:
    intents = set(orders_of(client)[0].payments.values_list("intent_id", flat=True))
    events = [event for event in standin.events() if event["data"]["object"]["id"] in intents]
    if events and dice.random() < 0.5:
        return Act(acts.RECEIVE, {"event": events[0]})
    return looking_at(client, "status")
