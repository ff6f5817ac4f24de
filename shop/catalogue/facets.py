"""Facet counts: how many products each other choice of a listing would show.

Nothing is counted further than COUNT_LIMIT + 1, so a million products cost what a thousand do. The authors offered are
the most frequent of the first matches, best-selling first.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shop.catalogue import listing_sql
from shop.catalogue.filters import Filters, price_ranges
from shop.catalogue.listing_sql import Conditions
from shop.models import Category, Format

# Nobody reads on to the thousandth product, and counting a million would cost more than showing them.
COUNT_LIMIT = 1000
# On the first page, of each category.
SHELF_LIMIT = 500
AUTHORS = 8
# They are looked for among so many products.
AMONG = 100


@dataclass
class Facets:
    """Counts up to COUNT_LIMIT + 1, by the value of each choice. Where `more`, each may be higher."""

    count: int = 0
    in_stock: int = 0
    categories: dict[str, int] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)
    authors: dict[str, int] = field(default_factory=dict)
    more: bool = False


def of_listing(filters: Filters, categories: Sequence[Category], category: Category | None) -> Facets:
    """Count the choices of a listing, in two SQL statements, or three where an author is chosen."""
    made = listing_sql.conditions(filters, category)
    parts = list(_parts(made, categories))
    counted = listing_sql.counts([conditions for _group, _key, conditions in parts], COUNT_LIMIT)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for (group, key, _conditions), count in zip(parts, counted, strict=True):
        found[group][key] = count
    # Every product stands in one category.
    shelves = found["categories"]
    total = shelves[category.slug] if category else min(sum(shelves.values()), COUNT_LIMIT + 1)
    others = {name: part for name, part in made.items() if name != "author"}
    authors = listing_sql.frequent_authors(
        others,
        few=are_few(others) if filters.author else total <= COUNT_LIMIT,
        among=AMONG,
        most=AUTHORS,
        limit=COUNT_LIMIT,
    )
    return Facets(
        count=total,
        in_stock=total if filters.in_stock else found["in_stock"][""],
        categories=shelves,
        formats=found["formats"],
        prices=found["prices"],
        authors=authors,
    )


def are_few(made: Conditions) -> bool:
    """Tell whether all choices together let through so few products that they can be counted, in one SQL statement at most.

    Of a category alone it is not asked: its products stand in every order.
    """
    if made.keys() <= {"category"}:
        return False
    return listing_sql.counts([made], COUNT_LIMIT)[0] <= COUNT_LIMIT


def of_categories(categories: Sequence[Category]) -> list[int]:
    """Return how many products each category has, up to SHELF_LIMIT + 1, in one SQL statement."""
    return listing_sql.counts([{"category": listing_sql.of_category(one)} for one in categories], SHELF_LIMIT)


def _parts(made: Conditions, categories: Sequence[Category]) -> Iterator[tuple[str, str, Conditions]]:
    """Yield what is counted: the field of Facets, the key in it, and the choices."""
    if "in_stock" not in made:
        yield "in_stock", "", {**made, "in_stock": listing_sql.IN_STOCK}
    for category in categories:
        yield "categories", category.slug, {**made, "category": listing_sql.of_category(category)}
    for value in Format.values:
        yield "formats", value, {**made, "format": listing_sql.of_format(value)}
    for price in price_ranges():
        yield "prices", str(price), {**made, "price": listing_sql.of_price(price)}
