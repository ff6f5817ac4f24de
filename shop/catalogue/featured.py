"""Products on the home page: recommended this month, and last copies."""

from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

from django.db.models import Exists, OuterRef

from shop.models import FEW, Product, ProductQuerySet, Variant

SHELF = 6
LAST_COPIES = 5
# So many scarce variants are looked at for them.
CANDIDATES = 12
# So many recommended products take turns as the choice of the month.
RECOMMENDED = 120


def of_month(now: datetime) -> list[int]:
    """Return ids of what is recommended, the choice of the month first.

    Products with a quotation stand in another order each month; where they are too few, the newest come after them.
    """
    month = f"{now:%Y-%m}"
    quoted = _on_sale().filter(quote__gt="").order_by("pk").values_list("pk", flat=True)[:RECOMMENDED]
    recommended = sorted(quoted, key=lambda pk: crc32(f"{month} {pk}".encode()))[: SHELF + 1]
    if len(recommended) <= SHELF:
        newest = _on_sale().order_by("-created_at", "-pk").values_list("pk", flat=True)[: SHELF + 1]
        recommended = list(dict.fromkeys([*recommended, *newest]))[: SHELF + 1]
    return recommended


def last_copies(besides: Sequence[int]) -> list[int]:
    """Return ids of products of which few copies may be left in all variants together, the scarcest variant first.

    More than are shown, as of some there are more than a few. `besides` are ids that stand elsewhere on the page.
    """
    printed = Variant.objects.filter(is_digital=False)
    plenty = printed.filter(product=OuterRef("product"), stock__gt=FEW)
    scarce = printed.filter(~Exists(plenty), stock__gt=0, stock__lte=FEW, product__in_stock=True)
    ids = (
        scarce.filter(product__is_published=True)
        .order_by("stock", "product")
        .values_list("product", flat=True)
    )
    return [pk for pk in dict.fromkeys(ids[: CANDIDATES + len(besides)]) if pk not in besides][:CANDIDATES]


def _on_sale() -> ProductQuerySet:
    return Product.objects.shown().filter(in_stock=True)
