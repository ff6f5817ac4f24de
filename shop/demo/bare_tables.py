"""Tables that take a great many rows: without indexes, foreign keys and triggers meanwhile, and with all of them afterwards.

Kept up row by row, indexes of a million books take a quarter of an hour; made anew over all of them, a minute. Nothing
here knows an index by its name: what the database says of itself is taken down and put back.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from shop.catalogue import search
from shop.page_cache import triggers

TABLES = ("shop_product", "shop_variant", "shop_productimage", "shop_stockmovement")
# Notes the words of a batch, of which few are new.
KEPT = "shop_words_came"

Tell = Callable[[str], None]


@contextmanager
def bare_tables(tell: Tell) -> Iterator[None]:
    """Take indexes, foreign keys and triggers off within the transaction that the caller has begun, and put them back.

    Who fails or is killed has changed nothing. Nobody else can write to the tables meanwhile (PostgreSQL: nor read).
    `tell` is given a line for each thing that takes long.
    """
    clear = _clear_on_postgresql if connection.vendor == "postgresql" else _clear_on_sqlite
    afterwards = clear()
    yield
    with connection.cursor() as cursor:
        for number, (name, statement) in enumerate(afterwards, 1):
            tell(f"{number} of {len(afterwards)}: {name}")
            cursor.execute(statement)
    triggers.begin_version()


def _clear_on_sqlite() -> Sequence[tuple[str, str]]:
    """Return what puts back what was taken off: name, SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN (%s, %s, %s, %s) "
            "AND type IN ('index', 'trigger') AND sql IS NOT NULL AND name <> %s ORDER BY type, name",
            [*TABLES, KEPT],
        )
        found = cursor.fetchall()
        for kind, name, _sql in found:
            cursor.execute(f"DROP {kind} {name}")
    indexes, others = (
        [(name, sql) for kind, name, sql in found if (kind == "index") == wanted] for wanted in (True, False)
    )
    return [*indexes, *search.rebuilding(), *others]


def _clear_on_postgresql() -> Sequence[tuple[str, str]]:
    """Return what puts back what was taken off: name, SQL."""
    tables = list(TABLES)
    afterwards: list[tuple[str, str]] = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(
            "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])",
            [tables],
        )
        for table, name, definition in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            afterwards.append((name, f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
        cursor.execute(
            "SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index i WHERE indrelid = ANY (%s::regclass[]) "
            "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            [tables],
        )
        # Before the foreign keys, which are checked with them.
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(
            "SELECT tgrelid::regclass, tgname FROM pg_trigger "
            "WHERE tgrelid = ANY (%s::regclass[]) AND NOT tgisinternal AND tgname <> %s",
            [tables, KEPT],
        )
        found = cursor.fetchall()
        for table, name in found:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    on = [(name, f"ALTER TABLE {table} ENABLE TRIGGER {name}") for table, name in found]
    return [*indexes, *afterwards, *on]
