"""Product cards in grids and lists.

Two dozen stand on a page, so what a card shows is read as plain values, in one SQL statement, and what many of them say
alike is worked out once. A field of Product that cards are to show is added to Card, and to the macro `card` in
templates/components.html.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from shop.catalogue import availability
from shop.catalogue.availability import Availability
from shop.i18n.links import path
from shop.i18n.stored_text import inside_sentence
from shop.media import pictures
from shop.models import Product
from shop.money import written


class Card(NamedTuple):
    """What a card shows. `add` is the id of the variant that its button adds, None where all are sold out."""

    title: str
    author: str
    url: str
    cover_url: str
    cover_sources: Sequence[tuple[str, str]]
    price: str
    availability: Availability
    add: int | None
    add_text: str


# What a card takes from its product as it is: those of its own fields that a product has too.
FIELDS = tuple(field.name for field in Product._meta.fields if field.name in Card._fields)  # noqa: SLF001 - documented


class VariantRow(NamedTuple):
    """What a card knows of a variant; sorted, they stand as everywhere."""

    position: int
    pk: int
    name: str
    format: str
    price: int
    stock: int
    is_digital: bool


class ImageRow(NamedTuple):
    """What a card knows of a picture; nothing but None where there is none."""

    position: int
    pk: int
    file: str
    widths: Sequence[int]


_COLUMNS = (
    *("pk", "slug", *FIELDS),
    *(f"variants__{field}" for field in VariantRow._fields),
    *(f"images__{field}" for field in ImageRow._fields),
)
_VARIANT = 2 + len(FIELDS)
_IMAGE = _VARIANT + len(VariantRow._fields)
# A row for each variant with each picture.
_ROWS = Product.objects.filter(variants__isnull=False).order_by().values_list(*_COLUMNS)


def by_ids(ids: Sequence[int], wanted: str = "") -> dict[int, Card]:
    """Return the cards of the products with these ids by id, in the same order, in one SQL statement.

    A product that is gone is left out. `wanted` is the format that was chosen, or nothing: the button then adds that one.
    """
    slugs: dict[int, str] = {}
    own: dict[int, dict[str, Any]] = {}
    variants: dict[int, set[VariantRow]] = defaultdict(set)
    covers: dict[int, ImageRow] = {}
    for row in _ROWS.filter(pk__in=ids):
        pk, picture = row[0], ImageRow(*row[_IMAGE:])
        slugs[pk], own[pk] = row[1], dict(zip(FIELDS, row[2:_VARIANT], strict=True))
        variants[pk].add(VariantRow(*row[_VARIANT:_IMAGE]))
        if pk not in covers or picture[:2] < covers[pk][:2]:
            covers[pk] = picture
    maker = _Maker(wanted)
    return {pk: maker.card(slugs[pk], own[pk], sorted(variants[pk]), covers[pk]) for pk in ids if pk in slugs}


class _Maker:
    """Makes the cards of one page."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        # The addresses of products differ in their slugs alone.
        self._address = path("shop:product", "-").removesuffix("-/")
        self._price, self._add_text = cache(_price), cache(_add_text)

    def card(
        self, slug: str, own: Mapping[str, Any], variants: Sequence[VariantRow], cover: ImageRow
    ) -> Card:
        on_sale = [variant for variant in variants if variant.stock]
        prices = {variant.price for variant in on_sale or variants}
        lowest = min(prices)
        some = [variant for variant in on_sale if variant.format == self._wanted] if self._wanted else on_sale
        offered = min(some, key=lambda variant: variant.price, default=None)
        return Card(
            **own,
            url=f"{self._address}{slug}/",
            cover_url=pictures.small_url(cover.file, cover.widths),
            cover_sources=pictures.sources(cover.file, cover.widths),
            price=self._price(lowest, len(prices) > 1),
            availability=availability.of_product(variants),
            add=offered and offered.pk,
            add_text=self._add_text(
                offered.name if offered and len(variants) > 1 else None,
                offered.price if offered and offered.price > lowest else None,
            ),
        )


def _price(lowest: int, many: bool) -> str:  # noqa: FBT001 - kept by what it is called with
    return _("from %(lowest)s") % {"lowest": written(lowest)} if many else written(lowest)


def _add_text(variant: str | None, price: int | None) -> str:
    """Return what the button says: the variant where there are several, its price where that is not the lowest."""
    if price is not None:
        return _("Add for %s") % written(price)
    return _("Add to cart") if variant is None else _("Add %s") % inside_sentence(variant)
