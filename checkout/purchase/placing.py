"""Places an order: the cart is checked against what the customer was shown, frozen, and its stock taken, in one commit."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.email_change import proven_owner
from accounts.models import User, normal_email
from checkout.models import DeliveryOption, IdempotencyKey, Order, OrderLine, Timeline, Voucher
from checkout.orders import delivery, tax, transitions, vouchers
from checkout.orders.address import Address
from checkout.orders.numbers import new_number
from checkout.orders.pricing import Totals, price
from checkout.orders.transitions import Actor, Kind
from checkout.payments import paying, reconcile
from checkout.purchase import closing, idempotency
from shop import money, stock
from shop.cart import review
from shop.cart.review import Change, Review
from shop.errors import ShopError
from shop.models import Cart


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


class AmountInStepsError(AmountOutOfRangeError):
    """Stripe charges this currency in steps, and the total is between two of them."""

    def __init__(self, total: int) -> None:
        ShopError.__init__(
            self, _("%s cannot be charged in one payment. Please write to us.") % money.written(total)
        )


@dataclass(frozen=True)
class Terms:
    """What a price depends on, beside the cart: where it goes, how, and with which voucher, for whom.

    `delivery`: the code of an option, "" the first that reaches the country, None no choice. `country`: "" where nobody
    has said yet, which is taken for the shop's own.
    """

    country: str = ""
    delivery: str | None = ""
    voucher: str = ""
    user: User | None = None
    email: str = ""

    @property
    def assumed_country(self) -> str:
        """Return the country that the price is worked out for."""
        return self.country or settings.STORE_COUNTRY


@dataclass(frozen=True)
class Agreement:
    """What a customer agrees to by placing: the lines as they stand, how they are sent, and what it all costs.

    `options` are the ways to send among which `delivery` was chosen; none where nothing is sent.
    """

    review: Review
    options: tuple[DeliveryOption, ...]
    delivery: DeliveryOption | None
    voucher: Voucher | None
    country: str
    totals: Totals

    def fingerprint(self, address: Address, email: str) -> str:
        """Return what is the same for the same order, and different when anything in it is."""
        lines = sorted((line.variant.pk, line.quantity, line.unit_price) for line in self.review)
        chosen = [self.delivery and self.delivery.code, self.voucher and self.voucher.code]
        facts = [lines, chosen, self.totals.as_fields(), asdict(address), email]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def agree(cart: Cart | None, terms: Terms = Terms(), *, now: datetime | None = None) -> Agreement:
    """Look at the cart as it is now, and price it on these terms.

    Raises EmptyCartError, CartChangedError (nothing is left of it), UnknownDeliveryError or a VoucherError.
    """
    if cart is None:
        raise EmptyCartError
    reviewed = review.of_cart(cart, with_pictures=False)
    if not reviewed:
        raise CartChangedError(reviewed) if reviewed.changes else EmptyCartError
    moment = now or timezone.now()
    options = delivery.options_to(terms.country) if reviewed.needs_delivery else ()
    chosen = delivery.chosen(options, terms.delivery) if reviewed.needs_delivery else None
    voucher = vouchers.find(terms.voucher)
    if voucher:
        vouchers.check(
            voucher,
            subtotal=reviewed.subtotal,
            user=terms.user,
            email=terms.email,
            cart_id=cart.pk,
            now=moment,
        )
    rates = tax.rates_in(terms.assumed_country, timezone.localdate(moment))
    lines = [(line.total, rates.get(line.variant.product.tax_class, 0)) for line in reviewed]
    totals = price(lines, chosen, voucher, included=settings.PRICES_INCLUDE_TAX)
    return Agreement(reviewed, options, chosen, voucher, terms.assumed_country, totals)


@dataclass(frozen=True)
class Wish:
    """What a customer sends to place a cart: on which terms, and the total that was shown, in minor units.

    A guest has an e-mail address and no user.
    """

    cart: Cart | None
    address: Address
    terms: Terms
    total_shown: int | None


def place(
    *,
    user: User | None,
    cart: Cart | None,
    address: Address,
    delivery: str | None,
    total_shown: int | None,
    now: datetime,
    email: str = "",
    voucher: str = "",
    claim: IdempotencyKey | None = None,
) -> Order:
    """Place what is in the cart, for the total that was shown (minor units), and return the order.

    A guest (no user) leaves an e-mail address; where that is proven to be an account's, the order is the account's.
    The same cart, placed again, gives the same open order; a changed cart supersedes it, at Stripe first. Raises
    EmptyCartError, CartChangedError, TotalChangedError, UnknownDeliveryError, VoucherError, AmountOutOfRangeError; when an older
    order of the cart must end first, also what `closing.cancel` raises. Then no order was placed. Under a `claim` that
    placed an order before, that order is returned.
    """
    if claim and claim.order:
        return claim.order
    whose = user.email if user else normal_email(email)
    wish = Wish(cart, address, Terms(address.country, delivery, voucher, user, whose), total_shown)
    for _attempt in range(5):
        try:
            with transaction.atomic(durable=True):
                return _place_or_find(wish, claim, now=now)
        except _OtherOrderError as error:
            closing.cancel(error.order, actor=Actor(Timeline.Actor.CUSTOMER, user), now=now)
        except stock.NotEnoughStockError:
            continue  # another buyer was faster: look again
        except CartChangedError:
            # What the review noted as told was rolled back with the rest.
            _agree_to(wish, now)
    raise CartChangedError(review.of_cart(cart)) if cart else EmptyCartError


class _OtherOrderError(Exception):
    """The cart has an open order for something else, which must end first."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.number)
        self.order = order


def _place_or_find(wish: Wish, claim: IdempotencyKey | None, *, now: datetime) -> Order:
    """Write the order with all that belongs to it, in the caller's transaction; or return the one that is open for the same.

    The cart is looked at once, under its lock. Raises _OtherOrderError where its open order is for something else.
    """
    # Whoever places this cart at the same time waits here, and then finds our order.
    cart = Cart.objects.select_for_update().filter(pk=wish.cart.pk).first() if wish.cart else None
    if cart is None:
        raise EmptyCartError
    agreement = _agree_to(wish, now)
    fingerprint = agreement.fingerprint(wish.address, wish.terms.email)
    earlier = Order.objects.filter(cart=cart, status=Order.Status.PLACED).first()
    if earlier and earlier.fingerprint == fingerprint:
        return earlier
    if earlier:
        raise _OtherOrderError(earlier)
    order = _write_order(wish, cart, agreement, fingerprint, now=now)
    Cart.objects.filter(pk=cart.pk).update(held_by=order.number)
    _write_parts(order, wish, agreement, now=now)
    if claim:
        idempotency.note_order(claim, order)
    return order


def _agree_to(wish: Wish, now: datetime) -> Agreement:
    agreement = agree(wish.cart, wish.terms, now=now)
    total = agreement.totals.total
    if agreement.review.changes:
        raise CartChangedError(agreement.review)
    if total != wish.total_shown:
        raise TotalChangedError(wish.total_shown, total)
    smallest = money.smallest_charge(settings.STORE_CURRENCY)
    if 0 < total < smallest:
        raise AmountOutOfRangeError(smallest=smallest)
    if total > money.LARGEST_CHARGE:
        raise AmountOutOfRangeError(largest=money.LARGEST_CHARGE)
    if not money.can_be_charged(total):
        raise AmountInStepsError(total)
    return agreement


def _write_order(wish: Wish, cart: Cart, agreement: Agreement, fingerprint: str, *, now: datetime) -> Order:
    terms = wish.terms
    return Order.objects.create(
        number=new_number(),
        user=terms.user or proven_owner(terms.email),
        email=terms.email,
        language=get_language() or settings.LANGUAGE_CODE,
        currency=settings.STORE_CURRENCY,
        **agreement.totals.as_fields(),
        voucher_code=agreement.voucher.code if agreement.voucher else "",
        delivery_name=agreement.delivery.name if agreement.delivery else "",
        **asdict(wish.address),
        cart=cart,
        fingerprint=fingerprint,
        placed_at=now,
        expires_at=reconcile.expiry(now),
    )


def _write_parts(order: Order, wish: Wish, agreement: Agreement, *, now: datetime) -> None:
    """Write an order's lines, take its voucher and its stock, and begin its payment and its timeline."""
    actor = Actor(Timeline.Actor.CUSTOMER, wish.terms.user)
    _write_lines(order, agreement)
    if agreement.voucher:
        vouchers.take(agreement.voucher, order)
    wanted = {line.variant.pk: line.quantity for line in agreement.review}
    stock.take(wanted, reference=order.number, now=now)
    if order.total:
        paying.new_payment(order, now=now)
    transitions.note(order, Kind.PLACED, actor=actor, now=now)
    if not order.total:
        reconcile.mark_paid(order, actor=actor, now=now, data={})


def _write_lines(order: Order, agreement: Agreement) -> None:
    OrderLine.objects.bulk_create(
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
                discount=priced.discount,
                tax_rate=priced.tax_rate,
                tax=priced.tax,
            )
            for line, priced in zip(agreement.review, agreement.totals.lines, strict=True)
        ]
    )
