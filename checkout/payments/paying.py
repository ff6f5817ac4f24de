"""Payment attempts: a PaymentIntent is created, retrieved, and replaced when Stripe has canceled it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from checkout.models import Attention, Order, Payment
from checkout.orders import transitions
from checkout.orders.transitions import CUSTOMER, CUSTOMER_RETURNS, Actor
from checkout.payments import answers, gateway
from checkout.payments.gateway import StripeRefusedError, StripeUnavailableError
from checkout.payments.reconcile import reconcile, settle
from checkout.payments.stripe_types import Intent
from shop.errors import ShopError

logger = logging.getLogger(__name__)

# Stripe keeps a key for at least 24 hours.
KEY_LIFETIME = timedelta(hours=23)
CLOCKS_DIFFER = timedelta(minutes=5)
# Elements refuses the client secret of an intent in one of these: https://docs.stripe.com/changelog/clover
FINISHED = frozenset({"succeeded", "processing", "requires_capture"})


class NothingToPayError(ShopError):
    """The order does not await a payment: it is paid, or on its way, or closed. Its status says which."""

    code = "nothing_to_pay"

    def __init__(self) -> None:
        super().__init__(_("There is nothing to pay for this order now."))


def begin(order: Order, *, now: datetime) -> None:
    """Begin the payment of an order just placed. When Stripe does not answer the order stays, and is asked about later."""
    payment = order.current_payment
    if payment is None or payment.intent_id:
        return
    try:
        start(payment, actor=CUSTOMER, now=now)
    except (StripeUnavailableError, StripeRefusedError) as error:
        logger.warning("Order %s is placed, its payment is not begun: %s", order.number, error.code)


def start(payment: Payment, *, actor: Actor, now: datetime) -> Intent:
    """Create the payment's PaymentIntent and store its id; asked again, get the same one.

    Raises StripeUnavailableError (the payment stays `unknown`), StripeRefusedError, or KeySpentError: then this payment
    is closed, it has no intent, and the order's next look begins another.
    """
    try:
        intent = _forgotten(payment, actor=actor, now=now) or gateway.create_intent(
            key=str(payment.pk),
            amount=payment.amount,
            currency=payment.currency,
            order_number=payment.order.number,
            payment_id=str(payment.pk),
        )
    except gateway.KeySpentError:
        # Nothing can come of this key any more, so what the list does not have was never made.
        found = _made_for(payment, actor=actor, now=now)
        if found is None:
            answers.close_unmade(payment, actor=actor, now=now)
            raise
        intent = found
    settle(payment, intent, actor=actor, now=now)
    return intent


def _forgotten(payment: Payment, *, actor: Actor, now: datetime) -> Intent | None:
    """Return the intent that Stripe made for a payment so long ago that its key is forgotten, if there is one.

    Under a forgotten key Stripe would make a second intent. https://docs.stripe.com/api/idempotent_requests. Raises as
    `_made_for` does.
    """
    if now - payment.created_at < KEY_LIFETIME:
        return None
    return _made_for(payment, actor=actor, now=now)


def _made_for(payment: Payment, *, actor: Actor, now: datetime) -> Intent | None:
    """Find by its metadata the intent that Stripe made for a payment; a list is always complete, Stripe's search is not.

    Where Stripe refuses to list, staff are told. Raises StripeUnavailableError or StripeRefusedError.
    """
    try:
        made = gateway.intents_since(payment.created_at - CLOCKS_DIFFER)
        ours = [intent for intent in made if intent.payment_id == str(payment.pk)]
    except gateway.StripeRefusedError as error:
        # A key that may not list, say: nobody but a person can look now.
        data = {"reason_at_stripe": error.reason}
        transitions.flag(
            payment.order, Attention.LOST_INTENT, str(payment.pk), actor=actor, now=now, data=data
        )
        raise
    # Were there ever two, then the one with money counts.
    return max(ours, key=lambda intent: intent.status == Payment.SUCCEEDED, default=None)


def look(order: Order, *, actor: Actor, now: datetime) -> Intent | None:
    """Ask Stripe once how the order's payment stands, making its PaymentIntent if there is none yet.

    Returns None where the order has nothing to ask about. `order` is brought up to date. Raises
    StripeUnavailableError or StripeRefusedError.
    """
    payment = order.current_payment
    if payment is None:
        return None
    if payment.intent_id:
        return reconcile(payment, actor=actor, now=now)
    if order.is_open and not payment.is_final:
        return start(payment, actor=actor, now=now)
    return None


def look_or_know(order: Order, *, now: datetime) -> bool:
    """Bring an order up to date for its customer, and tell whether Stripe answered. If not, it is as it was last known."""
    try:
        look(order, actor=CUSTOMER_RETURNS, now=now)
    except (StripeUnavailableError, StripeRefusedError):
        order.refresh_from_db()
        return False
    return True


def payable(order: Order, *, now: datetime) -> Intent:
    """Return the intent that a customer may confirm: made, or asked about, just now. `order` is brought up to date.

    One that Stripe has closed is followed by a new attempt. Raises NothingToPayError, StripeUnavailableError or
    StripeRefusedError.
    """
    for _attempt in range(2):
        if attempt(order, now=now) is None:
            break
        intent = look(order, actor=CUSTOMER, now=now)
        if order.status != Order.Status.PLACED or order.needs_attention or intent is None:
            break
        if intent.status in FINISHED:
            break
        if intent.status != Payment.CANCELED:
            return intent
    raise NothingToPayError


def attempt(order: Order, *, now: datetime) -> Payment | None:
    """Return the open payment of an order that awaits payment, and make a new one where Stripe closed the last.

    Returns None where the order does not await payment.
    """
    if order.status != Order.Status.PLACED:
        return None
    payment = order.current_payment
    if payment and not payment.is_final:
        return payment
    with transaction.atomic():
        # Locked and read anew, the payments that came with it too.
        order.refresh_from_db(from_queryset=Order.objects.select_for_update())
        if order.status != Order.Status.PLACED:
            return None
        unfinished = order.payments.filter(~Q(status__in=Payment.FINAL)).first()
        if unfinished or order.payments.filter(status=Payment.SUCCEEDED).exists():
            return unfinished
        return new_payment(order, now=now)


def new_payment(order: Order, *, now: datetime) -> Payment:
    """Write the row of a new attempt; Stripe has not been asked yet. Raises IntegrityError if one is open."""
    return Payment.objects.create(order=order, amount=order.total, currency=order.currency, created_at=now)
