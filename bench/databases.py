"""The databases that are measured on: made once for each kind and number of products, and kept."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from bench.customer import WEBHOOK_SECRET

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench"
LOG = FOLDER / "bench.log"
PLENTY = 1_000_000_000
# A cart of many: so many editions are never sold out.
VARIANTS = 20


@dataclass(frozen=True)
class Database:
    """One database of the shop, and the bare project's beside it, of the same kind."""

    kind: str
    products: int
    shop: str
    bare: str

    @property
    def is_apart(self) -> bool:
        """Tell whether its work is done by another process than the shop's."""
        return self.kind != "SQLite"

    @property
    def environment(self) -> dict[str, str]:
        """Return what the shop and the bare project are told: production settings, and no limits by address."""
        return {
            **os.environ,
            "DATABASE_URL": self.shop,
            "LIMIT_DATABASE_URL": self.bare,
            "DEBUG": "off",
            "RATE_LIMITS": "off",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECRET_KEY": "measured on this machine only, never behind a public address",
            "STRIPE_SECRET_KEY": "sk_test_bench",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "EMAIL_URL": "dummymail://",
            # A known visitor adds the same product all the time.
            "MAX_LINE_QUANTITY": str(PLENTY),
            "MALLOC_ARENA_MAX": "1",  # as `make serve` does
            "PYTEST_VERSION": "not pytest, but no .env either",
        }

    def prepare(self) -> list[int]:
        """Make what is not there yet, and return the variants of VARIANTS products that never sell out."""
        self._manage("migrate", "--verbosity", "0")
        self._manage("migrate", "--run-syncdb", "--verbosity", "0", settings="bench.limit.settings")
        self._manage("load_demo", "--products", str(self.products))
        if _static_files_changed():
            self._manage("collectstatic", "--no-input", "--verbosity", "0")
        self._manage("shell", "--verbosity", "0", "--command", _ROWS, settings="bench.limit.settings")
        return [int(pk) for pk in self._manage("shell", "--verbosity", "0", "--command", _VARIANTS).split()]

    def version(self) -> str:
        """Return the name and version of what runs it."""
        return self._manage("shell", "--verbosity", "0", "--command", _VERSION).strip()

    def _manage(self, *arguments: str, settings: str = "config.settings") -> str:
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": settings, "LIMIT": "list"}
        command = [sys.executable, "-m", "django", *arguments]
        ran = subprocess.run(
            command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return ran.stdout


def log() -> IO[bytes]:
    """Return where the programs that are measured write what they have to say."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return LOG.open("ab")


def sqlite(products: int) -> Database:
    """Return the files in var/bench."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shop, bare = (f"sqlite:///{FOLDER / name}.sqlite3" for name in (str(products), "bare"))
    return Database("SQLite", products, shop, bare)


def postgresql(products: int, url: str) -> Database:
    """Return databases beside the one that a URL names, whose names begin as its name does."""
    parts = urlsplit(url)
    names = [f"{parts.path[1:]}_{end}" for end in (products, "bare")]
    for name in names:
        _create(name, parts._replace(path="/postgres").geturl())
    shop, bare = (parts._replace(path=f"/{name}").geturl() for name in names)
    return Database("PostgreSQL", products, shop, bare)


def _create(name: str, url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def _static_files_changed() -> bool:
    manifest = ROOT / "var" / "static" / "staticfiles.json"
    files = (ROOT / "static").rglob("*")
    return not manifest.exists() or any(file.stat().st_mtime > manifest.stat().st_mtime for file in files)


_VARIANTS = f"""
import io
from django.core.management import call_command
from shop.models import Cart, Variant
Cart.objects.filter(user=None).delete()
by_product = {{}}
for variant in Variant.objects.filter(is_digital=False, product__is_published=True).order_by("pk")[:{10 * VARIANTS}]:
    by_product.setdefault(variant.product_id, variant)
for variant in list(by_product.values())[:{VARIANTS}]:
    if variant.stock < {PLENTY // 2}:
        call_command("set_stock", variant.sku, {PLENTY}, reason="Benchmark", stdout=io.StringIO())
    print(variant.pk)
"""
_ROWS = """
from bench.limit.models import Row
if not Row.objects.exists():
    Row.objects.bulk_create(Row(title=f"Row {n:04}", author=f"Author {n % 90}", price=n) for n in range(1000))
"""
_VERSION = """
import sqlite3
from django.db import connection
if connection.vendor == "sqlite":
    print("SQLite", sqlite3.sqlite_version)
else:
    connection.ensure_connection()
    print("PostgreSQL", ".".join(map(str, divmod(connection.pg_version, 10_000))))
"""
