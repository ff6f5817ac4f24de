"""Lists, newest first, a page at a time."""

from typing import Any

from stripe_standin import errors
from stripe_standin.call import Call
from stripe_standin.store import Body

_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def limit(params: dict[str, Any]) -> int:
    """Return the page size asked for, 10 by default. Raises `Refusal` 400 unless it is 1 to 100."""
    size = params.get("limit", 10)
    if not 1 <= size <= 100:
        bound = "greater than or equal to 1" if size < 1 else "less than or equal to 100"
        raise errors.invalid(f"This value must be {bound}.", "limit", "parameter_invalid_integer")
    return int(size)


def conditions(params: dict[str, Any], columns: tuple[str, ...]) -> tuple[list[str], list[Any]]:
    """Return SQL conditions and values for the filters of a list request."""
    where, values = [], []
    for column in columns:
        if params.get(column) is not None:
            where.append(f"{column} = ?")
            values.append(params[column])
    created = params.get("created")
    if isinstance(created, int):
        created = {"gte": created, "lte": created}
    for word, value in (created or {}).items():
        where.append(f"created {_COMPARE[word]} ?")
        values.append(value)
    return where, values


def page(
    call: Call,
    kind: str,
    url: str,
    columns: tuple[str, ...] = (),
    extra: tuple[str, tuple[Any, ...]] | None = None,
) -> Body:
    """Return one page of a list.

    `columns` are the parameters that filter by equality, `extra` one more condition with its values.
    Raises `Refusal` 400 for both cursors at once, 404 for a cursor nobody knows.
    """
    params, size = call.params, limit(call.params)
    where, values = conditions(params, columns)
    if extra:
        where.append(extra[0])
        values.extend(extra[1])
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        message = "You may only specify one of these parameters: ending_before, starting_after."
        raise errors.invalid(message, "starting_after")
    for cursor, name, sign in ((after, "starting_after", "<"), (before, "ending_before", ">")):
        if cursor:
            position = call.store.position(cursor, kind)
            if position is None:
                raise errors.no_such(kind, cursor, name)
            where.append(f"seq {sign} ?")
            values.append(position)
    tail = f"ORDER BY seq {'ASC' if before else 'DESC'} LIMIT {size + 1}"
    rows = call.store.rows(kind, " AND ".join(where), tuple(values), tail)
    data = rows[:size][::-1] if before else rows[:size]
    return {"object": "list", "data": data, "has_more": len(rows) > size, "url": url}
