"""The catalogue's version: a token that changes whenever public pages would show something else.

The database itself changes it: triggers stand on every table that pages show, so whoever writes, and however, no page
stays stale. A trigger writes a new token into the one row of CatalogueVersion, within the writer's own transaction: who
reads the new token reads the new data too. Tokens are random, so that one never comes back, not even after a restored
backup. Where there is no row, nothing may be kept.

These triggers are all that the database does by itself. They are declared here, and step aside for migrations: SQLite
drops them whenever Django rebuilds a table, and neither database drops a column that they look at. `migrate` takes them
away before it changes the shop's tables and puts them back afterwards, also where it failed in between
(management/commands/migrate.py); while they are away there is no version.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

from shop.models import FEW

# The tables that pages show, each with the columns that they do not show. A column that comes later counts.
WATCHED: Mapping[str, frozenset[str]] = {
    "shop_category": frozenset(),
    "shop_product": frozenset(),
    "shop_variant": frozenset({"file"}),
    "shop_productimage": frozenset(),
    "shop_textpage": frozenset(),
}
# Of a stock, pages tell no more than this, so that an ordinary sale changes nothing. What is digital is there or not.
_SHOWN_STOCK = f"{{least}}({{row}}.stock, CASE WHEN {{row}}.is_digital THEN 1 ELSE {FEW + 1} END)"
# PostgreSQL tells those who listen on this channel each new token; an empty one where there is none any more.
CHANNEL = "catalogue_version"


class Trigger(NamedTuple):
    """A trigger: its name, its table, and the SQL that makes it."""

    name: str
    table: str
    create: str


def current() -> str | None:
    """Return the version, in one small SQL statement.

    None where nothing may be kept: while the triggers are away, and, on PostgreSQL, inside a transaction that has
    written, which sees what nobody else does and gets its token only at the commit.
    """
    sql = "SELECT token FROM shop_catalogueversion"
    if connection.vendor == "postgresql":
        sql += " WHERE pg_current_xact_id_if_assigned() IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row[0] if row else None


def begin(using: str = DEFAULT_DB_ALIAS) -> None:
    """Begin a new version by hand, where the triggers did not see what was written."""
    with transaction.atomic(using):
        _set(connections[using], uuid4().hex)


def _set(connection: BaseDatabaseWrapper, token: str) -> None:
    with connection.cursor() as cursor:
        if token:
            cursor.execute(
                "INSERT INTO shop_catalogueversion (id, token) VALUES (1, %s)"
                " ON CONFLICT (id) DO UPDATE SET token = excluded.token",
                [token],
            )
        else:
            cursor.execute("DELETE FROM shop_catalogueversion")
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, token])


def before_migrate(sender: AppConfig, using: str, plan: list[tuple[Migration, bool]], **_kwargs: Any) -> None:
    """Take the triggers away where tables of the shop will change. Django calls it (apps.py)."""
    if any(migration.app_label == sender.label for migration, _backwards in plan):
        take_away(using)


def take_away(using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the triggers away; from now on there is no version, and nothing is kept."""
    connection = connections[using]
    with transaction.atomic(using):
        if _tables(connection):
            _set(connection, "")
        with connection.cursor() as cursor:
            for trigger in _present(connection):
                cursor.execute(_drop(connection, trigger))


def after_migrate(sender: AppConfig, using: str, **_kwargs: Any) -> None:  # noqa: ARG001 - the signal's arguments
    """Put the triggers back after `migrate`, and after `flush`, which empties every table. Django calls it (apps.py)."""
    put_back(using)


def put_back(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put in place the triggers that are missing or not as declared, and then begin a new version."""
    connection = connections[using]
    if missing(using) is None:
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        for trigger in _present(connection):
            cursor.execute(_drop(connection, trigger))
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for trigger in _declared(connection):
            cursor.execute(trigger.create)
        if connection.vendor == "postgresql":
            cursor.execute(f"COMMENT ON FUNCTION shop_new_version() IS '{_digest(connection)}'")
        _set(connection, uuid4().hex)


def missing(using: str = DEFAULT_DB_ALIAS) -> str | None:
    """Return why nothing is kept, None where all is as declared or nothing is migrated yet. Raises DatabaseError."""
    connection = connections[using]
    if not _tables(connection):
        return None
    there = {trigger.name for trigger in _present(connection)}
    away = [trigger.name for trigger in _declared(connection) if trigger.name not in there]
    if away:
        return f"triggers are missing: {', '.join(away)}"
    if not _are_as_declared(connection):
        return "triggers are of another release"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shop_catalogueversion")
        return None if cursor.fetchone()[0] else "there is no version"


def _tables(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether all tables are there: they are not, where the database was migrated back to before there were any."""
    return {"shop_catalogueversion", *WATCHED}.issubset(connection.introspection.table_names())


_EVENTS = {"sqlite": ("insert", "update", "delete"), "postgresql": ("rows", "update", "truncate")}


def _declared(connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """Yield the triggers as they should be, for the columns that the tables have now."""
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    for table in WATCHED:
        for event in _EVENTS[connection.vendor]:
            name = f"version_{table}_{event}"
            yield Trigger(name, table, f"CREATE {make(connection, name, table, event)}")


def _on_sqlite(connection: BaseDatabaseWrapper, name: str, table: str, event: str) -> str:
    """Return the SQL of a trigger. The row is written at once: only one can write to SQLite anyway."""
    when = f"WHEN {_differs(connection, table, 'IS NOT', 'min')} " if event == "update" else ""
    write = "BEGIN UPDATE shop_catalogueversion SET token = lower(hex(randomblob(16))); END"
    return f"TRIGGER {name} AFTER {event} ON {table} {when}{write}"


# Constraint triggers wait until the commit. So the row that all writers share is locked last and for a moment only:
# two orders could otherwise each hold what the other needs. Once in a transaction is enough.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION shop_new_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE new_token text := gen_random_uuid();
BEGIN
  IF current_setting('folio.new_version', true) IS DISTINCT FROM 'written' THEN
    UPDATE shop_catalogueversion SET token = new_token;
    PERFORM pg_notify('{CHANNEL}', new_token);
    PERFORM set_config('folio.new_version', 'written', true);
  END IF;
  RETURN NULL;
END $$"""  # noqa: S608 - put together from our own pieces


def _on_postgresql(connection: BaseDatabaseWrapper, name: str, table: str, event: str) -> str:
    late, run = "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", "EXECUTE FUNCTION shop_new_version()"
    if event == "truncate":
        return f"TRIGGER {name} AFTER TRUNCATE ON {table} {run}"
    if event == "rows":
        return f"CONSTRAINT TRIGGER {name} AFTER INSERT OR DELETE ON {table} {late} {run}"
    differs = _differs(connection, table, "IS DISTINCT FROM", "least")
    return f"CONSTRAINT TRIGGER {name} AFTER UPDATE ON {table} {late} WHEN ({differs}) {run}"


def _differs(connection: BaseDatabaseWrapper, table: str, distinct: str, least: str) -> str:
    """Return the SQL that tells whether an update changes what pages show."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    pairs = []
    for column in sorted(column.name for column in found if column.name not in WATCHED[table]):
        shown = _SHOWN_STOCK if (table, column) == ("shop_variant", "stock") else f'{{row}}."{column}"'
        old, new = (shown.format(row=row, least=least) for row in ("OLD", "NEW"))
        pairs.append(f"{old} {distinct} {new}")
    return " OR ".join(pairs)


def _drop(connection: BaseDatabaseWrapper, trigger: Trigger) -> str:
    where = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER {trigger.name}{where}"


_FIND = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'version\\_%' ESCAPE '\\'",
    "postgresql": (
        "SELECT tgname, tgrelid::regclass::text, '' FROM pg_trigger "
        "WHERE tgname LIKE 'version\\_%' AND NOT tgisinternal AND tgrelid IN ({tables})"
    ),
}


def _present(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Return our triggers that are there, whatever version of us made them."""
    tables = ", ".join(f"to_regclass('{table}')" for table in WATCHED)
    with connection.cursor() as cursor:
        cursor.execute(_FIND[connection.vendor].replace("{tables}", tables))
        return [Trigger(*row) for row in cursor.fetchall()]


def _are_as_declared(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the triggers are those that this code would make."""
    if connection.vendor == "sqlite":
        return set(_present(connection)) == set(_declared(connection))
    # PostgreSQL writes a trigger's SQL in its own words, so what ours was stands beside its function.
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regproc('shop_new_version'), 'pg_proc')")
        return bool(cursor.fetchone()[0] == _digest(connection))


def _digest(connection: BaseDatabaseWrapper) -> str:
    return sha256(repr((_FUNCTION, list(_declared(connection)))).encode()).hexdigest()
