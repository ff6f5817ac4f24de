"""Events about orders for other programs: written once with what they tell of, sent until they are taken."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from checkout.fulfilment import shipping
from checkout.messages import webhook_endpoints, webhook_events
from checkout.messages.order_json import order_json
from checkout.messages.webhook_events import WAITS
from checkout.models import Mail, Order, OutboundDelivery, OutboundEvent, OutboundTry, WebhookEndpoint
from checkout.orders import transitions
from checkout.orders.transitions import SWEEP, WEBHOOK, Actor, Kind
from checkout.payments import disputes, refunds
from checkout.payments.refunds import Wanted
from checkout.payments.stripe_types import DisputeFact, RefundFact
from checkout.purchase import closing
from stripe_standin.testing import Standin
from tests import receiver as other
from tests.factories import VariantFactory
from tests.orders import DECLINED, NOW, hear, pay, place
from tests.outbound import listen, queued, secret_of, send, state
from tests.receiver import Receiver, is_signed

pytestmark = pytest.mark.django_db

STAMP = NOW.timestamp()
STAFF = Actor("staff")


@pytest.fixture
def order(alice: User) -> Order:
    return place(alice, (VariantFactory(price=2400, stock=5, sku="WALDEN"), 2))


@pytest.fixture
def delivery(endpoint: WebhookEndpoint, order: Order) -> OutboundDelivery:
    """That the order was placed, on its way."""
    return OutboundDelivery.objects.get()


# --- What is told ---


def test_a_purchase_is_told_from_placing_to_delivery(endpoint: WebhookEndpoint, order: Order) -> None:
    pay(order)
    shipping.ship(order, tracking="3SABC", actor=STAFF, now=NOW)
    shipping.deliver(order, actor=STAFF, now=NOW)
    assert queued() == ["order.placed", "order.paid", "order.shipped", "order.delivered"]
    assert OutboundDelivery.objects.filter(endpoint=endpoint, status="waiting").count() == 4


def test_an_event_shows_the_order_as_it_is_after_what_happened(
    endpoint: WebhookEndpoint, order: Order
) -> None:
    order = pay(order)
    placed, paid = (json.loads(event.body) for event in OutboundEvent.objects.order_by("pk"))
    assert (placed["data"]["order"]["status"], paid["data"]["order"]["status"]) == ("placed", "paid")
    assert placed["data"]["order"]["payment"]["status"] == "unknown"
    assert paid == {
        "id": paid["id"],
        "type": "order.paid",
        "created": int(STAMP),
        "api_version": "v1",
        "data": {
            "order": json.loads(json.dumps(order_json(order), cls=DjangoJSONEncoder)),
            "details": {},
        },
    }
    assert placed["id"] != paid["id"]
    told = paid["data"]["order"]
    assert (told["number"], told["total"], told["paid_at"]) == (order.number, 5250, "2026-11-14T14:12:00Z")
    assert [(line["sku"], line["quantity"]) for line in told["lines"]] == [("WALDEN", 2)]
    assert told["payment"]["intent_id"] == order.payments.get().intent_id


def test_nothing_secret_and_nothing_of_a_card_is_told(endpoint: WebhookEndpoint, order: Order) -> None:
    hear(order.payments.get(), "requires_payment_method", error=DECLINED)
    pay(order)
    for body in OutboundEvent.objects.values_list("body", flat=True):
        for secret in ("pi_secret", "client_secret", "4242", "9995", "visa"):
            assert secret not in body


def test_an_order_of_nothing_is_placed_and_then_paid(endpoint: WebhookEndpoint, alice: User) -> None:
    place(alice, (VariantFactory(price=0, stock=5, is_digital=True), 1))
    assert queued() == ["order.placed", "order.paid"]


def test_a_refused_card_is_told_once(endpoint: WebhookEndpoint, order: Order) -> None:
    for _time in range(2):
        hear(order.payments.get(), "requires_payment_method", error=DECLINED)
    assert queued() == ["order.placed", "order.payment_failed"]
    [failed] = OutboundEvent.objects.filter(type="order.payment_failed")
    assert json.loads(failed.body)["data"]["details"] == {"code": "insufficient_funds"}


def test_money_that_did_not_come_is_told_once_with_the_order_open_again(
    endpoint: WebhookEndpoint, order: Order
) -> None:
    hear(order.payments.get(), "processing")
    later = NOW + timedelta(days=2)
    for _time in range(2):
        hear(order.payments.get(), "requires_payment_method", error=DECLINED, now=later)
    assert queued() == ["order.placed", "order.processing", "order.payment_failed"]
    failed = json.loads(OutboundEvent.objects.get(type="order.payment_failed").body)
    assert failed["data"]["order"]["status"] == "placed"
    assert failed["data"]["order"]["payment"]["error"] == "insufficient_funds"


def test_the_end_of_an_order_without_money_is_told(
    endpoint: WebhookEndpoint, alice: User, bob: User, standin: Standin
) -> None:
    variant = VariantFactory(price=2400, stock=5)
    closing.cancel(place(alice, (variant, 1)), actor=STAFF, now=NOW)
    closing.expire(place(bob, (variant, 1)), actor=SWEEP, now=NOW + timedelta(hours=1))
    assert queued() == ["order.placed", "order.cancelled", "order.placed", "order.expired"]


def test_every_refund_is_told_with_its_amount_and_the_words_of_staff_are_not(
    endpoint: WebhookEndpoint, order: Order, sam: User, standin: Standin
) -> None:
    from checkout.payments import paying

    paying.start(order.payments.get(), actor=SWEEP, now=NOW)
    standin.pay(order.payments.get().intent_id)
    paying.look(order, actor=SWEEP, now=NOW)
    for amount in (500, 700):
        refunds.refund(order, Wanted(amount, reason="torn page"), user=sam, now=NOW)
    bodies = [json.loads(event.body) for event in OutboundEvent.objects.filter(type="order.refunded")]
    assert sorted(body["data"]["details"]["amount"] for body in bodies) == [500, 700]
    assert "torn page" not in json.dumps(bodies)
    refunds.sync(order.payments.get(), actor=WEBHOOK, now=NOW + timedelta(minutes=1))
    assert queued() == ["order.placed", "order.paid", "order.refunded", "order.refunded"]


def test_a_failed_refund_and_a_dispute_are_told_with_what_staff_are_told(
    endpoint: WebhookEndpoint, order: Order
) -> None:
    order = pay(order)
    payment = order.payments.get()
    row = refunds._row_of(payment, refund_fact(payment.intent_id, "pending"))
    refunds.record(row, refund_fact(payment.intent_id, "failed"), actor=WEBHOOK, now=NOW)
    for status in ("needs_response", "under_review", "lost", "lost"):
        disputes.record(payment, dispute_fact(payment.intent_id, status), actor=WEBHOOK, now=NOW)
    assert queued() == [
        *("order.placed", "order.paid", "order.refund_failed", "order.needs_attention"),
        *("order.disputed", "order.needs_attention", "order.dispute_closed"),
    ]
    attention = OutboundEvent.objects.filter(type="order.needs_attention").order_by("pk").first()
    assert attention
    assert json.loads(attention.body)["data"]["order"]["needs_attention"] == "refund_failed"
    closed = json.loads(OutboundEvent.objects.get(type="order.dispute_closed").body)
    assert closed["data"]["details"] == {"amount": 5250, "currency": "eur", "status": "lost"}


def refund_fact(intent_id: str, status: str) -> RefundFact:
    return RefundFact("re_1", status, 500, "eur", intent_id, "", "lost_or_stolen_card", NOW)


def dispute_fact(intent_id: str, status: str) -> DisputeFact:
    return DisputeFact("dp_1", status, 5250, "eur", intent_id, "fraudulent", None, NOW)


def test_what_is_only_for_staff_is_not_told(endpoint: WebhookEndpoint, order: Order) -> None:
    for kind in (Kind.RESOLVED, Kind.PAYMENT_CLOSED, Kind.REFUND_STARTED):
        transitions.note(order, kind, actor=STAFF, now=NOW)
    assert queued() == ["order.placed"]


def test_every_type_of_event_comes_from_one_kind_of_the_timeline_or_more() -> None:
    silent = {Kind.RESOLVED, Kind.PAYMENT_CLOSED, Kind.REFUND_STARTED, Kind.SLIP}
    assert set(webhook_events.TYPES) == set(Kind) - silent
    assert all(name.startswith("order.") for name in webhook_events.TYPES.values())


# --- Exactly once, and together with what it tells of ---


def test_what_is_rolled_back_is_not_told(endpoint: WebhookEndpoint, order: Order) -> None:
    with transaction.atomic():
        pay(order)
        transaction.set_rollback(True)
    assert Order.objects.get().status == "placed"
    assert queued() == ["order.placed"]


def test_hearing_of_the_same_money_again_tells_nothing_new(endpoint: WebhookEndpoint, order: Order) -> None:
    for _time in range(3):
        pay(order)
    assert queued() == ["order.placed", "order.paid"]


def test_an_event_goes_to_every_endpoint_that_wants_its_type(order: Order) -> None:
    wants_all, wants_paid, wants_sent = (
        listen("http://all.example/"),
        listen("http://paid.example/", "order.paid", "order.refunded"),
        listen("http://sent.example/", "order.shipped"),
    )
    listen("http://off.example/", is_active=False)
    pay(order)
    assert queued() == ["order.paid"]
    assert set(OutboundDelivery.objects.values_list("endpoint", flat=True)) == {wants_all.pk, wants_paid.pk}
    shipping.ship(order, tracking="", actor=STAFF, now=NOW)
    assert set(
        OutboundDelivery.objects.filter(event__type="order.shipped").values_list("endpoint", flat=True)
    ) == {wants_all.pk, wants_sent.pk}


def statements_of_a_note(order: Order) -> int:
    with CaptureQueriesContext(connection) as statements:
        transitions.note(order, Kind.PROCESSING, actor=SWEEP, now=NOW)
    return len(statements)


def test_where_nobody_listens_an_event_costs_one_statement_and_writes_nothing(order: Order) -> None:
    with_nobody = statements_of_a_note(order)
    listen("http://off.example/", is_active=False)
    listen("http://sent.example/", "order.shipped")
    assert statements_of_a_note(order) == with_nobody == 2
    assert queued() == []


def test_an_event_costs_the_same_for_one_endpoint_and_for_many(order: Order) -> None:
    listen("http://one.example/")
    one = statements_of_a_note(order)
    for number in range(5):
        listen(f"http://{number}.example/")
    assert statements_of_a_note(order) == one == 7


# --- How it is sent ---


def test_an_event_is_sent_signed_and_the_other_side_can_verify_it(
    delivery: OutboundDelivery, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    assert send(NOW) == (1, 0)
    [letter] = receiver.letters
    assert is_signed(letter, secret_of(endpoint), now=STAMP)
    assert not is_signed(letter, "whsec_other", now=STAMP)
    assert not is_signed(letter, secret_of(endpoint), now=STAMP + 301)
    assert letter.headers["Folio-Event"] == letter.event["id"] == delivery.event.event_id
    assert letter.headers["Content-Type"] == "application/json"
    assert state(delivery) == ("delivered", 1)
    [tried] = OutboundTry.objects.all()
    assert (tried.status, tried.answer, tried.error) == (200, "seen", "")
    assert send(NOW + timedelta(days=9)) == (0, 0)


def test_a_signature_is_one_that_stripes_own_library_takes(
    delivery: OutboundDelivery, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    import stripe

    send(NOW)
    [letter] = receiver.letters
    signed = letter.headers["Folio-Signature"]
    assert stripe.WebhookSignature.verify_header(letter.body.decode(), signed, secret_of(endpoint))


def test_while_a_secret_is_rotated_both_sign(
    delivery: OutboundDelivery, endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    old, receiver.answers = secret_of(endpoint), [500, 200]
    new = webhook_endpoints.roll_secret(endpoint, now=NOW)
    send(NOW)
    send(NOW + timedelta(hours=25))
    during, after = receiver.letters
    assert is_signed(during, old, now=STAMP)
    assert is_signed(during, new, now=STAMP)
    later = STAMP + 25 * 3600
    assert is_signed(after, new, now=later)
    assert not is_signed(after, old, now=later)


def test_a_secret_that_somebody_else_rotated_is_not_rotated_again(endpoint: WebhookEndpoint) -> None:
    seen_by_both = WebhookEndpoint.objects.get(pk=endpoint.pk)
    new = webhook_endpoints.roll_secret(endpoint, now=NOW)
    with pytest.raises(webhook_endpoints.EndpointChangedError):
        webhook_endpoints.roll_secret(seen_by_both, now=NOW)
    assert secret_of(WebhookEndpoint.objects.get()) == new


def test_what_was_queued_first_is_sent_first(
    endpoint: WebhookEndpoint, order: Order, receiver: Receiver
) -> None:
    pay(order, now=NOW + timedelta(minutes=1))
    shipping.ship(order, tracking="", actor=STAFF, now=NOW + timedelta(minutes=2))
    assert send(NOW + timedelta(minutes=3)) == (3, 0)
    assert receiver.types == ["order.placed", "order.paid", "order.shipped"]


def test_what_is_not_taken_is_tried_again_with_longer_and_longer_waits_and_then_given_up(
    delivery: OutboundDelivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_events, "JITTER", 0)
    monkeypatch.setattr(webhook_endpoints, "PATIENCE", timedelta(days=30))
    receiver.answers = [500]
    now = NOW
    for wait in WAITS:
        assert send(now) == (0, 1)
        assert send(now + wait - timedelta(seconds=1)) == (0, 0)
        now += wait
    assert send(now) == (0, 1)
    assert state(delivery) == ("given_up", 10)
    assert send(now + timedelta(days=30)) == (0, 0)
    assert len({letter.headers["Folio-Event"] for letter in receiver.letters}) == 1
    assert len({letter.body for letter in receiver.letters}) == 1
    assert timedelta(days=2.5) < now - NOW < timedelta(days=3)
    assert list(WAITS) == sorted(WAITS)


def test_waits_differ_a_little_so_that_not_all_come_back_at_once() -> None:
    waits = {webhook_events._wait(4) for _time in range(50)}
    assert len(waits) > 1
    assert WAITS[3] * 0.8 <= min(waits) < max(waits) <= WAITS[3] * 1.2


@pytest.mark.parametrize("answer", [301, 404, 503, other.garbage, other.nothing])
def test_whatever_is_not_a_yes_is_tried_again(
    delivery: OutboundDelivery, receiver: Receiver, answer: Any
) -> None:
    receiver.answers = [answer, 200]
    assert send(NOW) == (0, 1)
    assert state(delivery) == ("waiting", 1)
    assert send(NOW + timedelta(minutes=2)) == (1, 0)
    assert state(delivery) == ("delivered", 2)
    assert [tried.status for tried in OutboundTry.objects.all()][1] == 200


def test_an_endpoint_that_does_not_answer_is_waited_for_once_a_turn(
    endpoint: WebhookEndpoint, order: Order, receiver: Receiver
) -> None:
    pay(order)
    receiver.answers = [other.nothing]
    assert [send(NOW), send(NOW), send(NOW)] == [(0, 1), (0, 1), (0, 0)]


def test_a_busy_endpoint_gives_the_others_their_turn(
    endpoint: WebhookEndpoint, order: Order, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_events, "TURN", 1)
    pay(order)
    assert [send(NOW), send(NOW), send(NOW)] == [(1, 0), (1, 0), (0, 0)]


def test_nothing_is_sent_inside_a_transaction(delivery: OutboundDelivery, receiver: Receiver) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        webhook_events.deliver(delivery.pk, now=NOW)
    assert receiver.letters == []


def test_a_claim_keeps_others_away_until_it_runs_out(delivery: OutboundDelivery, receiver: Receiver) -> None:
    OutboundDelivery.objects.update(sending_at=NOW)  # whoever claimed it died
    assert send(NOW + timedelta(minutes=4)) == (0, 0)
    assert send(NOW + timedelta(minutes=6)) == (1, 0)


def test_the_answer_to_a_claim_that_ran_out_changes_nothing_but_the_log(
    delivery: OutboundDelivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: Any, **_kwargs: Any) -> webhook_events.Answer:
        OutboundDelivery.objects.update(sending_at=NOW + timedelta(minutes=6))  # somebody else took it
        return webhook_events.Answer(500, 1)

    monkeypatch.setattr(webhook_events, "_post", slow)
    send(NOW)
    assert state(delivery) == ("waiting", 0)
    assert OutboundTry.objects.get().status == 500


# --- Endpoints that fail ---


def test_an_endpoint_that_says_it_is_gone_is_switched_off_and_staff_are_told(
    delivery: OutboundDelivery,
    endpoint: WebhookEndpoint,
    receiver: Receiver,
    sam: User,
    mailoutbox: list[Any],
) -> None:
    from checkout.messages import mails

    receiver.answers = [410]
    send(NOW)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.disabled_because) == (False, "gone")
    assert state(delivery) == ("given_up", 1)
    mails.send(Mail.objects.get(kind="webhook").pk, now=NOW)
    [message] = mailoutbox
    assert message.to == ["sam@example.org"]
    assert f"It answered that it is gone (410), so nothing more is sent to {endpoint.url}." in message.body
    assert f"/admin/checkout/webhookendpoint/{endpoint.pk}/change/" in message.body


def test_an_endpoint_that_took_nothing_for_three_days_is_switched_off_and_what_waits_is_kept(
    endpoint: WebhookEndpoint, order: Order, receiver: Receiver, sam: User
) -> None:
    receiver.answers = [500]
    send(NOW)
    later = NOW + timedelta(days=3)
    pay(order, now=later - timedelta(hours=1))
    assert WebhookEndpoint.objects.get().is_active
    send(later)
    assert WebhookEndpoint.objects.get().disabled_because == "silent"
    assert Mail.objects.filter(kind="webhook").count() == 1
    waiting = OutboundDelivery.objects.filter(status="waiting").count()
    shipping.ship(order, tracking="", actor=STAFF, now=later)
    assert OutboundDelivery.objects.filter(status="waiting").count() == waiting > 0
    receiver.answers = [200]
    far = later + timedelta(days=5)
    assert send(far) == (0, 0)
    WebhookEndpoint.objects.update(is_active=True, failing_since=None)
    assert send(far) == (waiting, 0)


def test_one_success_forgets_the_failures_before_it(
    delivery: OutboundDelivery, endpoint: WebhookEndpoint, order: Order, receiver: Receiver
) -> None:
    receiver.answers = [500, 200, 500]
    send(NOW)
    assert WebhookEndpoint.objects.get().failing_since == NOW
    send(NOW + timedelta(days=1))
    assert WebhookEndpoint.objects.get().failing_since is None
    pay(order, now=NOW + timedelta(days=4))
    send(NOW + timedelta(days=4))
    assert WebhookEndpoint.objects.get().is_active


def test_a_mail_about_an_endpoint_that_works_again_is_dropped(
    delivery: OutboundDelivery, receiver: Receiver, mailoutbox: list[Any]
) -> None:
    from checkout.messages import mails

    receiver.answers = [410]
    send(NOW)
    WebhookEndpoint.objects.update(is_active=True, disabled_because="")
    mails.send(Mail.objects.get(kind="webhook").pk, now=NOW)
    assert mailoutbox == []


# --- Again, and tests ---


def test_a_delivered_event_is_sent_again_with_the_same_id(
    delivery: OutboundDelivery, receiver: Receiver
) -> None:
    send(NOW)
    answer = webhook_events.send_again(delivery, now=NOW + timedelta(hours=1))
    assert answer.is_taken
    first, second = receiver.letters
    assert (first.body, first.headers["Folio-Event"]) == (second.body, second.headers["Folio-Event"])
    assert first.headers["Folio-Signature"] != second.headers["Folio-Signature"]
    assert delivery.log.count() == 2


def test_what_was_given_up_and_is_sent_again_has_all_its_tries_again(
    delivery: OutboundDelivery, receiver: Receiver
) -> None:
    OutboundDelivery.objects.update(status="given_up", tries=10, due_at=None)
    receiver.answers = [500]
    webhook_events.send_again(delivery, now=NOW)
    assert state(delivery) == ("waiting", 1)


def test_what_is_being_sent_is_not_sent_again(delivery: OutboundDelivery, receiver: Receiver) -> None:
    OutboundDelivery.objects.update(sending_at=NOW)
    with pytest.raises(webhook_events.BeingSentError):
        webhook_events.send_again(delivery, now=NOW + timedelta(seconds=5))
    assert receiver.letters == []


def test_nothing_is_sent_again_to_an_endpoint_that_is_off(
    delivery: OutboundDelivery, receiver: Receiver
) -> None:
    WebhookEndpoint.objects.update(is_active=False)
    delivery = OutboundDelivery.objects.get()
    with pytest.raises(webhook_events.EndpointOffError):
        webhook_events.send_again(delivery, now=NOW)
    assert receiver.letters == []


def test_a_test_event_is_sent_once_also_to_an_endpoint_that_is_off_and_counts_for_nothing(
    receiver: Receiver,
) -> None:
    endpoint = listen(receiver.url, "order.paid", is_active=False)
    receiver.answers = [200, 410]
    assert webhook_events.send_test(endpoint, now=NOW).status == "delivered"
    assert webhook_events.send_test(endpoint, now=NOW).status == "given_up"
    assert receiver.types == ["test", "test"]
    assert receiver.events[0]["data"] == {"order": None, "details": {}}
    assert is_signed(receiver.letters[0], secret_of(endpoint), now=STAMP)
    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.disabled_because) == (None, "")
    assert not Mail.objects.filter(kind="webhook").exists()


# --- The command, and workers ---


def test_old_events_are_forgotten_except_those_that_wait(
    endpoint: WebhookEndpoint, order: Order, bob: User, receiver: Receiver
) -> None:
    send(NOW)
    pay(order)
    webhook_events.forget_old(now=NOW + timedelta(days=90))
    assert queued() == ["order.placed", "order.paid"]
    webhook_events.forget_old(now=NOW + timedelta(days=91))
    assert queued() == ["order.paid"]
    assert OutboundTry.objects.count() == 0
    assert order.timeline.count() == 2


def test_the_command_sends_until_nothing_is_due(
    endpoint: WebhookEndpoint, order: Order, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_events, "TURN", 1)
    pay(order)
    out, err = StringIO(), StringIO()
    call_command("send_webhooks", workers=1, stdout=out, stderr=err)
    assert (out.getvalue(), err.getvalue()) == ("2 events delivered.\n", "")
    call_command("send_webhooks", workers=1, stdout=out, stderr=err)
    assert out.getvalue() == "2 events delivered.\n"


def test_the_command_says_what_was_not_taken_and_is_content(
    delivery: OutboundDelivery, receiver: Receiver
) -> None:
    receiver.answers = [500]
    out, err = StringIO(), StringIO()
    call_command("send_webhooks", workers=1, stdout=out, stderr=err)
    assert (out.getvalue(), err.getvalue()) == ("", "1 events were not taken and are tried again later.\n")
