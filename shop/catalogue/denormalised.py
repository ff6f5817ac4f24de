"""What listings read of a product, where the database does not keep it by itself.

Triggers keep `price_from`, `in_stock` and `formats` when editions come, go or change their price. Stock is another
matter: a trigger on it would lock products between the variants of an order, and two orders could then each wait for
the other. So shop/stock.py calls `refresh` once, after its last variant.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from shop.models import Product, Variant

BATCH = 500

_EDITIONS = Variant.objects.filter(product=OuterRef("pk")).order_by()
_ON_SALE = _EDITIONS.filter(stock__gt=0)


def _lowest(editions: QuerySet[Variant]) -> Subquery:
    return Subquery(editions.values("product").annotate(lowest=Min("price")).values("lowest"))


def refresh(product_ids: Collection[int]) -> None:
    """Bring `in_stock` and `price_from` of some products up to date. Call it inside the transaction that moved stock.

    The products are locked first, in id order: of two sales of the last copies of two editions of one book, the later
    one then sees what the earlier one left. SQLite needs no lock, as it has one writer at a time.
    """
    if not product_ids:
        return
    products = _locked(product_ids)
    products.update(in_stock=Exists(_ON_SALE), price_from=Coalesce(_lowest(_ON_SALE), _lowest(_EDITIONS)))


def _locked(product_ids: Collection[int]) -> QuerySet[Product]:
    products = Product.objects.filter(pk__in=product_ids)
    list(products.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return products


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
