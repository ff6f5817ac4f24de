"""A book as pages show it: the product, what one can buy of it, and its pictures."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar

from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.db.models import QuerySet, prefetch_related_objects
from django.utils.encoding import filepath_to_uri
from django.utils.translation import gettext as _

from shop.catalogue import availability
from shop.catalogue import filters as sql
from shop.catalogue.availability import Availability
from shop.catalogue.filters import Condition
from shop.catalogue.rows import FIRST_PICTURE, Reader, unpacked
from shop.i18n.links import path
from shop.i18n.stored_text import within
from shop.models import SHOWN, Category, Product, ProductImage, Variant
from shop.money import written


@dataclass(frozen=True)
class Book:
    """A product with its variants and its cover, in the words of a page. Prices in minor units."""

    product: Product
    variants: Sequence[Variant]
    images: Sequence[ProductImage]

    @property
    def title(self) -> str:
        """Return the title."""
        return self.product.title

    @property
    def author(self) -> str:
        """Return the author, or nothing."""
        return self.product.author

    @property
    def url(self) -> str:
        """Return the address of the product page."""
        return self.product.get_absolute_url()

    @property
    def cover(self) -> ProductImage | None:
        """Return the first picture."""
        return self.images[0] if self.images else None

    @property
    def cover_url(self) -> str:
        """Return the address of the cover, small, or nothing."""
        return self.cover.small_url if self.cover else ""

    @property
    def price_from(self) -> int:
        """Return the lowest price one can pay now; of a sold-out book, the lowest there was."""
        return min(_prices(self.variants))

    @property
    def has_many_prices(self) -> bool:
        """Tell whether editions differ in price."""
        return len(set(_prices(self.variants))) > 1

    @property
    def price(self) -> str:
        """Return the price in words: “from €7.00”."""
        return _price_words(self.price_from, many=self.has_many_prices)

    @property
    def photograph(self) -> ProductImage | None:
        """Return the cover where it comes in several widths."""
        return self.cover if self.cover and self.cover.widths else None

    @cached_property
    def availability(self) -> Availability:
        """Return what we say about stock."""
        return availability.of_product(self.variants)

    @property
    def editions(self) -> list[tuple[Variant, Availability]]:
        """Return each variant with what we say about its stock."""
        return [(variant, availability.of_variant(variant)) for variant in self.variants]

    @property
    def first_available(self) -> Variant | None:
        """Return the first edition that can be bought."""
        return next((variant for variant in self.variants if variant.stock), None)

    @cached_property
    def cheapest(self) -> Variant | None:
        """Return the edition that `price_from` is the price of; None where every one is sold out."""
        return _cheapest(self.variants)

    @property
    def add_words(self) -> str:
        """Return what the button of its card says; it names the edition where there are several."""
        return _add_words(_named(self.cheapest, self.variants))

    @property
    def year(self) -> str:
        """Return the year it first came out, in words, or nothing."""
        year = self.product.year
        if year is None:
            return ""
        return str(year) if year > 0 else _("%d BC") % -year

    @property
    def years(self) -> str:
        """Return the year or years it first came out, or nothing."""
        return self.product.years_text or self.year


@dataclass(frozen=True, slots=True)
class Card:
    """A book in a grid: what its card shows of it, and no more, since two dozen stand on a page."""

    title: str
    author: str
    url: str
    photograph: ProductImage | None
    cover_url: str
    price: str
    availability: Availability
    cheapest: "Edition | None"
    add_words: str


def shown() -> QuerySet[Product]:
    """Return the products that customers see: published, with something to sell."""
    return Product.objects.filter(SHOWN)


def with_details(products: Sequence[Product]) -> tuple[Book, ...]:
    """Return the products as books, in the same order, with two SQL statements for all of them."""
    prefetch_related_objects(products, "variants", "images")
    return tuple(
        Book(product, tuple(product.variants.all()), tuple(product.images.all())) for product in products
    )


_products, _shelves = Reader(Product, "p"), Reader(Category, "c")
_variants, _images = Reader(Variant, "v"), Reader(ProductImage, "i")

# A book with its category, once for each of its pictures.
_BOOK = f"""
    SELECT {_products.columns}, {_shelves.columns}, {_images.columns}
    FROM shop_product p JOIN shop_category c ON c.id = p.category_id
    LEFT JOIN shop_productimage i ON i.product_id = p.id
    WHERE {sql.SHOWN.sql} AND {{which}} ORDER BY i.position, i.id
"""
_PRODUCTS = f"""
    SELECT {_products.columns} FROM shop_product p WHERE p.id IN ({{ids}}) ORDER BY {{order}}
"""
_VARIANTS = f"""
    SELECT {_variants.columns} FROM shop_variant v WHERE v.product_id = %s ORDER BY v.position, v.id
"""
# A row for each edition.
_CARDS = f"""
    SELECT p.id, p.slug, p.title, p.author, i.file, i.widths, v.price, v.stock, v.is_digital, v.id, v.name, v.format
    FROM shop_product p JOIN shop_variant v ON v.product_id = p.id {FIRST_PICTURE}
    WHERE p.id IN ({{ids}}) ORDER BY {{order}}, v.position, v.id
"""


class Edition(NamedTuple):
    """What a card knows of a variant."""

    price: int
    stock: int
    is_digital: bool
    pk: int
    name: str
    format: str


SomeEdition = TypeVar("SomeEdition", Edition, Variant)


def cards(ids: Condition, order: str, wanted: str = "") -> dict[int, Card]:
    """Return the books with the ids that a piece of SQL yields, by id, in an order; in one SQL statement.

    The button of a card is for the cheapest edition, of the `wanted` format where one was chosen.
    """
    rows: dict[int, tuple[Any, ...]] = {}
    editions: dict[int, list[Edition]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CARDS.format(ids=ids.sql, order=order), ids.parameters)
        for row in cursor.fetchall():
            rows[row[0]] = row[:6]
            editions[row[0]].append(Edition(*row[6:]))
    return _cards(rows.values(), editions, wanted)


def one(which: Condition) -> Book | None:
    """Return the book that a condition is about, if it is shown, in two SQL statements."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK.format(which=which.sql), which.parameters)
        if not (found := cursor.fetchall()):
            return None
        cursor.execute(_VARIANTS, [found[0][0]])
        return _book(found, [_variants.read(row) for row in cursor.fetchall()])


def _book(rows: Sequence[tuple[Any, ...]], variants: Sequence[Variant]) -> Book:
    shelf = _products.width
    image = shelf + _shelves.width
    product = _products.read(rows[0][:shelf])
    product.category = _shelves.read(rows[0][shelf:image])
    return Book(product, tuple(variants), tuple(_images.read(row[image:]) for row in rows if row[image]))


def listed(ids: Sequence[int]) -> Condition:
    """Return the SQL that yields these ids."""
    return Condition(", ".join(["%s"] * len(ids)), tuple(ids))


def some_cards(ids: Sequence[int], wanted: str = "") -> tuple[Card, ...]:
    """Return the books with these ids, in the same order, in one SQL statement; one that is gone is left out."""
    if not ids:
        return ()
    found = cards(listed(ids), "p.id", wanted)
    return tuple(found[pk] for pk in ids if pk in found)


def products(ids: Condition, order: str) -> list[Product]:
    """Return the products with the ids that a piece of SQL yields, in an order, in one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS.format(ids=ids.sql, order=order), ids.parameters)
        return [_products.read(row) for row in cursor.fetchall()]


def _cards(
    rows: Iterable[tuple[Any, ...]], editions: Mapping[int, list[Edition]], wanted: str = ""
) -> dict[int, Card]:
    """Make the cards of a page. What two dozen of them say alike is worked out once."""
    # The addresses of books differ in the slug alone.
    address = path("shop:product", "-")[:-2]
    price, add_words, cover_url = cache(_price_words), cache(_add_words), _cover_urls()

    def card(row: tuple[Any, ...], editions: list[Edition]) -> Card:
        _pk, slug, title, author, file, widths = row
        sizes = unpacked(widths) if widths != "[]" else None
        prices = _prices(editions)
        lowest = min(prices)
        offered = [edition for edition in editions if edition.format == wanted] if wanted else editions
        cheapest = _cheapest(offered)
        photograph = ProductImage(file=file, widths=sizes) if sizes else None
        return Card(
            title=title,
            author=author,
            url=f"{address}{slug}/",
            photograph=photograph,
            cover_url=photograph.small_url if photograph else cover_url(file) if file else "",
            price=price(lowest, many=len(set(prices)) > 1),
            availability=availability.of_product(editions),
            cheapest=cheapest,
            add_words=add_words(
                _named(cheapest, editions), cheapest.price if cheapest and cheapest.price > lowest else None
            ),
        )

    return {row[0]: card(row, editions[row[0]]) for row in rows if editions[row[0]]}


def _cover_urls() -> Callable[[str], str]:
    """Return what makes the address of a stored file. Those on our own disk all begin alike."""
    if default_storage.__class__ is not FileSystemStorage:
        return default_storage.url
    base = default_storage.url("")
    return lambda name: f"{base}{filepath_to_uri(name)}"


def _price_words(lowest: int, *, many: bool) -> str:
    words = written(lowest)
    return _("from %(lowest)s") % {"lowest": words} if many else words


def _cheapest(editions: Iterable[SomeEdition]) -> SomeEdition | None:
    return min(
        (edition for edition in editions if edition.stock), key=lambda edition: edition.price, default=None
    )


def _named(cheapest: Edition | Variant | None, editions: Sequence[Edition | Variant]) -> str | None:
    return cheapest.name if cheapest and len(editions) > 1 else None


def _add_words(edition: str | None, price: int | None = None) -> str:
    """Return what the button says. It names the edition where there are several, or its price where that is not the lowest."""
    if price is not None:
        return _("Add for %s") % written(price)
    return _("Add to cart") if edition is None else _("Add %s") % within(edition)


def _prices(editions: Iterable[Edition | Variant]) -> list[int]:
    """Return the prices one can pay now; of a sold-out book, those there were."""
    editions = list(editions)
    return [edition.price for edition in editions if edition.stock] or [edition.price for edition in editions]
