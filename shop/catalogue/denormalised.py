"""Denormalised columns of a product, worked out from its variants and texts.

Whoever writes products or variants calls `refresh`, in the same transaction; whoever moves stock, `refresh_prices`, once
and after the last variant. What was written in another way `manage.py refresh_catalogue` finds and puts right.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, Exists, Max, Min, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from shop.catalogue.search import documents, engines
from shop.models import Format, Product, Variant

BATCH = 500

_VARIANTS = Variant.objects.filter(product=OuterRef("pk")).order_by()
_ON_SALE = _VARIANTS.filter(stock__gt=0)


def _lowest(variants: QuerySet[Variant]) -> Subquery:
    return Subquery(variants.values("product").annotate(lowest=Min("price")).values("lowest"))


# Each format counts once, so the sum has its bit.
_BITS = Sum(Case(*(When(format=value, then=value.bit) for value in Format)), distinct=True)
_FRESH = {
    "price_from": Coalesce(_lowest(_ON_SALE), _lowest(_VARIANTS)),
    "in_stock": Exists(_ON_SALE),
    "formats": Coalesce(Subquery(_VARIANTS.values("product").annotate(bits=_BITS).values("bits")), 0),
}


def refresh(product_ids: Collection[int]) -> None:
    """Bring all that is denormalised of some products up to date, in the transaction that changed them."""
    with transaction.atomic():
        refresh_prices(product_ids)
        documents.write(list(Product.objects.filter(pk__in=product_ids)))


def refresh_prices(product_ids: Collection[int]) -> None:
    """Bring `price_from`, `in_stock` and `formats` of some products up to date, in the transaction that moved stock.

    The products are locked first, in id order: of two sales of the last copies of two variants of one product, the later
    one then sees what the earlier one left. SQLite needs no lock, as it has one writer at a time.
    """
    if product_ids:
        _locked(product_ids).update(**_FRESH)


def _locked(product_ids: Collection[int]) -> QuerySet[Product]:
    products = Product.objects.filter(pk__in=product_ids)
    list(products.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return products


class Refreshed(NamedTuple):
    """Of how many products something was out of date: what listings read, what the search reads."""

    prices: int
    documents: int


def refresh_all() -> Iterator[Refreshed]:
    """Find and put right what is out of date, some products at a time; yield what came of each part."""
    last = Product.objects.aggregate(last=Max("pk"))["last"] or 0
    for first in range(0, last + 1, BATCH):
        with transaction.atomic():
            some = Product.objects.filter(pk__gte=first, pk__lt=first + BATCH)
            stale = _stale(some)
            refresh_prices(stale)
            yield Refreshed(len(stale), documents.write(list(some)))
    engines.rebuild()


def _stale(products: QuerySet[Product]) -> list[int]:
    fresh = {f"fresh_{name}": expression for name, expression in _FRESH.items()}
    rows = products.annotate(**fresh).values_list("pk", *_FRESH, *fresh)
    return [pk for pk, *values in rows if values[: len(_FRESH)] != values[len(_FRESH) :]]


def set_sold(copies: Mapping[int, int]) -> int:
    """Write how many copies of each product were sold of late, `{product id: copies}`; of all others none.

    Rows that say so already are not touched. Return how many changed.
    """
    said = dict(Product.objects.filter(sold__gt=0).values_list("pk", "sold"))
    wanted = {pk: copies.get(pk, 0) for pk in said.keys() | copies.keys()}
    changes: dict[int, list[int]] = defaultdict(list)
    for pk, sold in sorted(wanted.items()):
        if said.get(pk, 0) != sold:
            changes[sold].append(pk)
    for sold, ids in changes.items():
        for start in range(0, len(ids), BATCH):
            with transaction.atomic():
                _locked(ids[start : start + BATCH]).update(sold=sold)
    return sum(map(len, changes.values()))
