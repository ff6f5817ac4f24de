"""Cursors of the API's listings: the last product seen, in which order."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _

from shop.catalogue import listing_sql
from shop.catalogue.filters import Sort
from shop.catalogue.listing_sql import Conditions
from shop.errors import ShopError

_TYPES = {"title": str, "created_at": str, "sold": int, "price_from": int, "id": int, "place": int}


class InvalidCursorError(ShopError):
    """A cursor that we did not make, or for another order of products."""

    code = "invalid_cursor"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__(_("This cursor does not belong to this list. Begin again without one."))


def of_listing(
    made: Conditions, sort: Sort, cursor: str, *, few: bool, size: int
) -> tuple[list[int], str | None]:
    """Return ids of the products after a cursor (empty: from the first), and the cursor of what follows them, if anything.

    Whether the conditions let `few` through, the caller has counted. Raises InvalidCursorError.
    """
    key = _read(cursor, sort, listing_sql.sort_columns(sort)) if cursor else None
    keys = listing_sql.after(made, sort, key, few=few, size=size + 1)
    following = write_cursor(sort, keys[size - 1]) if len(keys) > size else None
    return [key[-1] for key in keys[:size]], following


def of_search(ids: Sequence[int], sort: Sort, cursor: str, *, size: int) -> tuple[list[int], str | None]:
    """Return those of a search's ids that follow a cursor, and the cursor of what follows them. As `of_listing`.

    The place counts where the product at the cursor is not among them any more.
    """
    start = 0
    if cursor:
        place, pk = _read(cursor, sort, ("place", "id"))
        start = ids.index(pk) + 1 if pk in ids else place
    some = list(ids[start : start + size])
    end = start + len(some)
    return some, write_cursor(sort, (end, some[-1])) if some and end < len(ids) else None


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
    if type(value) is not _TYPES[column]:
        raise InvalidCursorError
    if isinstance(value, int) and not 0 <= value < 2**63:
        raise InvalidCursorError
    if column == "created_at":
        datetime.fromisoformat(str(value))
    elif isinstance(value, str):
        value.encode()  # half a character is none
        if "\0" in value:
            raise InvalidCursorError
