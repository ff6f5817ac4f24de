"""The totals of an order: integers in minor units, none negative, that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checkout.models import DeliveryOption, Voucher
from checkout.models.prices import HUNDRED_PERCENT, Taxed, by_rate, portion
from checkout.orders import delivery as ways
from checkout.orders.tax import tax_on


@dataclass(frozen=True)
class LinePrice:
    """What is paid for a line: its price, its share of the discount, and the tax on the rest. Minor units."""

    amount: int
    discount: int
    tax_rate: int
    tax: int


@dataclass(frozen=True)
class Totals:
    """The parts of a price. total = subtotal − discount + delivery, and tax where prices do not include it."""

    subtotal: int
    discount: int
    delivery: int
    delivery_tax_rate: int
    delivery_tax: int
    tax_included: bool
    lines: tuple[LinePrice, ...]

    @property
    def tax(self) -> int:
        """Return the tax of the lines and of the delivery."""
        return sum(line.tax for line in self.lines) + self.delivery_tax

    @property
    def total(self) -> int:
        """Return what is to be paid."""
        return self.subtotal - self.discount + self.delivery + (0 if self.tax_included else self.tax)

    @property
    def taxes(self) -> list[Taxed]:
        """Return the tax by rate."""
        lines = [(line.tax_rate, line.amount - line.discount, line.tax) for line in self.lines]
        parts = [*lines, (self.delivery_tax_rate, self.delivery, self.delivery_tax)]
        return by_rate(parts, included=self.tax_included)

    def as_fields(self) -> dict[str, Any]:
        """Return the totals as an order has them."""
        names = (
            "subtotal",
            "discount",
            "delivery",
            "delivery_tax_rate",
            "delivery_tax",
            "tax",
            "tax_included",
            "total",
        )
        return {name: getattr(self, name) for name in names}


def price(
    lines: Sequence[tuple[int, int]],
    option: DeliveryOption | None = None,
    voucher: Voucher | None = None,
    *,
    included: bool = True,
) -> Totals:
    """Return the totals of lines, each its price in all and its tax rate, sent by an option (None: nothing is sent).

    A line is taxed on what is left of it after its share of the discount; delivery at the highest rate of the lines.
    """
    subtotal = sum(amount for amount, _rate in lines)
    discount = discount_of(voucher, subtotal)
    shares = spread(discount, [amount for amount, _rate in lines])
    is_free = voucher is not None and voucher.kind == Voucher.Kind.FREE_DELIVERY
    sending = 0 if is_free else ways.price_of(option, subtotal)
    sending_rate = max((rate for _amount, rate in lines), default=0) if sending else 0
    return Totals(
        subtotal=subtotal,
        discount=discount,
        delivery=sending,
        delivery_tax_rate=sending_rate,
        delivery_tax=tax_on(sending, sending_rate, included=included),
        tax_included=included,
        lines=tuple(
            LinePrice(amount, share, rate, tax_on(amount - share, rate, included=included))
            for (amount, rate), share in zip(lines, shares, strict=True)
        ),
    )


def discount_of(voucher: Voucher | None, subtotal: int) -> int:
    """Return what a voucher takes off a subtotal: never more than all of it."""
    if voucher is None or voucher.kind == Voucher.Kind.FREE_DELIVERY:
        return 0
    if voucher.kind == Voucher.Kind.AMOUNT:
        return min(voucher.value, subtotal)
    return min(portion(subtotal, voucher.value, HUNDRED_PERCENT), subtotal)


def spread(whole: int, parts: Sequence[int]) -> list[int]:
    """Share a sum out in proportion to parts, by largest remainder; of equal ones the earlier gets the unit left over.

    https://en.wikipedia.org/wiki/Largest_remainder_method
    """
    total = sum(parts)
    if not total:
        return [0] * len(parts)
    shares = [whole * part // total for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: -(whole * parts[place] % total))
    for place in by_remainder[: whole - sum(shares)]:
        shares[place] += 1
    return shares
