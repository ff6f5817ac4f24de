"""Backups: a folder with the database as of one moment, the files that its rows name, and a manifest of them all.

The manifest is written last, so a backup that was cut short has none. Customers go on buying meanwhile: both databases read
one snapshot and keep nobody waiting. Files are copied after the database, so every file that a row names is among them.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts.models import User
from checkout.models import Order
from shop.models import Product
from shop.page_cache import release

MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files"


class BackupError(Exception):
    """What was asked cannot be done, in words. Nothing was changed, unless they say so."""


def make(folder: Path, *, now: datetime) -> None:
    """Write a backup into a new or empty folder. Raises BackupError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is there already. A backup wants a folder of its own.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds what customers told us
    _dump(folder / DATABASE)
    for name, place in _storages():
        _copy_files(place, folder / FILES / name, until=now)
    facts = {
        "made_at": now.isoformat(),
        "release": release.digest(),
        "database": connection.vendor,
        "migrations": sorted(".".join(one) for one in MigrationLoader(connection).applied_migrations),
        "files": {str(file.relative_to(folder)): _digest(file) for file in _files_in(folder)},
    }
    (folder / MANIFEST).write_text(json.dumps(facts, indent=2) + "\n")


def check(folder: Path) -> dict[str, Any]:
    """Return the manifest of a backup that is whole, and that this release can read. Raises BackupError."""
    try:
        facts: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError as error:
        raise BackupError(f"{folder} has no {MANIFEST}: it is no backup, or was cut short.") from error
    except ValueError as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read.") from error
    for name, digest in facts["files"].items():
        if not (folder / name).is_file():
            raise BackupError(f"{name} is missing.")
        if _digest(folder / name) != digest:
            raise BackupError(f"{name} is not what was backed up.")
    if facts["database"] != connection.vendor:
        raise BackupError(f"It is of {facts['database']}, and DATABASE_URL names {connection.vendor}.")
    unknown = set(facts["migrations"]) - _known_migrations()
    if unknown:
        raise BackupError(f"It was made by another release, whose {min(unknown)} this one does not have.")
    return facts


def restore(folder: Path, *, replace: bool) -> None:
    """Put a backup in the place of an empty database, or of any where `replace` says so, and of its files.

    Raises BackupError. Programs of the shop must not run meanwhile; afterwards the database wants `migrate`.
    """
    facts = check(folder)
    if not replace and _has_rows():
        raise BackupError("The database is not empty. --replace puts the backup in its place.")
    for name, place in _storages():
        source = folder / FILES / name
        for file in (folder / one for one in facts["files"]):
            if file.is_relative_to(source):
                _copy(file, place / file.relative_to(source))
    _load(folder / DATABASE)


def _has_rows() -> bool:
    tables = connection.introspection.table_names()
    return any(
        model._meta.db_table in tables and model._default_manager.exists()  # noqa: SLF001 - documented
        for model in (User, Product, Order)
    )


def _known_migrations() -> set[str]:
    known = MigrationLoader(connection).disk_migrations
    replaced = {one for migration in known.values() for one in migration.replaces}
    return {".".join(one) for one in known.keys() | replaced}


# Databases.


def _dump(file: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)  # all pages in one step: one snapshot
            broken = [line for (line,) in copy.execute("PRAGMA integrity_check") if line != "ok"]
        if broken:
            raise BackupError(f"The database is broken: {broken[0]}")
        return
    _run_postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def _load(file: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            copy.backup(connection.connection)
        connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # its connections have plans for tables that are gone
    _run_postgresql(
        "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-comments", str(file)
    )


def _run_postgresql(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on our database, which it is told as `psql` would be."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is missing. It comes with PostgreSQL's client.")
    (_psql, *where, name), environment = connection.client.settings_to_cmd_args_env(
        connection.settings_dict, []
    )
    done = subprocess.run(  # noqa: S603 - a program of the database, and what the settings say of it
        [path, *where, f"--dbname={name}", *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")


# Files.


def _storages() -> Iterator[tuple[str, Path]]:
    """Yield the storages of files that lie on this machine, and where. What lies elsewhere is kept there."""
    for name in settings.STORAGES:
        place = getattr(storages[name], "location", None)
        if name != "staticfiles" and place:
            yield name, Path(place)


def _copy_files(source: Path, target: Path, *, until: datetime) -> None:
    """Copy files that were there when the backup began: no row names a later one, and it may be half written."""
    for file in _files_in(source) if source.exists() else ():
        if file.stat().st_mtime <= until.timestamp():
            _copy(file, target / file.relative_to(source))


def _copy(file: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, copy)


def _files_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
