"""What is for sale, page by page. Each costs the same number of SQL statements however many books there are."""

from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zlib import crc32

from django.db import models
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop import books
from shop.availability import FEW
from shop.books import Book
from shop.errors import ShopError
from shop.models import Category, Product, Variant

PAGE_SIZE = 24
# Nobody reads on to the thousandth book, and counting a million would cost more than showing them.
COUNT_LIMIT = 1000
SHELF = 6
LAST_COPIES = 5
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


class Sort(models.TextChoices):
    """The order of a listing."""

    TITLE = "title", gettext_lazy("Title")
    NEW = "new", gettext_lazy("Newest first")
    CHEAP = "price", gettext_lazy("Price, low to high")
    DEAR = "-price", gettext_lazy("Price, high to low")


@dataclass(frozen=True)
class Filters:
    """What a visitor asked of a listing. Its address says it all."""

    q: str = ""
    category: str = ""
    in_stock: bool = False
    sort: str = Sort.TITLE
    page: int = 1

    @property
    def url(self) -> str:
        """Return the one address of this listing: what is as usual is left out."""
        query = QueryDict(mutable=True)
        for name in ("q", "category", "in_stock", "sort", "page"):
            value = getattr(self, name)
            if value != getattr(Filters, name):
                query[name] = "1" if value is True else str(value)
        return reverse("shop:products") + (f"?{query.urlencode()}" if query else "")

    @property
    def previous(self) -> "Filters":
        """Return the page before."""
        return replace(self, page=self.page - 1)

    @property
    def next(self) -> "Filters":
        """Return the page after."""
        return replace(self, page=self.page + 1)

    @property
    def none(self) -> "Filters":
        """Return all books, in the same order."""
        return Filters(sort=self.sort)


@dataclass(frozen=True)
class Shelf:
    """A category and how many books one finds in it, counted up to COUNT_LIMIT + 1."""

    category: Category
    count: int


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
    shelves: tuple[Shelf, ...]
    books: tuple[Book, ...]
    count: int
    in_stock_count: int
    has_next: bool

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Return what was chosen, each with the way back."""
        first = replace(self.filters, page=1)
        chosen = (
            (f"“{first.q}”" if first.q else "", replace(first, q="")),
            (self.category.name if self.category else "", replace(first, category="")),
            (_("In stock") if first.in_stock else "", replace(first, in_stock=False)),
        )
        return tuple(Chip(words, without.url) for words, without in chosen if words)

    @property
    def total(self) -> int:
        """Return how many books all categories have together."""
        return sum(shelf.count for shelf in self.shelves)

    @property
    def categories(self) -> list[Category]:
        """Return all categories."""
        return [shelf.category for shelf in self.shelves]


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
    """Return one page of a listing, in four SQL statements.

    Raises UnknownCategoryError, and UnknownPageError for a page after the last.
    """
    rows = list(_counted_categories(filters.q))
    category = next((row for row in rows if row.slug == filters.category), None)
    if filters.category and category is None:
        raise UnknownCategoryError
    start = PAGE_SIZE * (filters.page - 1)
    # One more than fits tells whether there is a next page.
    found = list(_found(filters, category)[start : start + PAGE_SIZE + 1])
    if not found and filters.page > 1:
        raise UnknownPageError
    chosen = [category] if category else rows
    shelves = tuple(Shelf(row, row.in_stock if filters.in_stock else row.total) for row in rows)
    return Listing(
        filters=filters,
        category=category,
        shelves=shelves,
        books=books.with_details(found[:PAGE_SIZE]),
        count=sum(shelf.count for shelf in shelves if shelf.category in chosen),
        in_stock_count=sum(row.in_stock for row in chosen),
        has_next=len(found) > PAGE_SIZE,
    )


def _found(filters: Filters, category: Category | None) -> QuerySet[Product]:
    found = _matching(filters.q)
    if category:
        found = found.filter(category=category)
    if filters.in_stock:
        found = found.filter(books.IN_STOCK)
    return found.order_by(*_ORDERS[Sort(filters.sort)])


def _matching(words: str) -> QuerySet[Product]:
    found = books.shown()
    for word in words.split():
        matches = (
            Q(title__icontains=word)
            | Q(author__icontains=word)
            | Q(description__icontains=word)
            | Q(years_text__icontains=word)
        )
        if word.isdecimal() and len(word) <= 4:
            matches |= Q(year=int(word))
        found = found.filter(matches)
    return found


# The same price as Book.price_from.
_PRICE_FROM = Subquery(
    Variant.objects.filter(product=OuterRef("pk"))
    .order_by(Case(When(stock=0, then=1), default=0), "price")
    .values("price")[:1]
)

# Each ends in a unique column, so that no book stands on two pages.
_ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.TITLE: ("title", "pk"),
    Sort.NEW: ("-created_at", "-pk"),
    Sort.CHEAP: (_PRICE_FROM.asc(), "title", "pk"),
    Sort.DEAR: (_PRICE_FROM.desc(), "title", "pk"),
}


class _CountUpTo(Subquery):
    """How many rows a query has, without looking further than COUNT_LIMIT + 1."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Product]) -> None:
        super().__init__(rows.order_by().values("pk")[: COUNT_LIMIT + 1])


def _counted_categories(words: str) -> QuerySet[Category, Any]:
    inside = _matching(words).filter(category=OuterRef("pk"))
    return Category.objects.annotate(
        total=_CountUpTo(inside), in_stock=_CountUpTo(inside.filter(books.IN_STOCK))
    )


def product_page(slug: str) -> ProductPage:
    """Return a book and others of its category, in four SQL statements. Raises UnknownProductError."""
    product = books.shown().select_related("category").filter(slug=slug).first()
    if product is None:
        raise UnknownProductError
    shown, *related = books.with_details([product, *_neighbours(product)])
    return ProductPage(shown, tuple(related))


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


def _neighbours(product: Product) -> list[Product]:
    """Return the next books of the category and, at its end, the first ones."""
    others = books.shown().filter(category=product.category_id).exclude(pk=product.pk).order_by("pk")
    after, first = others.filter(pk__gt=product.pk)[:SHELF], others[:SHELF]
    found = Product.objects.filter(Q(pk__in=after.values("pk")) | Q(pk__in=first.values("pk")))
    return sorted(found, key=lambda other: (other.pk < product.pk, other.pk))[:SHELF]


def home(now: datetime) -> Home:
    """Return what the first page shows in the month of `now`, in six SQL statements."""
    shelves = tuple(Shelf(row, row.total) for row in _counted_categories(""))
    recommended = _recommended(now)[: SHELF + 1]
    last = list(_last_copies().exclude(pk__in=recommended).values_list("pk", flat=True)[:LAST_COPIES])
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
    on_sale = books.shown().filter(books.IN_STOCK)
    quoted = on_sale.exclude(quote="").order_by("pk").values("pk")[:RECOMMENDED]
    newest = on_sale.order_by("-created_at", "-pk").values("pk")[: SHELF + 1]
    rows = Product.objects.filter(Q(pk__in=quoted) | Q(pk__in=newest)).values_list("pk", "quote")

    def turn(row: tuple[int, str]) -> tuple[bool, int]:
        pk, quote = row
        return not quote, crc32(f"{now:%Y-%m} {pk}".encode())

    return [pk for pk, _quote in sorted(rows, key=turn)]


def _last_copies() -> QuerySet[Product]:
    copies = Variant.objects.filter(product=OuterRef("pk"), is_digital=False).order_by().values("product")
    left = Subquery(copies.annotate(left=Sum("stock")).values("left"))
    return books.shown().alias(left=left).filter(left__range=(1, FEW)).order_by("left", "pk")
