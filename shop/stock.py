"""The one module that changes stock.

Every change is one conditional UPDATE that must hit all its rows, however many variants, and a movement for each that
says why. Two buyers of the last copy meet in the WHERE, and one of them is told: that is safe on every database.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from django.db import transaction
from django.db.models import Case, F, IntegerField, Sum, When

from shop.catalogue import denormalised
from shop.models import StockMovement, Variant

Reason = StockMovement.Reason
# So many movements are written in one statement.
BATCH = 2000


class NotEnoughStockError(Exception):
    """Fewer are left than were asked for. `variant_ids` names all that are short."""

    code = "not_enough_stock"

    def __init__(self, variant_ids: list[int]) -> None:
        super().__init__(f"Not enough stock of variants {variant_ids}.")
        self.variant_ids = variant_ids


class StockMovedError(Exception):
    """The stock of `variant_id` is `stock` by now, and not what it was when somebody counted."""

    code = "stock_moved"

    def __init__(self, variant_id: int, stock: int) -> None:
        super().__init__(f"Variant {variant_id} has a stock of {stock} by now.")
        self.variant_id, self.stock = variant_id, stock


def take(quantities: Mapping[int, int], *, reference: str, now: datetime) -> None:
    """Take `{variant id: quantity}` for an order, all or nothing.

    `reference` is the order's number. Raises NotEnoughStockError naming every variant that is short; then nothing
    was taken.
    """
    with transaction.atomic(savepoint=False):
        short = _lower(quantities, Reason.ORDER, reference, now)
    if short:
        raise NotEnoughStockError(short)


def give_back(reference: str, *, reason: StockMovement.Reason, now: datetime) -> dict[int, int]:
    """Give back all that `reference` (an order's number) still holds, and return it as `{variant id: quantity}`.

    A second call finds nothing to give.
    """
    with transaction.atomic():
        returned = held(reference)
        put_back(returned, reference=reference, reason=reason, now=now)
    return returned


def put_back(
    quantities: Mapping[int, int], *, reference: str, reason: StockMovement.Reason, now: datetime
) -> None:
    """Put `{variant id: quantity}` of an order back on the shelf. That it happens once is the caller's to know."""
    with transaction.atomic(savepoint=False):
        shelf = _locked(quantities)
        Variant.objects.filter(pk__in=shelf).update(stock=F("stock") + _quantity_of_each(quantities))
        _record(quantities, reason, reference, now)
        denormalised.refresh_prices({row.product_id for row in shelf.values() if row.stock == 0})


def write_off(quantities: Mapping[int, int], *, reason: str, now: datetime) -> None:
    """Take `{variant id: quantity}` off the shelf for good, with staff's words for why.

    Raises NotEnoughStockError when fewer are there; then nothing was taken.
    """
    with transaction.atomic(savepoint=False):
        short = _lower(quantities, Reason.ADJUST, reason, now)
    if short:
        raise NotEnoughStockError(short)


class _OnShelf(NamedTuple):
    """What there is of a variant, and which product it is of."""

    stock: int
    product_id: int


def _lower(
    quantities: Mapping[int, int], reason: StockMovement.Reason, reference: str, now: datetime
) -> list[int]:
    """Take `{variant id: quantity}` off the shelf, in the caller's transaction; return those that are short.

    Where there are such, nothing was taken. Raises NotEnoughStockError where some were, which must end the transaction.
    """
    shelf = _locked(quantities)
    short = [
        pk for pk, quantity in sorted(quantities.items()) if pk not in shelf or shelf[pk].stock < quantity
    ]
    if short:
        return short
    if not _take_all(quantities):  # only where the rows were not locked
        raise NotEnoughStockError(sorted(quantities))
    _record({pk: -quantity for pk, quantity in quantities.items()}, reason, reference, now)
    denormalised.refresh_prices({row.product_id for pk, row in shelf.items() if row.stock == quantities[pk]})
    return []


def lock(variant_ids: Collection[int]) -> None:
    """Lock variants, for whoever writes their products too, which come after them."""
    _locked(variant_ids)


def _locked(variant_ids: Collection[int]) -> dict[int, _OnShelf]:
    """Lock variants and return what there is of each.

    In id order, so that two orders of the same products cannot each wait for the other. SQLite needs no lock, as it has one
    writer at a time.
    """
    rows = Variant.objects.filter(pk__in=variant_ids).order_by("pk").select_for_update(no_key=True)
    return {pk: _OnShelf(*row) for pk, *row in rows.values_list("pk", "stock", "product")}


def _take_all(quantities: Mapping[int, int]) -> bool:
    """Take `{variant id: quantity}` in one statement, and tell whether there was enough of all; only then all were taken."""
    wanted = _quantity_of_each(quantities)
    enough = Variant.objects.filter(pk__in=quantities, stock__gte=wanted)
    return enough.update(stock=F("stock") - wanted) == len(quantities)


def _quantity_of_each(quantities: Mapping[int, int]) -> Case:
    """Return the quantity that belongs to a row's variant, for a statement about all of them."""
    variants: dict[int, list[int]] = defaultdict(list)
    for variant_id, quantity in quantities.items():
        variants[quantity].append(variant_id)
    return Case(
        *(When(pk__in=ids, then=quantity) for quantity, ids in variants.items()), output_field=IntegerField()
    )


def held(reference: str) -> dict[int, int]:
    """Return `{variant id: quantity}` of what an order holds now. What it holds nothing of is left out."""
    sums = (
        # An adjustment's reference is staff's own words, which may happen to be an order's number.
        StockMovement.objects.filter(reference=reference)
        .exclude(reason=Reason.ADJUST)
        .order_by()
        .values_list("variant_id")
        .annotate(total=Sum("delta"))
    )
    return {variant_id: -total for variant_id, total in sums if total}


# The same of one variant `v` for the order that holds stock for a cart `c`, as a part of another statement; it may be NULL.
HELD_BY_CART = f"""
    (SELECT -SUM(m.delta) FROM shop_stockmovement m
    WHERE m.reference = c.held_by AND c.held_by <> '' AND m.variant_id = v.id AND m.reason <> '{Reason.ADJUST.value}')
"""  # noqa: S608 - put together from our own pieces


def set_level(variant_id: int, level: int, *, reason: str, now: datetime, expected: int | None = None) -> int:
    """Set a variant's stock to what was counted, with staff's words for why; return the change.

    `expected` is what they saw in the record when they counted. Raises StockMovedError where it is something else by now,
    Variant.DoesNotExist, and ValueError for a level below zero.
    """
    if level < 0:
        raise ValueError("A stock level is zero or more.")
    with transaction.atomic():
        while True:
            counted, product_id = Variant.objects.values_list("stock", "product").get(pk=variant_id)
            if expected not in {None, counted}:
                raise StockMovedError(variant_id, counted)
            if Variant.objects.filter(pk=variant_id, stock=counted).update(stock=level):
                break
        _record({variant_id: level - counted}, Reason.ADJUST, reason, now)
        if (level == 0) != (counted == 0):
            denormalised.refresh_prices([product_id])
    return level - counted


class Counted(Protocol):
    """A variant, or what somebody knows of one."""

    @property
    def pk(self) -> int:
        """Return its id."""

    @property
    def stock(self) -> int:
        """Return how many there are."""


def add_initial(variants: Iterable[Counted], *, now: datetime) -> None:
    """Write the first movement of variants that were just created with a stock."""
    StockMovement.objects.bulk_create(
        [
            StockMovement(variant_id=variant.pk, delta=variant.stock, reason=Reason.INITIAL, created_at=now)
            for variant in variants
            if variant.stock
        ],
        batch_size=BATCH,
    )


def record_past(held: Mapping[str, Mapping[int, int]], returned: Iterable[str], *, now: datetime) -> None:
    """Write what orders of the past moved, `{order number: {variant id: quantity}}`, leaving every stock as it is.

    What an order took and did not give back was there before and is gone since: that is one adjustment a variant.
    """
    back = set(returned)
    moves = [
        StockMovement(variant_id=pk, delta=sign * quantity, reason=reason, reference=number, created_at=now)
        for number, quantities in held.items()
        for sign, reason in (
            [(-1, Reason.ORDER), (1, Reason.RELEASE)] if number in back else [(-1, Reason.ORDER)]
        )
        for pk, quantity in quantities.items()
    ]
    gone: Counter[int] = Counter()
    for number, quantities in held.items():
        if number not in back:
            gone.update(quantities)
    with transaction.atomic():
        _record(gone, Reason.ADJUST, "What was there before the orders of the past", now)
        StockMovement.objects.bulk_create(moves, batch_size=BATCH)


def _record(deltas: Mapping[int, int], reason: StockMovement.Reason, reference: str, now: datetime) -> None:
    StockMovement.objects.bulk_create(
        [
            StockMovement(
                variant_id=variant_id, delta=delta, reason=reason, reference=reference, created_at=now
            )
            for variant_id, delta in sorted(deltas.items())
            if delta
        ]
    )
