"""Stripe's webhook events: stored once, handled once, in any order.

An event is stored first, outside of what can be rolled back, and is only a hint: what counts is what Stripe answers
when asked. Events that Folio handles are named in HANDLED; an endpoint needs no others. https://docs.stripe.com/webhooks
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from checkout.models import Payment, StripeEvent
from checkout.one_by_one import attempt
from checkout.orders.transitions import WEBHOOK, Actor
from checkout.payments import disputes, gateway, refunds
from checkout.payments.reconcile import settle
from checkout.payments.stripe_types import Event, Json
from shop.errors import ShopError

logger = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000
CLOCKS_DIFFER = timedelta(minutes=5)
# For so long Stripe sends an event that was not taken, and so do we; then it is for a person to handle again.
SENT_AGAIN = timedelta(days=3)


class BodyTooLargeError(ShopError):
    """More than any event of Stripe's is."""

    code = "body_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self) -> None:
        super().__init__(_("The body is too large."))


class RefusedEventError(ShopError):
    """Not signed by Stripe, not now, or not of the mode that this shop runs in."""

    code = "event_refused"
    status = HTTPStatus.BAD_REQUEST


class UnhandledEventError(ShopError):
    """It could not be handled now. It is stored with its error, and Stripe sends it again."""

    code = "event_not_handled"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(_("The event is stored and could not be handled now. Send it again."))


def receive(body: bytes, signature: str, *, now: datetime) -> StripeEvent:
    """Verify a delivery, store it, act on it, and return its row. One that is done is not acted on again.

    Raises BodyTooLargeError or RefusedEventError, then nothing was stored; UnhandledEventError, then its row has the
    error.
    """
    if len(body) > LARGEST_BODY:
        raise BodyTooLargeError
    row = _stored(_verified(body, signature, now), now)
    StripeEvent.objects.filter(pk=row.pk).update(deliveries=F("deliveries") + 1)
    if row.status not in StripeEvent.FINISHED:
        handle(row, actor=WEBHOOK, now=now)
    return row


def catch_up(*, since: datetime, actor: Actor, now: datetime) -> tuple[int, int]:
    """Act on the events made since a moment that no delivery brought, and on those that could not be handled before.

    Returns how many could be handled now and how many could not. Raises StripeUnavailableError or StripeRefusedError
    when Stripe does not list them, at any step.
    """
    problems = [
        attempt(f"Event {event_id}", partial(_take_in, event, actor, now))
        for event_id, event in _missed(since, now)
    ]
    return problems.count(""), len(problems) - problems.count("")


def _take_in(event: Event | StripeEvent, actor: Actor, now: datetime) -> None:
    handle(_stored(event, now) if isinstance(event, Event) else event, actor=actor, now=now)


def _missed(since: datetime, now: datetime) -> Iterator[tuple[str, Event | StripeEvent]]:
    # An event is stored after it was made; by our clock a little before, perhaps.
    stored = StripeEvent.objects.filter(received_at__gte=since - CLOCKS_DIFFER)
    known = set(stored.values_list("event_id", flat=True))
    unfinished = StripeEvent.objects.filter(status__in=StripeEvent.UNFINISHED)
    for row in list(unfinished.filter(received_at__gte=now - SENT_AGAIN)):
        yield row.event_id, row
    for event in gateway.events_since(since, types=sorted(HANDLED)):
        if event.id not in known and event.livemode == settings.STRIPE.livemode:
            yield event.id, event


def _stored(event: Event, now: datetime) -> StripeEvent:
    """Return an event's row, outside of whatever can be rolled back later."""
    return StripeEvent.objects.get_or_create(
        event_id=event.id,
        defaults={
            "type": event.type[:100],
            "object_id": event.object_id[:255],
            "payload": without_secrets(event.payload),
            "received_at": now,
        },
    )[0]


def _verified(body: bytes, signature: str, now: datetime) -> Event:
    if not settings.STRIPE_WEBHOOK_SECRETS:
        logger.error("A webhook was refused because STRIPE_WEBHOOK_SECRET is not set")
        raise RefusedEventError(_("Webhooks are not set up."))
    try:
        event = gateway.verified_event(body, signature, now=now)
    except gateway.WrongClockError as error:
        logger.error("A webhook that Stripe signed was refused: %s", error)  # noqa: TRY400 - no fault of the code
        raise RefusedEventError(_("The stamp is not of now.")) from error
    except gateway.BadSignatureError as error:
        logger.warning("A webhook was refused: %s", error)
        raise RefusedEventError(_("The signature does not fit.")) from error
    if event.livemode != settings.STRIPE.livemode:
        logger.error("A webhook of the other mode was refused: %s", event.id)
        raise RefusedEventError(_("The event is of another mode."))
    return event


def handle(row: StripeEvent, *, actor: Actor, now: datetime) -> None:
    """Act on a stored event, now or again, and mark it.

    Raises UnhandledEventError when it could not be done; the row then has the error.
    """
    event = Event.read(row.payload)
    try:
        payment = _payment_of(event)
        if payment is None:
            _mark(row, StripeEvent.Status.IGNORED, now=now)
            return
        handler = _handler(event.type)
        if handler:
            handler(payment, event, actor, now)
    except Exception as error:
        # Whatever it was: the event stays, with its error, and Stripe sends it again.
        logger.exception("Event %s could not be handled", row.event_id)
        reason = error.code if isinstance(error, ShopError) else f"{type(error).__name__}: {error}"
        StripeEvent.objects.filter(pk=row.pk).update(status=StripeEvent.Status.FAILED, error=reason[:300])
        raise UnhandledEventError from error
    _mark(
        row,
        StripeEvent.Status.DONE if handler else StripeEvent.Status.IGNORED,
        now=now,
        order_id=payment.order_id,
    )


def _mark(
    row: StripeEvent, status: StripeEvent.Status, *, now: datetime, order_id: int | None = None
) -> None:
    facts = {"status": status, "error": "", "done_at": now, "order_id": order_id}
    StripeEvent.objects.filter(pk=row.pk).update(**facts)
    for name, value in facts.items():
        setattr(row, name, value)


def _payment_of(event: Event) -> Payment | None:
    """Return our payment that an event is about: by the intent we stored, or, before we stored it, by its metadata."""
    payments = Payment.objects.select_related("order")
    # The index leaves the empty ones out, and is used only where the query does too.
    with_intent = payments.exclude(intent_id="")
    found = with_intent.filter(intent_id=event.intent_id).first() if event.intent_id else None
    if found or not event.payment_id:
        return found
    try:
        return payments.filter(pk=UUID(event.payment_id), intent_id="").first()
    except ValueError:
        return None


def _intent_changed(payment: Payment, event: Event, actor: Actor, now: datetime) -> None:
    settle(payment, gateway.retrieve_intent(event.intent_id), actor=actor, now=now)


def _refund_changed(payment: Payment, event: Event, actor: Actor, now: datetime) -> None:
    _intent_changed(payment, event, actor, now)
    refunds.sync(payment, actor=actor, now=now)


def _dispute_changed(payment: Payment, event: Event, actor: Actor, now: datetime) -> None:
    disputes.sync(payment, event.object_id, actor=actor, now=now)


Handler = Callable[[Payment, Event, Actor, datetime], None]

HANDLED: dict[str, Handler] = {
    "payment_intent.succeeded": _intent_changed,
    "payment_intent.processing": _intent_changed,
    "payment_intent.payment_failed": _intent_changed,
    "payment_intent.requires_action": _intent_changed,
    "payment_intent.amount_capturable_updated": _intent_changed,
    "payment_intent.canceled": _intent_changed,
    "charge.refunded": _refund_changed,
    "refund.created": _refund_changed,
    "refund.updated": _refund_changed,
    "refund.failed": _refund_changed,
    "charge.dispute.created": _dispute_changed,
    "charge.dispute.updated": _dispute_changed,
    "charge.dispute.closed": _dispute_changed,
    "charge.dispute.funds_withdrawn": _dispute_changed,
    "charge.dispute.funds_reinstated": _dispute_changed,
}


def _handler(event_type: str) -> Handler | None:
    return HANDLED.get(event_type)


def without_secrets(value: Json) -> Json:
    """Return an event's JSON without any client secret: what we keep must not be able to finish a payment."""
    return {name: _cleaned(part) for name, part in value.items() if name != "client_secret"}


def _cleaned(part: object) -> object:
    if isinstance(part, dict):
        return without_secrets(part)
    if isinstance(part, list):
        return [_cleaned(item) for item in part]
    return part
