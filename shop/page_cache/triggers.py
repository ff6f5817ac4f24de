"""The catalogue's version, changed by the database itself: whoever writes, and however, no page stays stale.

A trigger stands on every table that public pages show. It writes a new token into the one row of CatalogueVersion,
within the writer's own transaction: who reads the new token reads the new data too. Tokens are random, so that one
never comes back, not even after a restored backup.

`migrate` takes the triggers away before it changes the shop's tables and puts them in place afterwards. No migration
could: SQLite drops them whenever Django rebuilds a table, and neither database drops a column that they look at.
The triggers that migrations made (for listings and for search) it drops as well, so those are put back too: a later
migration that wants one of them gone must bring another of its name.
"""

from hashlib import sha256
from itertools import product
from typing import Any
from uuid import uuid4

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

from shop.models import FEW, CatalogueVersion

# Columns that no public page shows; every other one counts, those of later migrations too.
WATCHED: dict[str, frozenset[str]] = {
    "shop_category": frozenset(),
    "shop_product": frozenset(),
    "shop_variant": frozenset(),
    "shop_productimage": frozenset(),
}
# Of a stock, pages tell no more than this, so that an ordinary sale changes nothing. An e-book is there or not.
_SHOWN_STOCK = f"{{least}}({{row}}.stock, CASE WHEN {{row}}.is_digital THEN 1 ELSE {FEW + 1} END)"


def before_migrate(sender: AppConfig, using: str, plan: list[tuple[Migration, bool]], **_kwargs: Any) -> None:
    """Take the triggers away where tables of the shop will change."""
    _made_by_migrations[using] = {}
    if any(migration.app_label == sender.label for migration, _backwards in plan):
        connection = connections[using]
        if connection.vendor == "sqlite" and not any(backwards for _migration, backwards in plan):
            _made_by_migrations[using] = _triggers_on_sqlite(connection)
        tables = set(connection.introspection.table_names()) & WATCHED.keys()
        with connection.cursor() as cursor:
            for table, event in product(tables, _EVENTS[connection.vendor]):
                cursor.execute(_drop(connection, table, event))


def after_migrate(sender: AppConfig, using: str, **_kwargs: Any) -> None:  # noqa: ARG001 - the signal's arguments
    """Put the triggers in place where they are missing or of another time, and then begin a new version."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if not tables.issuperset({"shop_catalogueversion", *WATCHED}):
        return  # migrated back to before there were any
    _put_back(connection, _made_by_migrations.pop(using, {}))
    install = _install_on_postgresql if connection.vendor == "postgresql" else _install_on_sqlite
    if install(connection) or not CatalogueVersion.objects.using(using).exists():
        begin_version(using)


def begin_version(using: str = DEFAULT_DB_ALIAS) -> None:
    """Begin a new version by hand, where the triggers did not see what was written."""
    CatalogueVersion.objects.using(using).update_or_create(pk=1, defaults={"token": uuid4().hex})


# By database, what stood on the shop's tables when `migrate` began: name → SQL.
_made_by_migrations: dict[str, dict[str, str]] = {}


def _triggers_on_sqlite(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'shop_%' AND tbl_name LIKE 'shop_%'"
        )
        return dict(cursor.fetchall())


def _put_back(connection: BaseDatabaseWrapper, before: dict[str, str]) -> None:
    if not before:
        return
    with connection.cursor() as cursor:
        for name in before.keys() - _triggers_on_sqlite(connection).keys():
            cursor.execute(before[name])


_EVENTS = {"sqlite": ("insert", "update", "delete"), "postgresql": ("rows", "update", "truncate")}


def _drop(connection: BaseDatabaseWrapper, table: str, event: str) -> str:
    where = f" ON {table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS version_{table}_{event}{where}"


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


def _install_on_sqlite(connection: BaseDatabaseWrapper) -> bool:
    """Return whether there was something to do. The row is written at once: only one can write to SQLite anyway."""
    write = "BEGIN UPDATE shop_catalogueversion SET token = lower(hex(randomblob(16))); END"
    wanted = {}
    for table, event in product(WATCHED, _EVENTS["sqlite"]):
        when = f"WHEN {_differs(connection, table, 'IS NOT', 'min')} " if event == "update" else ""
        create = f"CREATE TRIGGER version_{table}_{event} AFTER {event} ON {table} {when}{write}"
        wanted[table, event] = create
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'version_%'")
        if {sql for (sql,) in cursor.fetchall()} == set(wanted.values()):
            return False
        for (table, event), create in wanted.items():
            cursor.execute(_drop(connection, table, event))
            cursor.execute(create)
    return True


# Constraint triggers wait until the commit. So the row that all writers share is locked last and for a moment only:
# two orders could otherwise each hold what the other needs. Once in a transaction is enough.
_FUNCTION = """
CREATE OR REPLACE FUNCTION shop_new_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('folio.new_version', true) IS DISTINCT FROM 'written' THEN
    INSERT INTO shop_catalogueversion (id, token) VALUES (1, gen_random_uuid())
      ON CONFLICT (id) DO UPDATE SET token = excluded.token;
    PERFORM set_config('folio.new_version', 'written', true);
  END IF;
  RETURN NULL;
END $$"""


def _install_on_postgresql(connection: BaseDatabaseWrapper) -> bool:
    """Return whether there was something to do."""
    late, run = "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", "EXECUTE FUNCTION shop_new_version()"
    wanted: dict[tuple[str, str], str] = {}
    for table in WATCHED:
        name, differs = f"version_{table}", _differs(connection, table, "IS DISTINCT FROM", "least")
        wanted |= {
            (table, "rows"): f"CONSTRAINT TRIGGER {name}_rows AFTER INSERT OR DELETE ON {table} {late} {run}",
            (
                table,
                "update",
            ): f"CONSTRAINT TRIGGER {name}_update AFTER UPDATE ON {table} {late} WHEN ({differs}) {run}",
            (table, "truncate"): f"TRIGGER {name}_truncate AFTER TRUNCATE ON {table} {run}",
        }
    digest = sha256(f"{_FUNCTION}{wanted}".encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(obj_description(tgfoid, 'pg_proc')) FROM pg_trigger WHERE tgname LIKE 'version_%'"
        )
        if cursor.fetchone() == (len(wanted), digest):
            return False
        cursor.execute(_FUNCTION)
        for (table, event), create in wanted.items():
            cursor.execute(_drop(connection, table, event))
            cursor.execute(f"CREATE {create}")
        cursor.execute(f"COMMENT ON FUNCTION shop_new_version() IS '{digest}'")
    return True
