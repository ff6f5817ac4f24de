"""Places an order: the cart is checked against what the customer was shown, frozen, and its stock taken, in one commit."""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from checkout.models import DeliveryOption, IdempotencyKey, Order, OrderLine
from checkout.orders import transitions
from checkout.orders.address import Address
from checkout.orders.pricing import Totals, price
from checkout.orders.transitions import Actor, Kind
from checkout.payments import paying, reconcile
from checkout.purchase import closing, idempotency
from shop import money, stock
from shop.cart import review
from shop.cart.review import Change, Review
from shop.errors import ShopError
from shop.models import Cart

# No vowels, so no words; no look-alikes: 0 O, 1 I L, 2 Z, 5 S, 8 B.
ALPHABET = "34679CDFGHJKMNPQRTVWXY"


class EmptyCartError(ShopError):
    """There is nothing to order."""

    code = "empty_cart"

    def __init__(self) -> None:
        super().__init__(_("Your cart is empty."))


class CartChangedError(ShopError):
    """The cart is not what the customer saw: prices or stock moved. `changes` says what, line by line."""

    code = "cart_changed"

    def __init__(self, review: Review) -> None:
        super().__init__(_("Your cart has changed since you looked."))
        self.review = review
        self.changes: tuple[Change, ...] = review.changes


class TotalChangedError(ShopError):
    """The total that the customer agreed to is not what it costs now. `total` is what it is, in minor units."""

    code = "total_changed"

    def __init__(self, shown: int | None, total: int) -> None:
        now = money.written(total)
        super().__init__(
            _("The total is %(now)s.") % {"now": now}
            if shown is None
            else _("The total is now %(now)s, it was %(was)s.") % {"now": now, "was": money.written(shown)}
        )
        self.fields = {"total": [self.message]}
        self.shown = shown
        self.total = total


class UnknownDeliveryError(ShopError):
    """Products are to be sent, and no offered way to send them was chosen."""

    code = "unknown_delivery"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("Choose how we send the books."))


class AmountOutOfRangeError(ShopError):
    """Stripe does not take so little, or so much, in one payment."""

    code = "amount_out_of_range"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, *, smallest: int | None = None, largest: int | None = None) -> None:
        super().__init__(
            _("The smallest order we can take is %s.") % money.written(smallest)
            if smallest is not None
            else _("The largest order we can take is %s. Please order in two parts.")
            % money.written(largest or 0)
        )


@dataclass(frozen=True)
class Agreement:
    """What a customer agrees to by placing: the lines as they stand, how they are sent, and what it all costs."""

    review: Review
    delivery: DeliveryOption | None
    totals: Totals

    def fingerprint(self, address: Address) -> str:
        """Return what is the same for the same order, and different when anything in it is."""
        lines = sorted((line.variant.pk, line.quantity, line.unit_price) for line in self.review)
        facts = [lines, self.delivery and self.delivery.code, asdict(self.totals), asdict(address)]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def agree(cart: Cart | None, delivery_code: str) -> Agreement:
    """Look at the cart as it is now and price it with a delivery option, by its code ("": the first one offered).

    Raises EmptyCartError, CartChangedError (nothing is left of it) or UnknownDeliveryError.
    """
    if cart is None:
        raise EmptyCartError
    reviewed = review.of_cart(cart)
    if not reviewed:
        raise CartChangedError(reviewed) if reviewed.changes else EmptyCartError
    delivery = _delivery(delivery_code) if reviewed.needs_delivery else None
    totals = price([(line.unit_price, line.quantity) for line in reviewed], delivery)
    return Agreement(reviewed, delivery, totals)


def _delivery(code: str) -> DeliveryOption:
    options = DeliveryOption.objects.filter(is_active=True)
    option = options.filter(code=code).first() if code else options.first()
    if option is None:
        raise UnknownDeliveryError
    return option


def place(
    *,
    user: User,
    cart: Cart | None,
    address: Address,
    delivery: str,
    total_shown: int | None,
    now: datetime,
    claim: IdempotencyKey | None = None,
) -> Order:
    """Place what is in the cart, for the total that was shown (minor units), and return the order.

    The same cart, placed again, gives the same open order; a changed cart supersedes it, at Stripe first. Raises
    EmptyCartError, CartChangedError, TotalChangedError, UnknownDeliveryError, AmountOutOfRangeError; when an older
    order of the cart must end first, also what `closing.cancel` raises. Then no order was placed. Under a `claim` that
    placed an order before, that order is returned.
    """
    if claim and claim.order:
        return claim.order
    actor = Actor("customer", user)
    for _attempt in range(5):
        agreement = _agree_to(cart, delivery, total_shown)
        fingerprint = agreement.fingerprint(address)
        order = Order.objects.filter(cart=cart, status=Order.Status.PLACED).first()
        if order and order.fingerprint == fingerprint:
            return order
        if order:
            closing.cancel(order, actor=actor, now=now)
        try:
            with transaction.atomic(durable=True):
                order = _write(user, cart, address, delivery, total_shown, actor=actor, now=now)
                if claim:
                    idempotency.note_order(claim, order)
                return order
        except (_OtherOrderError, stock.NotEnoughStockError):
            continue  # another tab placed this cart, or another buyer was faster: look again
    raise CartChangedError(review.of_cart(cart)) if cart else EmptyCartError


class _OtherOrderError(Exception):
    """The cart got an open order while we were looking."""


def _agree_to(cart: Cart | None, delivery: str, total_shown: int | None) -> Agreement:
    agreement = agree(cart, delivery)
    total = agreement.totals.total
    if agreement.review.changes:
        raise CartChangedError(agreement.review)
    if total != total_shown:
        raise TotalChangedError(total_shown, total)
    smallest = money.smallest_charge(settings.STORE_CURRENCY)
    if 0 < total < smallest:
        raise AmountOutOfRangeError(smallest=smallest)
    if total > money.LARGEST_CHARGE:
        raise AmountOutOfRangeError(largest=money.LARGEST_CHARGE)
    return agreement


def _write(
    user: User,
    cart: Cart | None,
    address: Address,
    delivery: str,
    total_shown: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> Order:
    """Write the order with all that belongs to it, in the caller's transaction."""
    # Whoever places this cart at the same time waits here, and then finds our order.
    cart = Cart.objects.select_for_update().filter(pk=cart.pk).first() if cart else None
    if cart is None:
        raise EmptyCartError
    if Order.objects.filter(cart=cart, status=Order.Status.PLACED).exists():
        raise _OtherOrderError
    agreement = _agree_to(cart, delivery, total_shown)
    order = _write_order(user, cart, address, agreement, now=now)
    lines = _write_lines(order, agreement.review)
    stock.take(
        {line.variant_id: line.quantity for line in lines if line.variant_id}, reference=order.number, now=now
    )
    Cart.objects.filter(pk=cart.pk).update(held_by=order.number)
    if order.total:
        paying.new_payment(order, now=now)
    transitions.note(order, Kind.PLACED, actor=actor, now=now)
    if not order.total:
        reconcile.mark_paid(order, actor=actor, now=now, data={})
    return order


def _write_order(user: User, cart: Cart, address: Address, agreement: Agreement, *, now: datetime) -> Order:
    totals = agreement.totals
    return Order.objects.create(
        number=new_number(),
        user=user,
        email=user.email,
        language=get_language() or settings.LANGUAGE_CODE,
        currency=settings.STORE_CURRENCY,
        **asdict(totals),
        total=totals.total,
        delivery_name=agreement.delivery.name if agreement.delivery else "",
        **asdict(address),
        cart=cart,
        fingerprint=agreement.fingerprint(address),
        placed_at=now,
        expires_at=reconcile.expiry(now),
    )


def _write_lines(order: Order, review: Review) -> list[OrderLine]:
    return OrderLine.objects.bulk_create(
        [
            OrderLine(
                order=order,
                variant=line.variant,
                sku=line.variant.sku,
                title=line.variant.product.title,
                edition=line.variant.name,
                is_digital=line.variant.is_digital,
                quantity=line.quantity,
                unit_price=line.unit_price,
            )
            for line in review
        ]
    )


def new_number() -> str:
    """Return a number for an order: random, easy to read out, with no letters that look alike: FQ7K-3MWD."""
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _position in range(8))
        number = f"{letters[:4]}-{letters[4:]}"
        if not Order.objects.filter(number=number).exists():
            return number
