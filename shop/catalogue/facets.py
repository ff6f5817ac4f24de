"""How many books each choice of a listing leads to, with all other choices left as they are.

Nothing is counted further than COUNT_LIMIT + 1, so a million books cost what a thousand do. The authors offered are
the most frequent of the first matches, best-selling first.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection

from shop.catalogue import filters as sql
from shop.catalogue.filters import Condition, Filters, Sort, joined
from shop.catalogue.paging import Made
from shop.catalogue.rows import Reader
from shop.models import Category, Format

# Nobody reads on to the thousandth book, and counting a million would cost more than showing them.
COUNT_LIMIT = 1000
# On the first page, of each category.
SHELF_LIMIT = 500
AUTHORS = 8
# They are looked for among so many books.
AMONG = 250


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


def of_listing(
    filters: Filters, categories: tuple[Category, ...], category: Category | None, version: str | None
) -> Facets:
    """Count the choices of a listing, in two SQL statements or three; once for each version of the catalogue, if there is one."""
    made = filters.choices
    return _kept(version, made, categories, category) if version else _of_listing(made, categories, category)


def are_few(made: Made) -> bool:
    """Tell whether all choices together let through so few books that they can be counted, in one SQL statement at most.

    Of a category alone it is not asked: its books stand in every order.
    """
    if made.keys() <= {"category"}:
        return False
    count = _counted(made)
    with connection.cursor() as cursor:
        cursor.execute(count.sql, count.parameters)
        [found] = cursor.fetchone()
    return bool(found <= COUNT_LIMIT)


def _of_listing(filters: Filters, categories: Sequence[Category], category: Category | None) -> Facets:
    made = sql.conditions(filters, category)
    parts = list(_parts(made, categories))
    counts = [_counted(part) for _group, _key, part in parts]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT {number}, ({part.sql})" for number, part in enumerate(counts)),
            [value for part in counts for value in part.parameters],
        )
        for number, count in cursor.fetchall():
            group, key, _part = parts[number]
            found[group][key] = count
    # Every book stands on one shelf.
    shelves = found["categories"]
    total = shelves[category.slug] if category else min(sum(shelves.values()), COUNT_LIMIT + 1)
    others = {name: part for name, part in made.items() if name != "author"}
    return Facets(
        count=total,
        in_stock=total if filters.in_stock else found["in_stock"][""],
        categories=shelves,
        formats=found["formats"],
        prices=found["prices"],
        authors=_authors(others, few=are_few(others) if filters.author else total <= COUNT_LIMIT),
    )


# Who leafs through a listing or sorts it anew asks for the same counts again.
@lru_cache(maxsize=512)
def _kept(
    version: str,  # noqa: ARG001 - what is kept is kept under it
    filters: Filters,
    categories: tuple[Category, ...],
    category: Category | None,
) -> Facets:
    return _of_listing(filters, categories, category)


_categories = Reader(Category, "c")


def of_categories() -> list[tuple[Category, int]]:
    """Return every category with its number of books up to SHELF_LIMIT + 1, in one SQL statement."""
    count = _counted({"category": Condition("p.category_id = c.id")}, SHELF_LIMIT)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_categories.columns}, ({count.sql}) FROM shop_category c ORDER BY c.position, c.name"
        )
        return [(_categories.read(row[:-1]), row[-1]) for row in cursor.fetchall()]


def _parts(made: Made, categories: Sequence[Category]) -> Iterator[tuple[str, str, Made]]:
    """Yield what is counted: the field of Facets, the key in it, and the choices."""
    if "in_stock" not in made:
        yield "in_stock", "", {**made, "in_stock": sql.IN_STOCK}
    for category in categories:
        yield "categories", category.slug, {**made, "category": sql.of_category(category)}
    for value in Format.values:
        yield "formats", value, {**made, "format": sql.of_format(value)}
    for price in sql.price_ranges():
        yield "prices", str(price), {**made, "price": sql.of_price(price)}


def _counted(made: Made, limit: int | None = None) -> Condition:
    where = joined(sql.SHOWN, *made.values())
    books = sql.table(sql.index_of_choices(made))
    return Condition(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {books} WHERE {where.sql} LIMIT {(limit or COUNT_LIMIT) + 1}) AS c",
        where.parameters,
    )


def _authors(others: Made, *, few: bool) -> dict[str, int]:
    """Return the authors that are offered and their counts, in one SQL statement."""
    where = joined(sql.SHOWN, *others.values())
    index = sql.index_of_choices(others) if few else sql.index_of_order(others, Sort.SOLD)
    first = (
        f"SELECT p.author FROM {sql.table(index)} WHERE {where.sql} AND p.author <> '' "
        f"ORDER BY p.sold DESC, p.created_at DESC, p.id DESC LIMIT {AMONG}"
    )
    frequent = (
        f"SELECT author FROM ({first}) AS f GROUP BY author ORDER BY COUNT(*) DESC, author LIMIT {AUTHORS}"
    )
    count = _counted({**others, "author": Condition("p.author = o.author")})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.author, ({count.sql}) FROM ({frequent}) AS o", [*count.parameters, *where.parameters]
        )
        return dict(cursor.fetchall())
