"""What is for sale, page by page. Each costs the same number of SQL statements however many books there are."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus

from django.db import connection
from django.utils.translation import gettext as _

from shop.catalogue import facets, featured, paging, products, search, spelling
from shop.catalogue.facets import Facets
from shop.catalogue.filters import SHOWN, Condition, Filters, PriceRange, conditions, price_ranges
from shop.catalogue.products import Book, Card
from shop.catalogue.rows import Reader
from shop.errors import ShopError
from shop.i18n.stored_text import said
from shop.models import Category, Format, Product
from shop.page_cache.middleware import version_now

PAGE_SIZE = 24
# So many books are shown under “Did you mean”.
NEAREST = 8
# So many neighbours stand beside a book.
NEIGHBOURS = 6


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
    """A category and how many books one finds in it. Where `more`, there are more than that."""

    category: Category
    count: int
    more: bool


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
    related: tuple[Card, ...]


@dataclass(frozen=True)
class Home:
    """What the first page shows. `choice` is None where there is no book."""

    shelf: tuple[Card, ...]
    choice: Book | None
    shelves: tuple[Shelf, ...]
    last_copies: tuple[Card, ...]

    @property
    def total(self) -> int:
        """Return how many books there are; where that was not counted, as many as we count to and one."""
        if any(shelf.more for shelf in self.shelves):
            return facets.COUNT_LIMIT + 1
        return sum(shelf.count for shelf in self.shelves)

    @property
    def categories(self) -> list[Category]:
        """Return all categories."""
        return [shelf.category for shelf in self.shelves]


def listing(filters: Filters) -> Listing:
    """Return one page of a listing or a search, in four SQL statements; in two where much was kept.

    Raises UnknownCategoryError, and UnknownPageError for a page after the last.
    """
    version = version_now()  # before anything is read that is kept under it
    categories = _kept_categories(version) if version else all_categories()
    category = _category(filters, categories)
    start = PAGE_SIZE * (filters.page - 1)
    # One more than fits tells whether there is a next page.
    if filters.q:
        found = search.find(filters, category)
        cards = products.some_cards(found.ids[start : start + PAGE_SIZE + 1], filters.format)
        counted = search.facets(found, categories)
    else:
        counted = facets.of_listing(filters, categories, category, version)
        page = paging.page(
            conditions(filters, category),
            filters.order,
            few=counted.count <= facets.COUNT_LIMIT,
            start=start,
            size=PAGE_SIZE + 1,
        )
        cards = tuple(products.cards(page, paging.ORDERS[filters.order].sql, filters.format).values())
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
    return Meant(words, replace(filters.none, q=words).url, products.some_cards(found.ids[:NEAREST]))


@dataclass(frozen=True)
class Part:
    """Some books of a listing, and the cursor of what follows, if anything does."""

    books: tuple[Book, ...]
    next: str | None


def part(filters: Filters, cursor: str = "", *, size: int = PAGE_SIZE) -> Part:
    """Return the books of a listing that follow a cursor, from the first where it is empty.

    However far one goes on, each part costs the same: six SQL statements at most. `filters.page` is not looked at. Books
    that come or go meanwhile make none of the others stand twice or be left out. Raises UnknownCategoryError, and
    InvalidCursorError for a cursor that is not of this order.
    """
    category = _category(filters, all_categories()) if filters.category else None
    if filters.q:
        all_ids = search.find(filters, category).ids
        found, following = paging.after(all_ids, filters.order, cursor, size=size)
    else:
        made = conditions(filters, category)
        few = facets.are_few(made)
        found, following = paging.ids_after(made, filters.order, cursor, few=few, size=size)
    rows = Product.objects.select_related("category").in_bulk(found)
    return Part(products.with_details([rows[pk] for pk in found if pk in rows]), following)


_shelves = Reader(Category, "c")
_CATEGORIES = f"SELECT {_shelves.columns} FROM shop_category c ORDER BY c.position, c.name"


def all_categories() -> tuple[Category, ...]:
    """Return all categories, in the order of the shop, in one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORIES)
        return tuple(map(_shelves.read, cursor.fetchall()))


@lru_cache(maxsize=2)
def _kept_categories(version: str) -> tuple[Category, ...]:  # noqa: ARG001 - what is kept is kept under it
    return all_categories()


def _category(filters: Filters, categories: Iterable[Category]) -> Category | None:
    category = next((one for one in categories if one.slug == filters.category), None)
    if filters.category and category is None:
        raise UnknownCategoryError
    return category


def product_page(slug: str) -> ProductPage:
    """Return a book and others of its category, in three SQL statements. Raises UnknownProductError."""
    return ProductPage(book(slug), tuple(products.cards(*_near(slug)).values()))


def book(slug: str) -> Book:
    """Return a book that is shown, in two SQL statements. Raises UnknownProductError."""
    found = products.one(_by_slug(slug))
    if found is None:
        raise UnknownProductError
    return found


def _by_slug(slug: str) -> Condition:
    return Condition("p.slug = %s", (slug,))


def page_of_variant(variant_id: int) -> ProductPage:
    """Return the page of the book that a variant is of. Raises UnknownProductError."""
    slug = Product.objects.filter(variants=variant_id).values_list("slug", flat=True).first()
    if slug is None:
        raise UnknownProductError
    return product_page(slug)


def neighbours(book: Book) -> tuple[Book, ...]:
    """Return the books that `product_page` shows beside this one, with all that programs ask of them.

    In three SQL statements.
    """
    found = products.products(*_near(book.product.slug))
    for product in found:
        product.category = book.product.category
    return products.with_details(found)


# The next newer ones of its category and, at its end, the oldest. The book itself is looked up by itself: joined to it,
# PostgreSQL would go through all the books there are.
_BESIDE = f"""
    SELECT * FROM (
        SELECT p.id, {{turn}} AS turn, p.created_at FROM shop_product p
        WHERE {SHOWN.sql} AND p.category_id = (SELECT category_id FROM here)
        AND (p.created_at, p.id) {{side}} (SELECT created_at, id FROM here)
        ORDER BY p.created_at, p.id LIMIT {NEIGHBOURS}
    ) AS beside{{turn}}
"""
_HERE = "SELECT h.created_at, h.id, h.category_id FROM shop_product h WHERE h.slug = %s"
_NEIGHBOURS = f"""
    WITH here AS ({_HERE}) SELECT id FROM (
        {_BESIDE.format(turn=1, side=">")} UNION ALL {_BESIDE.format(turn=2, side="<")}
        ORDER BY turn, created_at, id LIMIT {NEIGHBOURS}
    ) AS neighbours
"""
_TURN = "(p.created_at, p.id) < (SELECT h.created_at, h.id FROM shop_product h WHERE h.slug = %s), p.created_at, p.id"


def _near(slug: str) -> tuple[Condition, str]:
    """Return the SQL for ids of a book's neighbours, and that for their order; the parameters are for both."""
    return Condition(_NEIGHBOURS, (slug,) * 2), _TURN


def home(now: datetime) -> Home:
    """Return what the first page shows in the month of `now`, in five SQL statements."""
    most = facets.SHELF_LIMIT
    shelves = tuple(
        Shelf(category, min(count, most), more=count > most) for category, count in facets.of_categories()
    )
    recommended, scarce = featured.of_month(now)
    if not recommended:
        return Home(shelf=(), choice=None, shelves=shelves, last_copies=())
    choice, *shelf = recommended
    last = [pk for pk in scarce if pk not in recommended][: featured.LAST_COPIES]
    others = [*shelf, *last]
    cards = products.cards(products.listed(others), "p.id") if others else {}
    return Home(
        shelf=tuple(cards[pk] for pk in shelf if pk in cards),
        choice=products.one(Condition("p.id = %s", (choice,))),
        shelves=shelves,
        last_copies=tuple(cards[pk] for pk in last if pk in cards),
    )
