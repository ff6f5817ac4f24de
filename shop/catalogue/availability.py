"""Availability in words: never an exact number above a few."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from shop.models import FEW, Variant


@dataclass(frozen=True)
class Availability:
    """A stock message. `left` is told only with `few_left`."""

    code: Literal["in_stock", "few_left", "sold_out", "digital"]
    left: int | None = None

    @property
    def can_be_bought(self) -> bool:
        """Tell whether there is at least one."""
        return self.code != "sold_out"


class Stocked(Protocol):
    """A variant, or what somebody knows of it."""

    @property
    def stock(self) -> int:
        """Return how many there are."""

    @property
    def is_digital(self) -> bool:
        """Tell whether it needs no delivery."""


def of_variant(variant: Variant) -> Availability:
    """Return what we say about one variant."""
    return of_stock(variant, variant.stock)


def of_stock(variant: Variant, stock: int) -> Availability:
    """Return what we say about one variant to somebody for whom there are `stock` of it."""
    if variant.is_digital:
        return Availability("digital" if stock else "sold_out")
    return _of_copies(stock)


def of_product(variants: Iterable[Stocked]) -> Availability:
    """Return what we say about a product: of its copies together, and of what is digital where no copy is left."""
    variants = list(variants)
    copies = _of_copies(sum(variant.stock for variant in variants if not variant.is_digital))
    if copies.can_be_bought or not any(variant.stock for variant in variants):
        return copies
    return Availability("digital")


def _of_copies(stock: int) -> Availability:
    if stock == 0:
        return Availability("sold_out")
    return Availability("few_left", stock) if stock <= FEW else Availability("in_stock")
