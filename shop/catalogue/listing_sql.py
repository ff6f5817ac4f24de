"""The listings' own SQL: counts that stop early, and pages by an index.

The ORM has no word for either: twenty counts in one statement that each end at a limit, and, on SQLite, the index to be
used. Everything is put together from pieces of this module; values are parameters. `p` is a row of shop_product.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection

from shop.catalogue.filters import ORDERS, Filters, PriceRange, Sort
from shop.models import Category, Format

ALL = 2**62


class Condition(NamedTuple):
    """A piece of SQL and its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


# As a list of numbers, since an index knows nothing of bits.
_OF_FORMAT = {
    value.value: Condition(
        f"p.formats IN ({', '.join(str(mask) for mask in range(1 << len(Format)) if mask & value.bit)})"
    )
    for value in Format
}
# The conditions of a listing by the names of their choices, as in Filters.
Conditions = Mapping[str, Condition]

# As in the indexes of Product: only then are they used.
SHOWN = Condition("p.is_published AND p.price_from IS NOT NULL")
IN_STOCK = Condition("p.in_stock")


def conditions(filters: Filters, category: Category | None) -> dict[str, Condition]:
    """Return the condition of each choice that was made, by its name. Words are not among them."""
    made: dict[str, Condition] = {}
    if category:
        made["category"] = of_category(category)
    if filters.format:
        made["format"] = of_format(filters.format)
    if wanted := PriceRange.read(filters.price):
        made["price"] = of_price(wanted)
    if filters.author:
        made["author"] = Condition("p.author = %s", (filters.author,))
    if filters.in_stock:
        made["in_stock"] = IN_STOCK
    return made


def of_category(category: Category) -> Condition:
    """Return the condition that a product stands in this category."""
    return Condition("p.category_id = %s", (category.pk,))


def of_format(value: str) -> Condition:
    """Return the condition that there is a variant of this format."""
    return _OF_FORMAT[value]


def of_price(wanted: PriceRange) -> Condition:
    """Return the condition that the lowest price is in this range."""
    if wanted.high is None:
        return Condition("p.price_from >= %s", (wanted.low,))
    return Condition("p.price_from >= %s AND p.price_from < %s", (wanted.low, wanted.high))


def counts(wanted: Sequence[Conditions], limit: int) -> list[int]:
    """Return how many products each set of conditions lets through, none counted further than `limit` + 1."""
    if not wanted:
        return []
    each = [_count(made, limit) for made in wanted]
    rows = _rows(
        " UNION ALL ".join(f"SELECT {number}, ({part.sql})" for number, part in enumerate(each)),
        [value for part in each for value in part.parameters],
    )
    return [count for _number, count in sorted(rows)]


def page(made: Conditions, sort: Sort, *, few: bool, start: int, size: int) -> list[int]:
    """Return ids of the products from place `start` on.

    Where the conditions let `few` through, as the caller has counted, these are gathered and sorted; many are met where
    the order's own index has them.
    """
    products = _products(made, sort, few=few)
    rows = _rows(
        f"SELECT p.id FROM {products.sql} ORDER BY {_order(sort)} LIMIT %s OFFSET %s",
        [*products.parameters, size, start],
    )
    return [pk for (pk,) in rows]


def after(
    made: Conditions, sort: Sort, key: tuple[Any, ...] | None, *, few: bool, size: int
) -> list[tuple[Any, ...]]:
    """Return the sort keys of the products that follow the one with this key (None: from the first); the id is the last.

    `few` as for `page`.
    """
    if key:
        made = {**made, "cursor": _behind(sort, key)}
    products = _products(made, sort, few=few)
    columns = ", ".join(map(_as_text, sort_columns(sort)))
    return _rows(
        f"SELECT {columns} FROM {products.sql} ORDER BY {_order(sort)} LIMIT %s", [*products.parameters, size]
    )


def frequent_authors(made: Conditions, *, few: bool, among: int, most: int, limit: int) -> dict[str, int]:
    """Return the `most` frequent authors of the `among` best-selling products, each with a count up to `limit` + 1.

    `few` as for `page`.
    """
    where = _joined(SHOWN, *made.values())
    index = _index_of_choices(made) if few else _index_of_order(made, Sort.SOLD)
    first = (
        f"SELECT p.author FROM {_table(index)} WHERE {where.sql} AND p.author <> '' "
        f"ORDER BY {_order(Sort.SOLD)} LIMIT {among}"
    )
    frequent = (
        f"SELECT author FROM ({first}) AS f GROUP BY author ORDER BY COUNT(*) DESC, author LIMIT {most}"
    )
    count = _count({**made, "author": Condition("p.author = o.author")}, limit)
    sql = f"SELECT o.author, ({count.sql}) FROM ({frequent}) AS o"
    return dict(_rows(sql, [*count.parameters, *where.parameters]))


def sort_columns(sort: Sort) -> tuple[str, ...]:
    """Return the columns that an order sorts by."""
    return tuple(column.removeprefix("-") for column in ORDERS[sort])


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _count(made: Conditions, limit: int) -> Condition:
    where = _joined(SHOWN, *made.values())
    products = _table(_index_of_choices(made))
    return Condition(
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {products} WHERE {where.sql} LIMIT {limit + 1}) AS c",
        where.parameters,
    )


def _joined(*parts: Condition) -> Condition:
    return Condition(
        " AND ".join(part.sql for part in parts), tuple(value for part in parts for value in part.parameters)
    )


def _products(made: Conditions, sort: Sort, *, few: bool) -> Condition:
    """Return what stands after FROM, to be put in order."""
    where = _joined(SHOWN, *made.values())
    if not few and "author" not in made:
        return Condition(f"{_table(_index_of_order(made, sort))} WHERE {where.sql}", where.parameters)
    columns = ", ".join(f"p.{column}" for column in sort_columns(sort))
    gathered = f"SELECT {columns} FROM {_table(_index_of_choices(made))} WHERE {where.sql}"
    # LIMIT keeps PostgreSQL from looking for the first of them in the order's index after all.
    return Condition(f"({gathered} LIMIT {ALL}) AS p", where.parameters)


def _order(sort: Sort) -> str:
    return ", ".join(
        f"p.{column[1:]} DESC" if column.startswith("-") else f"p.{column}" for column in ORDERS[sort]
    )


def _as_text(column: str) -> str:
    # A time as the database writes it, so that it comes back as exactly the same.
    return f"CAST(p.{column} AS text)" if column == "created_at" else f"p.{column}"


def _behind(sort: Sort, key: Iterable[Any]) -> Condition:
    columns = ", ".join(f"p.{column}" for column in sort_columns(sort))
    values = tuple(key)
    side = "<" if ORDERS[sort][0].startswith("-") else ">"
    return Condition(f"({columns}) {side} ({', '.join(['%s'] * len(values))})", values)


def _table(index: str) -> str:
    """Return the products, to be found by this index.

    SQLite knows how many products a category has at most, and of formats and prices nothing: left to itself it may read
    a million to find ten. PostgreSQL has counted, and chooses.
    """
    return f"shop_product p INDEXED BY {index}" if connection.vendor == "sqlite" else "shop_product p"


def _index_of_choices(made: Container[str]) -> str:
    """Return the index that finds all products which some choices let through. It has in it what the others ask."""
    if "author" in made:
        return "product_by_author"
    if "format" in made:
        return "product_by_formats" if "category" in made else "product_by_formats_and_price"
    return "product_in_category_by_price" if "category" in made else "product_by_price"


def _index_of_order(made: Container[str], sort: Sort) -> str:
    """Return the index that has the products in this order. It has in it what choices ask, but for the author."""
    return f"product{'_in_category' if 'category' in made else ''}_by_{sort.removeprefix('-')}"
