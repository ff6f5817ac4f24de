"""Writing very many rows: COPY on PostgreSQL, one prepared statement on SQLite. The ORM takes three times as long."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection


def reserve(table: str, count: int) -> Sequence[int]:
    """Return so many ids that nobody else will use. On SQLite only inside a transaction, where nobody else writes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
            [last] = cursor.fetchone()
            return range(last + 1, last + 1 + count)
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [pk for (pk,) in cursor.fetchall()]


def known(table: str, column: str, values: Sequence[str]) -> set[str]:
    """Return those of the values that the column has, in one SQL statement that is the same for any number of them."""
    sqlite = connection.vendor == "sqlite"
    some = "IN (SELECT value FROM json_each(%s))" if sqlite else "= ANY (%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM {table} WHERE {column} {some}",
            [json.dumps(values) if sqlite else list(values)],
        )
        return {value for (value,) in cursor.fetchall()}


def write(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, whose values are as the database takes them."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
