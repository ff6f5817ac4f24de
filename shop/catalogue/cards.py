"""Product cards in grids and lists.

Two dozen stand on a page, so what a card shows is read as plain values, in one SQL statement, and what many of them say
alike is worked out once. A field that cards are to show is added to FIELDS and to Card, and to the macro `card` in
templates/components.html.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from shop.catalogue import availability
from shop.catalogue.availability import Availability
from shop.i18n.links import path
from shop.i18n.stored_text import inside_sentence
from shop.media import pictures
from shop.models import Product
from shop.money import written

# What a card takes from its product as it is.
FIELDS = ("title", "author", "slug")


class Card(NamedTuple):
    """What a card shows. `add` is the id of the edition that its button adds, None where all are sold out."""

    title: str
    author: str
    url: str
    cover_url: str
    cover_sources: Sequence[tuple[str, str]]
    price: str
    availability: Availability
    add: int | None
    add_text: str


class Edition(NamedTuple):
    """What a card knows of a variant; sorted, they stand as everywhere."""

    position: int
    pk: int
    name: str
    format: str
    price: int
    stock: int
    is_digital: bool


class Picture(NamedTuple):
    """What a card knows of a picture; nothing but None where there is none."""

    position: int
    pk: int
    file: str
    widths: Sequence[int]


_COLUMNS = (
    *("pk", *FIELDS),
    *(f"variants__{field}" for field in Edition._fields),
    *(f"images__{field}" for field in Picture._fields),
)
_EDITION = 1 + len(FIELDS)
_PICTURE = _EDITION + len(Edition._fields)
# A row for each edition with each picture.
_ROWS = Product.objects.filter(variants__isnull=False).order_by().values_list(*_COLUMNS)


def by_ids(ids: Sequence[int], wanted: str = "") -> dict[int, Card]:
    """Return the cards of the products with these ids by id, in the same order, in one SQL statement.

    A product that is gone is left out. `wanted` is the format that was chosen, or nothing: the button then adds that one.
    """
    fields: dict[int, tuple[str, ...]] = {}
    editions: dict[int, set[Edition]] = defaultdict(set)
    covers: dict[int, Picture] = {}
    for row in _ROWS.filter(pk__in=ids):
        pk, picture = row[0], Picture(*row[_PICTURE:])
        fields[pk] = row[1:_EDITION]
        editions[pk].add(Edition(*row[_EDITION:_PICTURE]))
        if pk not in covers or picture[:2] < covers[pk][:2]:
            covers[pk] = picture
    maker = _Maker(wanted)
    return {pk: maker.card(fields[pk], sorted(editions[pk]), covers[pk]) for pk in ids if pk in fields}


class _Maker:
    """Makes the cards of one page."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        # The addresses of products differ in their slugs alone.
        self._address = path("shop:product", "-").removesuffix("-/")
        self._price, self._add_text = cache(_price), cache(_add_text)

    def card(self, fields: Sequence[str], editions: Sequence[Edition], cover: Picture) -> Card:
        title, author, slug = fields
        on_sale = [edition for edition in editions if edition.stock]
        prices = {edition.price for edition in on_sale or editions}
        lowest = min(prices)
        some = [edition for edition in on_sale if edition.format == self._wanted] if self._wanted else on_sale
        offered = min(some, key=lambda edition: edition.price, default=None)
        return Card(
            title=title,
            author=author,
            url=f"{self._address}{slug}/",
            cover_url=pictures.small_url(cover.file, cover.widths),
            cover_sources=pictures.sources(cover.file, cover.widths),
            price=self._price(lowest, len(prices) > 1),
            availability=availability.of_product(editions),
            add=offered and offered.pk,
            add_text=self._add_text(
                offered.name if offered and len(editions) > 1 else None,
                offered.price if offered and offered.price > lowest else None,
            ),
        )


def _price(lowest: int, many: bool) -> str:  # noqa: FBT001 - kept by what it is called with
    return _("from %(lowest)s") % {"lowest": written(lowest)} if many else written(lowest)


def _add_text(edition: str | None, price: int | None) -> str:
    """Return what the button says: the edition where there are several, its price where that is not the lowest."""
    if price is not None:
        return _("Add for %s") % written(price)
    return _("Add to cart") if edition is None else _("Add %s") % inside_sentence(edition)
