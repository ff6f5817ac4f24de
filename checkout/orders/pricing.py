"""The totals of an order: integers in minor units, none negative, that add up."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from checkout.models import DeliveryOption
from shop.errors import ShopError


class UnknownVoucherError(ShopError):
    """A voucher that we did not give out, or that is used up."""

    code = "unknown_voucher"

    def __init__(self) -> None:
        super().__init__(_("We do not know this voucher."))
        self.fields = {"voucher": [self.message]}


@dataclass(frozen=True)
class Totals:
    """The parts of a price, in minor units. total = subtotal − discount + delivery + tax."""

    subtotal: int
    discount: int
    delivery: int
    tax: int

    @property
    def total(self) -> int:
        """Return what is to be paid."""
        return self.subtotal - self.discount + self.delivery + self.tax


def price(lines: Iterable[tuple[int, int]], delivery: DeliveryOption | None) -> Totals:
    """Return the totals of `(unit price, quantity)` lines, sent by `delivery` (None: nothing is sent)."""
    subtotal = sum(unit_price * quantity for unit_price, quantity in lines)
    return Totals(subtotal=subtotal, discount=0, delivery=delivery_price(delivery, subtotal), tax=0)


def check_voucher(code: str) -> None:
    """Refuse a voucher, as none is given out so far. Raises UnknownVoucherError."""
    if code.strip():
        raise UnknownVoucherError


def delivery_price(option: DeliveryOption | None, subtotal: int) -> int:
    """Return what a way to send costs for a subtotal: its flat price, or nothing from its free amount on."""
    if option is None or (option.free_from is not None and subtotal >= option.free_from):
        return 0
    return option.price
