"""Listings and searches, page by page. Each takes the same number of SQL statements however many products there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from django.utils.translation import gettext as _

from shop.catalogue import cards, facets, listing_sql, paging, products, search
from shop.catalogue.cards import Card
from shop.catalogue.facets import Facets
from shop.catalogue.filters import Filters, PriceRange, price_ranges
from shop.catalogue.products import ProductPresenter
from shop.catalogue.search import spelling
from shop.errors import ShopError
from shop.i18n.stored_text import translate_value
from shop.models import Category, Format

PAGE_SIZE = 24
# So many products are shown under “Did you mean”.
NEAREST = 8


class UnknownCategoryError(ShopError):
    """There is no such category."""

    code = "unknown_category"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("We have no such category."))


class UnknownPageError(ShopError):
    """The listing ends before this page."""

    code = "unknown_page"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("This list has fewer pages than that."))


@dataclass(frozen=True)
class Option:
    """A choice in a listing's form. `count` ends at COUNT_LIMIT + 1; where `more`, it is the least there are."""

    value: str
    text: str
    count: int
    chosen: bool
    more: bool = False


@dataclass(frozen=True)
class Chip:
    """A choice that is made, and the address without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Meant:
    """What somebody may have meant by a search that finds nothing, and the first products it finds."""

    text: str
    url: str
    cards: Sequence[Card]


@dataclass(frozen=True)
class Listing:
    """A page of products, and the choices that lead to others."""

    filters: Filters
    category: Category | None
    categories: Sequence[Category]
    cards: Sequence[Card]
    facets: Facets
    has_next: bool
    meant: Meant | None = None

    @property
    def count(self) -> int:
        """Return how many products there are, counted up to COUNT_LIMIT + 1."""
        return self.facets.count

    @property
    def total(self) -> int:
        """Return how many products all categories have together."""
        return sum(self.facets.categories.values())

    @property
    def category_options(self) -> list[Option]:
        """Return every category with its count."""
        counts = self.facets.categories
        return [
            self._option(
                "category", category.slug, translate_value(category.name), counts.get(category.slug, 0)
            )
            for category in self.categories
        ]

    @property
    def format_options(self) -> list[Option]:
        """Return the formats that lead to products, and the chosen one."""
        found = [(value, str(text), self.facets.formats.get(value, 0)) for value, text in Format.choices]
        return [
            self._option("format", *option)
            for option in found
            if option[2] or option[0] == self.filters.format
        ]

    @property
    def price_options(self) -> list[Option]:
        """Return the price ranges that lead to products, and the chosen one."""
        counts = self.facets.prices
        offered = [price for price in price_ranges() if counts.get(str(price))]
        chosen = PriceRange.read(self.filters.price)
        if chosen and chosen not in offered:
            offered.append(chosen)
            counts = {str(chosen): self.count, **counts}
        return [self._option("price", str(price), price.text, counts.get(str(price), 0)) for price in offered]

    @property
    def author_options(self) -> list[Option]:
        """Return the most frequent authors and the chosen one, by name."""
        counts = self.facets.authors
        if self.filters.author and self.filters.author not in counts:
            counts = {**counts, self.filters.author: self.count}
        return [self._option("author", name, name, counts[name]) for name in sorted(counts)]

    def _option(self, field: str, value: str, text: str, count: int) -> Option:
        chosen = getattr(self.filters, field) == value
        return Option(value, text, count, chosen, more=self.facets.more)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Return what was chosen, each with the way back."""
        first = replace(self.filters, page=1)
        price = PriceRange.read(first.price)
        chosen = {
            "q": _("“%s”") % first.q if first.q else "",
            "category": translate_value(self.category.name) if self.category else "",
            "format": str(Format(first.format).label) if first.format else "",
            "price": price.text if price else "",
            "author": first.author,
            "in_stock": _("In stock") if first.in_stock else "",
        }
        return tuple(
            Chip(text, replace(first, **{name: getattr(Filters, name)}).url)
            for name, text in chosen.items()
            if text
        )


def listing(filters: Filters) -> Listing:
    """Return one page of a listing or a search.

    Raises UnknownCategoryError, and UnknownPageError for a page after the last.
    """
    categories = list(Category.objects.all())
    category = _category(filters, categories)
    start = PAGE_SIZE * (filters.page - 1)
    # One more than fits tells whether there is a next page.
    if filters.q:
        found = search.find(filters, category)
        ids = found.ids[start : start + PAGE_SIZE + 1]
        counted = search.facets(found, categories)
    else:
        counted = facets.of_listing(filters, categories, category)
        ids = listing_sql.page(
            listing_sql.conditions(filters, category),
            filters.order,
            few=counted.count <= facets.COUNT_LIMIT,
            start=start,
            size=PAGE_SIZE + 1,
        )
    if not ids and filters.page > 1:
        raise UnknownPageError
    return Listing(
        filters=filters,
        category=category,
        categories=categories,
        cards=tuple(cards.by_ids(ids[:PAGE_SIZE], filters.format).values()),
        facets=counted,
        has_next=len(ids) > PAGE_SIZE,
        meant=_meant(filters) if filters.q and not (found.matches or found.nearly) else None,
    )


def _meant(filters: Filters) -> Meant | None:
    text = spelling.nearest(filters.q)
    found = search.find(Filters(q=text), None) if text else None
    if not text or not found or not found.ids:
        return None
    return Meant(text, replace(filters.none, q=text).url, tuple(cards.by_ids(found.ids[:NEAREST]).values()))


@dataclass(frozen=True)
class Part:
    """Some products of a listing, and the cursor of what follows, if anything does."""

    products: Sequence[ProductPresenter]
    next: str | None


def part(filters: Filters, cursor: str = "", *, size: int = PAGE_SIZE) -> Part:
    """Return the products of a listing that follow a cursor, from the first where it is empty.

    However far one goes on, each part costs the same. `filters.page` is not looked at. Products that come or go meanwhile
    make none of the others stand twice or be left out. Raises UnknownCategoryError, and InvalidCursorError for a cursor
    that is not of this order.
    """
    category = _category(filters, Category.objects.all()) if filters.category else None
    if filters.q:
        all_ids = search.find(filters, category).ids
        ids, following = paging.of_search(all_ids, filters.order, cursor, size=size)
    else:
        made = listing_sql.conditions(filters, category)
        few = facets.are_few(made)
        ids, following = paging.of_listing(made, filters.order, cursor, few=few, size=size)
    return Part(products.by_ids(ids), following)


def _category(filters: Filters, categories: Iterable[Category]) -> Category | None:
    category = next((one for one in categories if one.slug == filters.category), None)
    if filters.category and category is None:
        raise UnknownCategoryError
    return category
