"""What is for sale, page by page. Each costs the same number of SQL statements however many books there are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from zlib import crc32

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from shop import books, facets, paging, search, spelling
from shop.availability import FEW
from shop.books import Book, Card
from shop.errors import ShopError
from shop.facets import Facets
from shop.filters import SHOWN, Condition, Filters, PriceRange, conditions, joined, price_ranges
from shop.models import Category, Format, Product, Variant
from shop.pages import version_now
from shop.vocabulary import said

PAGE_SIZE = 24
# So many books are shown under “Did you mean”.
NEAREST = 8
SHELF = 6
LAST_COPIES = 5
# They are looked for among so many editions that are nearly gone.
SCARCE = 100
# So many recommended books take turns as the choice of the month.
RECOMMENDED = 120


class UnknownCategoryError(ShopError):
    """There is no such category."""

    code = "unknown_category"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("We have no such category."))


class UnknownProductError(ShopError):
    """No such product is shown: it never was, or it is not published."""

    code = "unknown_product"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("We have no such book, or not any more."))


class UnknownPageError(ShopError):
    """The listing ends before this page."""

    code = "unknown_page"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("This list has fewer pages than that."))


@dataclass(frozen=True)
class Shelf:
    """A category and how many books one finds in it, counted up to COUNT_LIMIT + 1."""

    category: Category
    count: int


@dataclass(frozen=True)
class Option:
    """A choice in a listing's form. `count` ends at COUNT_LIMIT + 1; where `more`, it is the least there are."""

    value: str
    words: str
    count: int
    chosen: bool
    more: bool = False


@dataclass(frozen=True)
class Chip:
    """A choice that is made, and the address without it."""

    words: str
    url: str


@dataclass(frozen=True)
class Listing:
    """A page of books, and the choices that lead to others."""

    filters: Filters
    category: Category | None
    categories: tuple[Category, ...]
    books: tuple[Card, ...]
    facets: Facets
    has_next: bool
    meant: "Meant | None" = None

    @property
    def count(self) -> int:
        """Return how many books there are, counted up to COUNT_LIMIT + 1."""
        return self.facets.count

    @property
    def total(self) -> int:
        """Return how many books all categories have together."""
        return sum(self.facets.categories.values())

    @property
    def shelves(self) -> list[Option]:
        """Return every category with its count."""
        counts = self.facets.categories
        return [
            self._option("category", category.slug, said(category.name), counts.get(category.slug, 0))
            for category in self.categories
        ]

    @property
    def formats(self) -> list[Option]:
        """Return the formats that lead to books, and the chosen one."""
        found = [(value, str(words), self.facets.formats.get(value, 0)) for value, words in Format.choices]
        return [
            self._option("format", *option)
            for option in found
            if option[2] or option[0] == self.filters.format
        ]

    @property
    def prices(self) -> list[Option]:
        """Return the price ranges that lead to books, and the chosen one."""
        counts = self.facets.prices
        offered = [price for price in price_ranges() if counts.get(str(price))]
        chosen = PriceRange.read(self.filters.price)
        if chosen and chosen not in offered:
            offered.append(chosen)
            counts = {str(chosen): self.count, **counts}
        return [
            self._option("price", str(price), price.words, counts.get(str(price), 0)) for price in offered
        ]

    @property
    def authors(self) -> list[Option]:
        """Return the most frequent authors and the chosen one, by name."""
        counts = self.facets.authors
        if self.filters.author and self.filters.author not in counts:
            counts = {**counts, self.filters.author: self.count}
        return [self._option("author", name, name, counts[name]) for name in sorted(counts)]

    def _option(self, field: str, value: str, words: str, count: int) -> Option:
        chosen = getattr(self.filters, field) == value
        return Option(value, words, count, chosen, more=self.facets.more)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Return what was chosen, each with the way back."""
        first = replace(self.filters, page=1)
        price = PriceRange.read(first.price)
        chosen = {
            "q": _("“%s”") % first.q if first.q else "",
            "category": said(self.category.name) if self.category else "",
            "format": str(Format(first.format).label) if first.format else "",
            "price": price.words if price else "",
            "author": first.author,
            "in_stock": _("In stock") if first.in_stock else "",
        }
        return tuple(
            Chip(words, replace(first, **{name: getattr(Filters, name)}).url)
            for name, words in chosen.items()
            if words
        )


@dataclass(frozen=True)
class ProductPage:
    """A book and its neighbours."""

    book: Book
    related: tuple[Book, ...]


@dataclass(frozen=True)
class Home:
    """What the first page shows. `choice` is None where there is no book."""

    shelf: tuple[Book, ...]
    choice: Book | None
    shelves: tuple[Shelf, ...]
    last_copies: tuple[Book, ...]

    @property
    def total(self) -> int:
        """Return how many books there are, counted up to COUNT_LIMIT + 1 a category."""
        return sum(shelf.count for shelf in self.shelves)

    @property
    def categories(self) -> list[Category]:
        """Return all categories."""
        return [shelf.category for shelf in self.shelves]


def listing(filters: Filters) -> Listing:
    """Return one page of a listing or a search, in five SQL statements; in three where much was kept.

    Raises UnknownCategoryError, and UnknownPageError for a page after the last.
    """
    version = version_now()  # before anything is read that is kept under it
    categories = _kept_categories(version) if version else _categories()
    category = _category(filters, categories)
    start = PAGE_SIZE * (filters.page - 1)
    # One more than fits tells whether there is a next page.
    if filters.q:
        found = search.find(filters, category)
        cards = books.some_cards(found.ids[start : start + PAGE_SIZE + 1])
        counted = search.facets(found, categories)
    else:
        order = paging.ORDERS[filters.order].sql
        page = paging.page(_where(filters, category), filters.order, start=start, size=PAGE_SIZE + 1)
        cards = tuple(books.cards(page, order).values())
        counted = facets.of_listing(filters, categories, category, version)
    if not cards and filters.page > 1:
        raise UnknownPageError
    return Listing(
        filters=filters,
        category=category,
        categories=categories,
        books=cards[:PAGE_SIZE],
        facets=counted,
        has_next=len(cards) > PAGE_SIZE,
        meant=_meant(filters) if filters.q and not found.matches else None,
    )


@dataclass(frozen=True)
class Meant:
    """What somebody may have meant by a search that finds nothing, and the first books it finds."""

    words: str
    url: str
    books: tuple[Card, ...]


def _meant(filters: Filters) -> Meant | None:
    words = spelling.nearest(filters.q)
    found = search.find(Filters(q=words), None) if words else None
    if not words or not found or not found.ids:
        return None
    return Meant(words, replace(filters.none, q=words).url, books.some_cards(found.ids[:NEAREST]))


@dataclass(frozen=True)
class Part:
    """Some books of a listing, and the cursor of what follows, if anything does."""

    books: tuple[Book, ...]
    next: str | None


def part(filters: Filters, cursor: str = "", *, size: int = PAGE_SIZE) -> Part:
    """Return the books of a listing that follow a cursor, from the first where it is empty.

    However far one goes on, each part costs the same: five SQL statements at most. `filters.page` is not looked at. Books
    that come or go meanwhile make none of the others stand twice or be left out. Raises UnknownCategoryError, and
    InvalidCursorError for a cursor that is not of this order.
    """
    category = _category(filters, Category.objects.all()) if filters.category else None
    if filters.q:
        all_ids = search.find(filters, category).ids
        found, following = paging.after(all_ids, filters.order, cursor, size=size)
    else:
        found, following = paging.ids_after(_where(filters, category), filters.order, cursor, size=size)
    rows = Product.objects.select_related("category").in_bulk(found)
    return Part(books.with_details([rows[pk] for pk in found if pk in rows]), following)


def _categories() -> tuple[Category, ...]:
    return tuple(Category.objects.all())


@lru_cache(maxsize=2)
def _kept_categories(version: str) -> tuple[Category, ...]:  # noqa: ARG001 - what is kept is kept under it
    return _categories()


def _category(filters: Filters, categories: Iterable[Category]) -> Category | None:
    category = next((one for one in categories if one.slug == filters.category), None)
    if filters.category and category is None:
        raise UnknownCategoryError
    return category


def _where(filters: Filters, category: Category | None) -> Condition:
    return joined(SHOWN, *conditions(filters, category).values())


def product_page(slug: str) -> ProductPage:
    """Return a book and others of its category, in three SQL statements. Raises UnknownProductError."""
    found = books.with_details(_with_neighbours(slug))
    if not found:
        raise UnknownProductError
    return ProductPage(found[0], found[1:])


def book(slug: str) -> Book:
    """Return a book that is shown, in three SQL statements. Raises UnknownProductError."""
    found = books.with_details(list(books.shown().filter(slug=slug)))
    if not found:
        raise UnknownProductError
    return found[0]


def page_of_variant(variant_id: int) -> ProductPage:
    """Return the page of the book that a variant is of. Raises UnknownProductError."""
    slug = Product.objects.filter(variants=variant_id).values_list("slug", flat=True).first()
    if slug is None:
        raise UnknownProductError
    return product_page(slug)


# In plain SQL, as to build it from Django's parts takes longer than to answer it.
_WITH_NEIGHBOURS = f"""
    WITH here AS (SELECT p.id, p.category_id, p.created_at FROM shop_product p WHERE p.slug = %s AND {SHOWN.sql})
    SELECT p.*, c.name AS shelf_name, c.slug AS shelf_slug
    FROM shop_product p JOIN shop_category c ON c.id = p.category_id
    WHERE p.id IN (SELECT id FROM here)
    OR p.id IN (SELECT id FROM (
        SELECT p.id FROM shop_product p JOIN here ON p.category_id = here.category_id
        WHERE {SHOWN.sql} AND (p.created_at, p.id) > (here.created_at, here.id)
        ORDER BY p.created_at, p.id LIMIT {SHELF}
    ) AS newer)
    OR p.id IN (SELECT id FROM (
        SELECT p.id FROM shop_product p JOIN here ON p.category_id = here.category_id
        WHERE {SHOWN.sql} ORDER BY p.created_at, p.id LIMIT {SHELF + 1}
    ) AS oldest)
"""  # noqa: S608 - only constants of our own


def _with_neighbours(slug: str) -> list[Product]:
    """Return a product, the next newer ones of its category and, at its end, the oldest; none if it is not shown."""
    found = {product.slug: product for product in Product.objects.raw(_WITH_NEIGHBOURS, [slug])}
    product = found.pop(slug, None)
    if product is None:
        return []
    shelf: Any = product  # with the columns of its category beside its own
    product.category = Category(product.category_id, shelf.shelf_name, shelf.shelf_slug)

    def place(other: Product) -> tuple[bool, datetime, int]:
        return (other.created_at, other.pk) < (product.created_at, product.pk), other.created_at, other.pk

    return [product, *sorted(found.values(), key=place)[:SHELF]]


def home(now: datetime) -> Home:
    """Return what the first page shows in the month of `now`, in six SQL statements."""
    shelves = tuple(Shelf(*counted) for counted in facets.of_categories())
    recommended = _recommended(now)[: SHELF + 1]
    last = _last_copies(recommended)
    found = Product.objects.in_bulk([*recommended, *last])
    shown = {book.product.pk: book for book in books.with_details(list(found.values()))}
    first = tuple(shown[pk] for pk in recommended)
    return Home(
        shelf=first[1:],
        choice=first[0] if first else None,
        shelves=shelves,
        last_copies=tuple(shown[pk] for pk in last),
    )


def _recommended(now: datetime) -> list[int]:
    """Return ids of books with a quotation, in another order each month; after them, the newest books."""
    on_sale = books.shown().filter(in_stock=True)
    quoted = on_sale.exclude(quote="").order_by("pk").values("pk")[:RECOMMENDED]
    newest = on_sale.order_by("-created_at", "-pk").values("pk")[: SHELF + 1]
    rows = Product.objects.filter(Q(pk__in=quoted) | Q(pk__in=newest)).values_list("pk", "quote")

    def turn(row: tuple[int, str]) -> tuple[bool, int]:
        pk, quote = row
        return not quote, crc32(f"{now:%Y-%m} {pk}".encode())

    return [pk for pk, _quote in sorted(rows, key=turn)]


def _last_copies(without: Collection[int]) -> list[int]:
    """Return ids of books of which few printed copies are left in all editions together, scarcest first."""
    scarce = Variant.objects.filter(is_digital=False, stock__gt=0, stock__lte=FEW).exclude(
        product__in=without
    )
    some = scarce.order_by("stock", "product").values("product")[:SCARCE]
    printed = Variant.objects.filter(product__in=some, is_digital=False, product__in_stock=True)
    left = printed.order_by().values("product").annotate(left=Sum("stock")).filter(left__range=(1, FEW))
    return list(
        left.filter(product__is_published=True)
        .order_by("left", "product")
        .values_list("product", flat=True)[:LAST_COPIES]
    )
