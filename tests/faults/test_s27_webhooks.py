"""Webhooks: repeated, late, early, forged, broken, and none of ours."""

import json
import logging
import time
from typing import Any

import pytest
from django.test import Client

from checkout.messages import mails
from checkout.models import Order, Payment, StripeEvent
from checkout.payments import webhooks
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.faults import acts
from tests.faults.steps import (
    INTENTS,
    TOTAL,
    at_stripe,
    fresh,
    hear_of,
    intent_of,
    mails_of,
    payment_of,
    session_of,
    told,
    trail,
)
from tests.orders import FORM
from tests.processes import Processes
from tests.races.together import at_once
from tests.webhook import deliver, event, signature

pytestmark = pytest.mark.django_db
SUCCEEDED = "payment_intent.succeeded"


@pytest.mark.django_db(transaction=True)
def test_s27_the_same_event_ten_times_at_once_has_one_effect_and_ten_thanks(
    order: Order, standin: Standin
) -> None:
    # The negative control is in tests/races/test_settling.py.
    standin.pay(intent_of(order))
    delivery = told(standin, SUCCEEDED)
    answers = at_once(*[lambda: deliver(delivery).status_code] * 10)
    assert answers == [200] * 10
    row = StripeEvent.objects.get(event_id=delivery["id"])
    assert (row.status, row.deliveries, row.order) == ("done", 10, order)
    assert trail(order) == ["placed by customer", "paid by webhook"]
    assert mails_of(order) == ["paid"]
    assert Variant.objects.get().stock == 3


def test_s28_a_failure_that_comes_after_the_success_changes_nothing(order: Order, standin: Standin) -> None:
    standin.pay(intent_of(order), "pm_card_visa_chargeDeclined")
    standin.pay(intent_of(order))
    assert [hear_of(standin, SUCCEEDED), hear_of(standin, "payment_intent.payment_failed")] == [200, 200]
    assert (fresh(order).status, payment_of(order).status) == ("paid", "succeeded")
    assert trail(order) == ["placed by customer", "paid by webhook"]


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        (SUCCEEDED, {"id": "pi_nobodys", "object": "payment_intent", "metadata": {}}),
        (
            SUCCEEDED,
            {"id": "pi_other", "object": "payment_intent", "metadata": {"payment": "42", "order": "7"}},
        ),
        ("charge.refunded", {"id": "ch_other", "object": "charge", "payment_intent": "pi_other"}),
        ("invoice.paid", {"id": "in_1", "object": "invoice"}),
        ("a.type.of.tomorrow", {"object": "surprise"}),
    ],
)
def test_s29_what_is_not_about_us_is_stored_and_ignored(
    order: Order, standin: Standin, kind: str, about: dict[str, Any]
) -> None:
    assert deliver(event(kind, about)).status_code == 200
    assert StripeEvent.objects.get().status == "ignored"
    assert (trail(order), fresh(order).status) == (["placed by customer"], "placed")


BODY = json.dumps(event(SUCCEEDED, {"id": "pi_1", "object": "payment_intent"})).encode()


@pytest.mark.parametrize(
    "header",
    ["", "nonsense", f"t={int(time.time())},v1={'0' * 64}", signature(b"another body"), signature(BODY, secret="whsec_other")],
    ids=["none", "nonsense", "wrong", "of another body", "of another secret"],
)  # fmt: skip
def test_s30_what_stripe_did_not_sign_is_not_even_parsed(
    db: None, header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "checkout.payments.gateway.json.loads", lambda _text: pytest.fail("parsed before it was verified")
    )
    assert deliver(BODY, header=header).status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("minutes", [-6, 6])
def test_s30_a_stamp_six_minutes_from_our_clock_is_refused_with_an_alarm(
    db: None, minutes: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert deliver(BODY, at=time.time() + 60 * minutes).status_code == 400
    assert not StripeEvent.objects.exists()
    assert alarms(caplog) == [
        "A webhook that Stripe signed was refused: its stamp is more than five minutes from our clock"
    ]


def test_s30_without_a_secret_all_is_refused_with_an_alarm(
    db: None, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert [deliver(BODY, secret=secret).status_code for secret in ("", "whsec_standin")] == [400, 400]
    assert not StripeEvent.objects.exists()
    assert alarms(caplog) == ["A webhook was refused because STRIPE_WEBHOOK_SECRET is not set"] * 2


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what an operator is told at once: errors of the shop."""
    loud = [record for record in caplog.records if record.levelno >= logging.ERROR]
    return [record.getMessage() for record in loud if record.name.startswith("checkout")]


def test_s31_a_handler_that_breaks_half_way_leaves_nothing_half_written_and_is_tried_again(
    order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.pay(intent_of(order))
    with monkeypatch.context() as broken:
        broken.setattr(mails, "queue", lambda *_args, **_kwargs: 1 / 0)
        assert hear_of(standin, SUCCEEDED) == 503
    row = StripeEvent.objects.get()
    assert (row.status, row.error) == ("failed", "ZeroDivisionError: division by zero")
    # The money fact is a commit of its own; of what follows from it nothing is there.
    assert (fresh(order).status, payment_of(order).status) == ("placed", "succeeded")
    assert (trail(order), mails_of(order)) == (["placed by customer"], [])
    assert hear_of(standin, SUCCEEDED) == 200
    row.refresh_from_db()
    assert (row.status, row.error, row.deliveries) == ("done", "", 2)
    assert (trail(order), mails_of(order)) == (["placed by customer", "paid by webhook"], ["paid"])


@pytest.mark.django_db(transaction=True)
def test_s32_an_event_before_we_wrote_the_intents_id_is_resolved_by_its_metadata(
    buyer: Client, standin: Standin, processes: Processes
) -> None:
    form = {**FORM, "total": TOTAL}
    step = "after payment_intents.create"
    processes.kill(step, acts.ASK, session=session_of(buyer), path="/checkout/", form=form)
    order = Order.objects.get()
    assert payment_of(order).intent_id == ""
    [intent] = standin.intents()
    standin.pay(intent["id"])
    assert hear_of(standin, SUCCEEDED) == 200
    assert (fresh(order).status, payment_of(order).intent_id) == ("paid", intent["id"])
    assert at_stripe(standin) == [("succeeded", TOTAL)]


def test_s32_while_stripe_cannot_be_asked_the_event_waits_and_is_not_lost(
    order: Order, standin: Standin
) -> None:
    Payment.objects.update(intent_id="", status="unknown")
    [intent] = standin.intents()
    standin.pay(intent["id"])
    standin.add_fault(action="status", status=500, method="GET", path=f"{INTENTS}/*", times=0)
    assert hear_of(standin, SUCCEEDED) == 503
    assert StripeEvent.objects.get().error == "stripe_unavailable"
    standin.clear_faults()
    assert hear_of(standin, SUCCEEDED) == 200
    assert fresh(order).status == "paid"


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\xfd", b"[]", b'[{"object": "event"}]', b"", b"null", b'"event"', b"{", b"[" * 100_000]
)
def test_s33_a_body_that_is_no_event_is_refused_though_it_was_signed(db: None, body: bytes) -> None:
    assert deliver(body).status_code == 400
    assert not StripeEvent.objects.exists()


class Endless:
    """A body that never ends, and counts how much of it was taken."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read to the end"
        self.taken += size
        return b" " * size

    readline = read


def test_s33_of_a_body_of_five_megabytes_no_more_is_read_than_an_event_may_have(db: None) -> None:
    body = Endless()
    answer = Client().generic(
        "POST", "/webhooks/stripe/", b" ", **{"wsgi.input": body, "CONTENT_LENGTH": "5000000"}
    )
    assert answer.status_code == 413
    assert body.taken <= webhooks.LARGEST_BODY + 1
    assert not StripeEvent.objects.exists()


def test_s34_an_event_of_live_mode_is_refused_by_a_test_shop_with_an_alarm(
    order: Order, standin: Standin, caplog: pytest.LogCaptureFixture
) -> None:
    live = {**told(standin, "payment_intent.created"), "livemode": True}
    assert deliver(live).status_code == 400
    assert alarms(caplog) == [f"A webhook of the other mode was refused: {live['id']}"]
    assert not StripeEvent.objects.exists()
    assert trail(order) == ["placed by customer"]
