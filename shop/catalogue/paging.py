"""Which books stand where in a listing: pages by number for people, and from book to book for programs.

Ids come from the index of their order alone; whole rows are read of the few that are shown.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from shop.catalogue.filters import SHOWN, Condition, Sort, index_of_choices, index_of_order, joined, table
from shop.errors import ShopError

ALL = 2**62
# The choices of a listing: the name of each field with its condition.
Made = Mapping[str, Condition]


class InvalidCursorError(ShopError):
    """A cursor that we did not make, or for another order of books."""

    code = "invalid_cursor"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("This cursor does not belong to this list. Begin again without one."))


class Order(NamedTuple):
    """An order of books: columns that decide, the last of them unique, all in one direction."""

    columns: tuple[str, ...]
    descends: bool

    @property
    def sql(self) -> str:
        """Return what stands after ORDER BY."""
        direction = " DESC" if self.descends else ""
        return ", ".join(f"p.{column}{direction}" for column in self.columns)


# No book stands on two pages, since every order ends in the id.
ORDERS = {
    Sort.TITLE: Order(("title", "id"), descends=False),
    Sort.NEW: Order(("created_at", "id"), descends=True),
    Sort.SOLD: Order(("sold", "created_at", "id"), descends=True),
    Sort.CHEAP: Order(("price_from", "id"), descends=False),
    Sort.DEAR: Order(("price_from", "id"), descends=True),
}
_READ = {"title": str, "created_at": str, "sold": int, "price_from": int, "id": int, "place": int}


def page(made: Made, sort: Sort, *, few: bool, start: int, size: int) -> Condition:
    """Return the SQL that yields the ids of the books from place `start` on which all choices let through.

    Whether these are `few`, the caller has counted (facets.py).
    """
    books = _books(made, sort, few=few)
    return Condition(
        f"SELECT p.id FROM {books.sql} ORDER BY {ORDERS[sort].sql} LIMIT %s OFFSET %s",
        (*books.parameters, size, start),
    )


def _books(made: Made, sort: Sort, *, few: bool) -> Condition:
    """Return what stands after FROM, to be put in order: few are gathered first, many are met where the order has them."""
    where = joined(SHOWN, *made.values())
    if not few and "author" not in made:
        return Condition(f"{table(index_of_order(made, sort))} WHERE {where.sql}", where.parameters)
    columns = ", ".join(f"p.{column}" for column in ORDERS[sort].columns)
    gathered = f"SELECT {columns} FROM {table(index_of_choices(made))} WHERE {where.sql}"
    # LIMIT keeps PostgreSQL from looking for the first of them in the order's index after all.
    return Condition(f"({gathered} LIMIT {ALL}) AS p", where.parameters)


def ids_after(made: Made, sort: Sort, cursor: str, *, few: bool, size: int) -> tuple[list[int], str | None]:
    """Return ids of the books after a cursor (empty: from the first), and the cursor of what follows them, if anything.

    Raises InvalidCursorError.
    """
    order = ORDERS[sort]
    if cursor:
        made = {**made, "cursor": _behind(order, _read(cursor, sort, order.columns))}
    books = _books(made, sort, few=few)
    with connection.cursor() as database:
        database.execute(
            f"SELECT {', '.join(map(_plain, order.columns))} FROM {books.sql} ORDER BY {order.sql} LIMIT %s",
            [*books.parameters, size + 1],
        )
        rows = database.fetchall()
    following = write_cursor(sort, rows[size - 1]) if len(rows) > size else None
    return [row[-1] for row in rows[:size]], following


def after(ids: Sequence[int], sort: Sort, cursor: str, *, size: int) -> tuple[list[int], str | None]:
    """Return those of a search's ids that follow a cursor, and the cursor of what follows them. As `ids_after`.

    The place counts where the book at the cursor is not among them any more.
    """
    start = 0
    if cursor:
        place, pk = _read(cursor, sort, ("place", "id"))
        start = ids.index(pk) + 1 if pk in ids else place
    some = list(ids[start : start + size])
    end = start + len(some)
    return some, write_cursor(sort, (end, some[-1])) if some and end < len(ids) else None


def _plain(column: str) -> str:
    return f"CAST(p.{column} AS text)" if column == "created_at" else f"p.{column}"


def _behind(order: Order, key: tuple[Any, ...]) -> Condition:
    columns = ", ".join(f"p.{column}" for column in order.columns)
    values = ", ".join(["%s"] * len(key))
    return Condition(f"({columns}) {'<' if order.descends else '>'} ({values})", key)


def write_cursor(sort: Sort, key: tuple[Any, ...]) -> str:
    """Return the cursor of a place in an order."""
    return urlsafe_b64encode(json.dumps([sort, *key]).encode()).decode().rstrip("=")


def _read(cursor: str, sort: Sort, columns: Sequence[str]) -> tuple[Any, ...]:
    try:
        said, *key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if said != sort or len(key) != len(columns):
            raise InvalidCursorError
        for column, value in zip(columns, key, strict=True):
            _check(column, value)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidCursorError from error
    return tuple(key)


def _check(column: str, value: object) -> None:
    """Raise InvalidCursorError or ValueError for what the database would not take."""
    if type(value) is not _READ[column]:
        raise InvalidCursorError
    if isinstance(value, int) and not 0 <= value < 2**63:
        raise InvalidCursorError
    if column == "created_at":
        datetime.fromisoformat(str(value))
    elif isinstance(value, str):
        value.encode()  # half a character is none
        if "\0" in value:
            raise InvalidCursorError
