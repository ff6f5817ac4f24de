"""Vouchers: whether one counts for an order, and how often it was used.

Orders use a voucher by a conditional UPDATE in the transaction that places them, so its limit holds however many try at
once. An order that is cancelled or expires gives its use back, and takes it again when its money comes late.

The row of a voucher is taken after that of an order and before any stock, by all.
"""

from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from checkout.models import Order, Voucher
from checkout.models.prices import normal_code
from shop.errors import ShopError
from shop.money import written


class VoucherError(ShopError):
    """A voucher does not count for this order."""

    code = "unknown_voucher"

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.fields = {"voucher": [self.message]}


class UnknownVoucherError(VoucherError):
    """A voucher that we did not give out, or took back."""

    def __init__(self) -> None:
        super().__init__(_("We do not know this voucher."))


class VoucherNotYetError(VoucherError):
    """It counts later."""

    code = "voucher_not_yet"

    def __init__(self) -> None:
        super().__init__(_("This voucher does not count yet."))


class VoucherOverError(VoucherError):
    """Its time is over."""

    code = "voucher_over"

    def __init__(self) -> None:
        super().__init__(_("This voucher counts no more."))


class VoucherUsedUpError(VoucherError):
    """It was used as often as it may be."""

    code = "voucher_used_up"

    def __init__(self) -> None:
        super().__init__(_("This voucher has been used up."))


class VoucherUsedByYouError(VoucherError):
    """This customer used it as often as one may."""

    code = "voucher_used_by_you"

    def __init__(self) -> None:
        super().__init__(_("You have used this voucher already."))


class VoucherMinimumError(VoucherError):
    """The cart is worth too little for it."""

    code = "voucher_minimum"

    def __init__(self, minimum: int) -> None:
        super().__init__(_("This voucher counts from %s on.") % written(minimum))


def find(code: str) -> Voucher | None:
    """Return the voucher with a code, None for no code. Case and spaces do not count. Raises UnknownVoucherError."""
    wanted = normal_code(code)
    if not wanted:
        return None
    voucher = (
        Voucher.objects.filter(code__iexact=wanted, is_active=True).first() if wanted.isprintable() else None
    )
    if voucher is None:
        raise UnknownVoucherError
    return voucher


def check(
    voucher: Voucher, *, subtotal: int, user: User | None, email: str, cart_id: int, now: datetime
) -> None:
    """Raise the VoucherError for which a voucher does not count for what is in a cart.

    An open order of the same cart makes room for the next, so its use is not counted.
    """
    if voucher.starts_at and now < voucher.starts_at:
        raise VoucherNotYetError
    if voucher.ends_at and now >= voucher.ends_at:
        raise VoucherOverError
    if subtotal < voucher.minimum:
        raise VoucherMinimumError(voucher.minimum)
    own = Q(cart=cart_id, status=Order.Status.PLACED)
    if (
        voucher.limit is not None
        and voucher.used >= voucher.limit
        and voucher.used - _uses(voucher).filter(own).count() >= voucher.limit
    ):
        raise VoucherUsedUpError
    _check_customer(voucher, user, email, other_than=own)


def _check_customer(voucher: Voucher, user: User | None, email: str, *, other_than: Q) -> None:
    if voucher.limit_per_customer is None:
        return
    whose = Q(email=email) if email else Q(pk__in=[])
    if user:
        whose |= Q(user=user)
    if _uses(voucher).filter(whose).exclude(other_than).count() >= voucher.limit_per_customer:
        raise VoucherUsedByYouError


def _uses(voucher: Voucher) -> QuerySet[Order]:
    return Order.objects.filter(voucher_code=voucher.code).exclude(status__in=Order.CLOSED)


def take(voucher: Voucher, order: Order) -> None:
    """Count a new order as a use, in the caller's transaction. Raises VoucherUsedUpError or VoucherUsedByYouError.

    Whoever places with the same voucher waits at its row, so each counts what the others wrote.
    """
    is_left = Q(limit=None) | Q(used__lt=F("limit"))
    if not Voucher.objects.filter(is_left, pk=voucher.pk, is_active=True).update(used=F("used") + 1):
        raise VoucherUsedUpError
    _check_customer(voucher, order.user, order.email, other_than=Q(pk=order.pk))


def give_back(order: Order) -> None:
    """Let others use what a closed order used, in the caller's transaction."""
    if order.voucher_code:
        Voucher.objects.filter(code=order.voucher_code, used__gt=0).update(used=F("used") - 1)


def take_again(order: Order) -> bool:
    """Count a closed order that is paid late as a use again, in the caller's transaction.

    Returns False where that is more than the limit: the customer has paid, and keeps the price.
    """
    if not order.voucher_code:
        return True
    Voucher.objects.filter(code=order.voucher_code).update(used=F("used") + 1)
    return not Voucher.objects.filter(code=order.voucher_code, used__gt=F("limit")).exists()
