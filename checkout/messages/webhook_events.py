"""What the shop tells other programs: events about orders, signed, and tried again until they are taken.

An event is written in the transaction of what it tells of, from the row of the timeline (`transitions.note`), so each is
told exactly once. It is sent later, outside of any transaction, by `manage.py send_webhooks`, at least once: whoever
receives it knows one that came twice by its id. How to receive them: docs/webhooks.md.
"""

import hashlib
import hmac
import json
import random
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.encryption import UnreadableSecretError
from checkout.messages import http_sender, mails, webhook_endpoints
from checkout.messages.http_sender import Answer
from checkout.messages.no_transaction import assert_no_transaction
from checkout.messages.order_json import order_json
from checkout.models import (
    Mail,
    Order,
    OutboundDelivery,
    OutboundEvent,
    OutboundTry,
    Timeline,
    WebhookEndpoint,
)
from checkout.models.outbound import new_event_id
from checkout.one_by_one import attempt
from shop.errors import ShopError

Kind = Timeline.Kind
Status = OutboundDelivery.Status

API_VERSION = "v1"

# What other programs are told of what a timeline tells.
TYPES: dict[str, str] = {
    Kind.PLACED: "order.placed",
    Kind.PROCESSING: "order.processing",
    Kind.PAID: "order.paid",
    Kind.DECLINED: "order.payment_failed",
    Kind.REOPENED: "order.payment_failed",
    Kind.CANCELLED: "order.cancelled",
    Kind.EXPIRED: "order.expired",
    Kind.SHIPPED: "order.shipped",
    Kind.DELIVERED: "order.delivered",
    Kind.REFUNDED: "order.refunded",
    Kind.REFUND_FAILED: "order.refund_failed",
    Kind.DISPUTED: "order.disputed",
    Kind.DISPUTE_CLOSED: "order.dispute_closed",
    Kind.ATTENTION: "order.needs_attention",
}
TEST = "test"
# Of a timeline row's facts, those that others may see: nothing of a card, no words of staff about customers.
DETAILS = ("amount", "currency", "code", "status", "tracking")

# How long to wait after each try that failed, three days in all; then a delivery is given up.
WAITS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15)),
    *(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 24)),
)
JITTER = 0.2
# Longer than any try may take, so that nobody else sends what is being sent.
CLAIM = timedelta(minutes=5)
# How long an event is kept for looking it up and sending it again. It holds an address, so not for ever.
KEPT = timedelta(days=90)
FORGET_AT_ONCE = 500
# How many endpoints are sent to at the same time, and how many events one of them gets before the next has its turn.
WORKERS = 4
TURN = 20


class EndpointOffError(ShopError):
    """The endpoint is switched off."""

    code = "endpoint_off"

    def __init__(self) -> None:
        super().__init__(_("This endpoint is switched off. Switch it on first."))


class BeingSentError(ShopError):
    """It is being sent at this moment."""

    code = "being_sent"

    def __init__(self) -> None:
        super().__init__(_("It is being sent just now. Look again in a moment."))


def queue(entry: Timeline) -> None:
    """Write the event of a timeline row for the endpoints that want it, in the caller's transaction.

    One statement where nobody wants anything.
    """
    listening = list(WebhookEndpoint.objects.filter(is_active=True)) if entry.kind in TYPES else []
    wanting = [endpoint for endpoint in listening if endpoint.wants(TYPES[entry.kind])]
    if not wanting:
        return
    # Read anew: the caller's may not have what the move set with it.
    order = Order.objects.prefetch_related("lines", "payments").get(pk=entry.order_id)
    if entry.kind == Kind.DECLINED and order.status == Order.Status.PROCESSING:
        return  # the same failure reopens the order next, and is told then
    details = {name: entry.data[name] for name in DETAILS if entry.data.get(name)}
    data = {"order": order_json(order), "details": details}
    event = _write(TYPES[entry.kind], data, entry=entry, now=entry.at)
    OutboundDelivery.objects.bulk_create(
        OutboundDelivery(event=event, endpoint=endpoint, due_at=entry.at) for endpoint in wanting
    )


def _write(
    event_type: str, data: Mapping[str, object], *, entry: Timeline | None = None, now: datetime
) -> OutboundEvent:
    event_id = new_event_id()
    payload = {
        "id": event_id,
        "type": event_type,
        "created": int(now.timestamp()),
        "api_version": API_VERSION,
        "data": data,
    }
    body = json.dumps(payload, cls=DjangoJSONEncoder, ensure_ascii=False)
    return OutboundEvent.objects.create(
        event_id=event_id,
        type=event_type,
        order_id=entry.order_id if entry else None,
        entry=entry,
        body=body,
        created_at=now,
    )


def due(*, now: datetime) -> QuerySet[OutboundDelivery]:
    """Return the deliveries whose time has come and that nobody is sending."""
    wanted = Q(endpoint__is_active=True) | Q(event__order=None)
    return OutboundDelivery.objects.filter(wanted, _is_free(now), due_at__lte=now)


def _is_free(now: datetime) -> Q:
    return Q(sending_at=None) | Q(sending_at__lt=now - CLAIM)


def deliver(delivery_id: int, *, now: datetime) -> Answer | None:
    """Try a delivery that is due, write down what came of it and return it; None where there was nothing to do."""
    assert_no_transaction("Nothing may be sent")
    if not due(now=now).filter(pk=delivery_id).exists() or not _claim(delivery_id, now=now):
        return None
    delivery = OutboundDelivery.objects.select_related("event__order", "endpoint").get(pk=delivery_id)
    answer = _post(delivery, now=now)
    _record(delivery, answer, now=now)
    return answer


def _claim(delivery_id: int, *, now: datetime) -> bool:
    """Take a delivery, as one of those who try to. No joins here: PostgreSQL would judge them by what it read before it waited."""
    mine = OutboundDelivery.objects.filter(_is_free(now), pk=delivery_id, due_at__lte=now)
    return bool(mine.update(sending_at=now))


def _post(delivery: OutboundDelivery, *, now: datetime) -> Answer:
    body = delivery.event.body.encode()
    try:
        secrets = delivery.endpoint.secrets_at(now)
    except UnreadableSecretError:
        return Answer(None, 0, _("Its secret cannot be read, as SECRET_KEY was changed. Give it a new one."))
    return http_sender.post(
        delivery.endpoint.url,
        body,
        {
            "Content-Type": "application/json",
            "User-Agent": "Folio-Webhooks/1",
            "Folio-Event": delivery.event.event_id,
            "Folio-Signature": signature(body, secrets, now=now),
        },
    )


def signature(body: bytes, secrets: Iterable[str], *, now: datetime) -> str:
    """Return `t=…,v1=…`, as Stripe signs: a Unix time, and for each secret the HMAC-SHA256 of `t.body` in hex."""
    stamp = str(int(now.timestamp()))
    signed = f"{stamp}.".encode() + body
    parts = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={stamp}", *parts])


def _record(delivery: OutboundDelivery, answer: Answer, *, now: datetime) -> None:
    """Write down a try, and what comes next. A claim that ran out meanwhile is somebody else's by now."""
    tries = delivery.tries + 1
    is_over = not answer.is_taken and (_is_last(tries) or delivery.event.order is None or answer.is_gone)
    next_try = None if answer.is_taken or is_over else now + _wait(tries)
    status = Status.DELIVERED if answer.is_taken else Status.GIVEN_UP if is_over else Status.WAITING
    with transaction.atomic():
        OutboundTry.objects.create(
            delivery=delivery,
            at=now,
            status=answer.status,
            milliseconds=answer.milliseconds,
            error=answer.error,
            answer=answer.text,
        )
        ours = OutboundDelivery.objects.filter(pk=delivery.pk, sending_at=now)
        if not ours.update(status=status, tries=tries, due_at=next_try, sending_at=None):
            return
        if answer.is_taken:
            webhook_endpoints.note_success(delivery.endpoint)
        elif delivery.event.order and webhook_endpoints.note_failure(
            delivery.endpoint, is_gone=answer.is_gone, now=now
        ):
            about = f"{delivery.endpoint_id} {now.isoformat()}"
            mails.queue(delivery.event.order, Mail.Kind.WEBHOOK, about=about, now=now)


def _is_last(tries: int) -> bool:
    return tries > len(WAITS)


def _wait(tries: int) -> timedelta:
    """Return how long to wait after so many tries: not to the second, so that what failed at once is not back at once."""
    return WAITS[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nobody gains by guessing it


class Sent(NamedTuple):
    """How many deliveries were taken, how many were not, and how many could not even be tried, which is our fault."""

    taken: int = 0
    refused: int = 0
    broken: int = 0


def send_due(*, now: datetime, workers: int = WORKERS) -> Sent:
    """Try what is due, a few endpoints at a time; return what came of it.

    Each endpoint has its turn, in the order of what is due. One that does not answer loses the rest of it, so that a
    dead one costs one wait and not hundreds. What remains is due still.
    """
    theirs = due(now=now).filter(endpoint=OuterRef("pk"))
    waiting = list(WebhookEndpoint.objects.filter(Exists(theirs)).values_list("pk", flat=True))
    if workers == 1 or len(waiting) < 2:
        turns = [_turn(endpoint_id, now) for endpoint_id in waiting]
    else:
        with ThreadPoolExecutor(workers) as pool:
            turns = list(pool.map(lambda endpoint_id: _turn_in_thread(endpoint_id, now), waiting))
    return Sent(*(sum(counts) for counts in zip(*turns, strict=True)))


def _turn(endpoint_id: int, now: datetime) -> Sent:
    answers: list[Answer] = []
    broken = 0
    mine = due(now=now).filter(endpoint=endpoint_id).order_by("due_at", "pk")
    for delivery_id in list(mine.values_list("pk", flat=True)[:TURN]):
        known = len(answers)
        broken += bool(attempt(f"Delivery {delivery_id}", partial(_deliver_into, answers, delivery_id, now)))
        if len(answers) > known and answers[-1].status is None:
            break
    taken = sum(answer.is_taken for answer in answers)
    return Sent(taken, len(answers) - taken, broken)


def _deliver_into(answers: list[Answer], delivery_id: int, now: datetime) -> None:
    answer = deliver(delivery_id, now=now)
    if answer is not None:
        answers.append(answer)


def _turn_in_thread(endpoint_id: int, now: datetime) -> Sent:
    try:
        return _turn(endpoint_id, now)
    finally:
        connections.close_all()


def send_again(delivery: OutboundDelivery, *, now: datetime) -> Answer:
    """Try a delivery now, whatever became of it before, and return what came of it. Its waits begin anew.

    Raises EndpointOffError, or BeingSentError.
    """
    if not delivery.endpoint.is_active:
        raise EndpointOffError
    free = OutboundDelivery.objects.filter(_is_free(now), pk=delivery.pk)
    free.update(status=Status.WAITING, tries=0, due_at=now, sending_at=None)
    answer = deliver(delivery.pk, now=now)
    if answer is None:
        raise BeingSentError
    return answer


def send_test(endpoint: WebhookEndpoint, *, now: datetime) -> OutboundDelivery:
    """Send an endpoint an event of the type `test`, once, also one that is switched off; return its delivery."""
    with transaction.atomic():
        event = _write(TEST, {"order": None, "details": {}}, now=now)
        delivery = OutboundDelivery.objects.create(event=event, endpoint=endpoint, due_at=now)
    deliver(delivery.pk, now=now)
    delivery.refresh_from_db()
    return delivery


def forget_old(*, now: datetime) -> None:
    """Delete events, with their deliveries and tries, that are older than KEPT and wait for nobody; some at a time."""
    waiting = OutboundDelivery.objects.filter(event=OuterRef("pk"), due_at__isnull=False)
    old = OutboundEvent.objects.filter(~Exists(waiting), created_at__lt=now - KEPT)
    OutboundEvent.objects.filter(
        pk__in=list(old.order_by("created_at").values_list("pk", flat=True)[:FORGET_AT_ONCE])
    ).delete()
