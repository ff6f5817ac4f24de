"""An attempt to pay: its PaymentIntent is made, looked at, and made anew when Stripe has closed it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from checkout import gateway, states
from checkout.facts import Intent
from checkout.models import Attention, Order, Payment
from checkout.reconcile import reconcile, settle
from checkout.states import Actor

# Stripe keeps a key for at least 24 hours.
KEY_LIFETIME = timedelta(hours=23)
CLOCKS_DIFFER = timedelta(minutes=5)


def start(payment: Payment, *, actor: Actor, now: datetime) -> Intent:
    """Create the payment's PaymentIntent and store its id; asked again, get the same one.

    Raises StripeUnavailableError (the payment stays `unknown`) or StripeRefusedError.
    """
    intent = _forgotten(payment, actor=actor, now=now) or gateway.create_intent(
        key=str(payment.pk),
        amount=payment.amount,
        currency=payment.currency,
        order_number=payment.order.number,
        payment_id=str(payment.pk),
    )
    settle(payment, intent, actor=actor, now=now)
    return intent


def _forgotten(payment: Payment, *, actor: Actor, now: datetime) -> Intent | None:
    """Return the intent that Stripe made for a payment so long ago that its key is forgotten, if there is one.

    Under a forgotten key Stripe would make a second intent. Ours is found by its metadata; a list is always complete,
    which Stripe's search is not. https://docs.stripe.com/api/idempotent_requests. Where Stripe refuses to list, staff are
    told. Raises StripeUnavailableError or StripeRefusedError.
    """
    if now - payment.created_at < KEY_LIFETIME:
        return None
    try:
        made = gateway.intents_since(payment.created_at - CLOCKS_DIFFER)
        ours = [intent for intent in made if intent.payment_id == str(payment.pk)]
    except gateway.StripeRefusedError as error:
        # A key that may not list, say: nobody but a person can look now.
        data = {"reason_at_stripe": error.reason}
        states.flag(payment.order, Attention.LOST_INTENT, str(payment.pk), actor=actor, now=now, data=data)
        raise
    # Were there ever two, then the one with money counts.
    return max(ours, key=lambda intent: intent.status == Payment.SUCCEEDED, default=None)


def look(order: Order, *, actor: Actor, now: datetime) -> Intent | None:
    """Ask Stripe once how the order's payment stands, making its PaymentIntent if there is none yet.

    Returns None where the order has nothing to ask about. `order` is brought up to date. Raises
    StripeUnavailableError or StripeRefusedError.
    """
    payment = current(order)
    if payment is None:
        return None
    if payment.intent_id:
        intent = reconcile(payment, actor=actor, now=now)
    elif order.is_open:
        intent = start(payment, actor=actor, now=now)
    else:
        return None
    order.refresh_from_db()
    return intent


def current(order: Order) -> Payment | None:
    """Return the payment that counts: the one that succeeded, else the open one, else the last."""
    payments = list(order.payments.all())
    succeeded = [payment for payment in payments if payment.status == Payment.SUCCEEDED]
    unfinished = [payment for payment in payments if not payment.is_final]
    return next(iter([*succeeded, *unfinished, *reversed(payments)]), None)


def attempt(order: Order, *, now: datetime) -> Payment | None:
    """Return the open payment of an order that awaits payment, and make a new one where Stripe closed the last.

    Returns None where the order does not await payment.
    """
    with transaction.atomic():
        locked = Order.objects.select_for_update().get(pk=order.pk)
        if locked.status != Order.Status.PLACED:
            return None
        unfinished = locked.payments.filter(~Q(status__in=Payment.FINAL)).first()
        if unfinished or locked.payments.filter(status=Payment.SUCCEEDED).exists():
            return unfinished
        return new_payment(locked, now=now)


def new_payment(order: Order, *, now: datetime) -> Payment:
    """Write the row of a new attempt; Stripe has not been asked yet. Raises IntegrityError if one is open."""
    return Payment.objects.create(order=order, amount=order.total, currency=order.currency, created_at=now)
