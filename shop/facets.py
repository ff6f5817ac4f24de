"""How many books each choice of a listing leads to, with all other choices left as they are.

Nothing is counted further than COUNT_LIMIT + 1, so a million books cost what a thousand do. The authors offered are
the most frequent of the first matches, best-selling first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection

from shop import filters as sql
from shop.filters import Condition, Filters, joined
from shop.models import Category, Format
from shop.rows import Reader

# Nobody reads on to the thousandth book, and counting a million would cost more than showing them.
COUNT_LIMIT = 1000
AUTHORS = 8


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
    """Count the choices of a listing, in one SQL statement; once for each version of the catalogue, if there is one."""
    made = filters.choices
    return _kept(version, made, categories, category) if version else _of_listing(made, categories, category)


def _of_listing(filters: Filters, categories: Sequence[Category], category: Category | None) -> Facets:
    made = sql.conditions(filters, category)
    parts = list(_parts(made, categories))
    counts = " UNION ALL ".join(
        f"SELECT {number} AS part, '' AS author, ({_counted(part.sql)}) AS found"
        for number, (_group, _key, part) in enumerate(parts)
    )
    offered, offered_parameters = _authors(_without(made, "author"))
    parameters = [parameter for *_, part in parts for parameter in part.parameters]
    with connection.cursor() as cursor:
        cursor.execute(f"{counts} UNION ALL {offered}", [*parameters, *offered_parameters])
        rows = cursor.fetchall()
    facets = Facets()
    for number, author, found in rows:
        group, key, _part = parts[number] if number >= 0 else ("authors", author, None)
        if key is None:
            setattr(facets, group, found)
        else:
            getattr(facets, group)[key] = found
    return facets


# Who leafs through a listing or sorts it anew asks for the same counts again.
@lru_cache(maxsize=512)
def _kept(
    version: str,  # noqa: ARG001 - what is kept is kept under it
    filters: Filters,
    categories: tuple[Category, ...],
    category: Category | None,
) -> Facets:
    return _of_listing(filters, categories, category)


def of_categories() -> list[tuple[Category, int]]:
    """Return every category with its number of books, in one SQL statement."""
    with connection.cursor() as cursor:
        cursor.execute(_CATEGORIES)
        return [(_categories.read(row[:-1]), row[-1]) for row in cursor.fetchall()]


def _parts(
    made: dict[str, Condition], categories: Sequence[Category]
) -> Iterator[tuple[str, str | None, Condition]]:
    """Yield what is counted: the field of Facets, the key in it (or None), and the condition."""
    yield "count", None, _without(made, "")
    yield "in_stock", None, joined(_without(made, "in_stock"), sql.IN_STOCK)
    others = _without(made, "category")
    for category in categories:
        yield "categories", category.slug, _and(others, sql.of_category(category))
    others = _without(made, "format")
    for value in Format.values:
        yield "formats", value, _and(others, sql.of_format(value))
    others = _without(made, "price")
    for price in sql.price_ranges():
        yield "prices", str(price), _and(others, sql.of_price(price))


def _without(made: dict[str, Condition], group: str) -> Condition:
    return joined(sql.SHOWN, *(part for name, part in made.items() if name != group))


def _and(others: Condition, option: Condition) -> Condition:
    return joined(others, sql.beside_author(option) if "p.author =" in others.sql else option)


def _counted(condition: str) -> str:
    return (
        f"SELECT COUNT(*) FROM (SELECT 1 FROM shop_product p WHERE {condition} LIMIT {COUNT_LIMIT + 1}) AS c"
    )


_categories = Reader(Category, "shelf")
_CATEGORIES = f"""
    SELECT {_categories.columns}, ({_counted(f"{sql.SHOWN.sql} AND p.category_id = shelf.id")}) AS found
    FROM shop_category shelf ORDER BY shelf.position, shelf.name
"""


def _authors(others: Condition) -> tuple[str, list[Any]]:
    first = (
        f"SELECT p.author FROM shop_product p WHERE {others.sql} AND p.author <> '' "
        f"ORDER BY p.sold DESC, p.created_at DESC, p.id DESC LIMIT {COUNT_LIMIT + 1}"
    )
    frequent = (
        f"SELECT author FROM ({first}) AS f GROUP BY author ORDER BY COUNT(*) DESC, author LIMIT {AUTHORS}"
    )
    count = _counted(f"{sql.beside_author(others).sql} AND p.author = o.author")
    return f"SELECT -1, o.author, ({count}) FROM ({frequent}) AS o", [*others.parameters, *others.parameters]
