"""F26: a backup that is made while customers buy, and what becomes of it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from checkout.management import backups
from shop import stock
from shop.media import private
from shop.models import Product, StockMovement, Variant
from tests.factories import EARLY, VariantFactory
from tests.processes import ROOT, database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def walden() -> Variant:
    return VariantFactory(product__title="Walden", stock=100_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


class Sales:
    """Somebody who buys again and again, in a thread. `done` are the references of what is committed."""

    def __init__(self, variant: Variant) -> None:
        self.variant, self.done, self._end, self._news = variant, list[str](), Event(), Event()
        self.thread = Thread(target=self._sell)

    def _sell(self) -> None:
        try:
            while not self._end.is_set():
                reference = f"S{len(self.done)}"
                stock.take({self.variant.pk: 1}, reference=reference, now=EARLY)
                self.done.append(reference)
                self._news.set()
        finally:
            connections.close_all()

    def wait_for(self, number: int) -> None:
        while len(self.done) < number:
            assert self.thread.is_alive()
            self._news.clear()
            self._news.wait(1)

    def __enter__(self) -> Self:
        self.thread.start()
        self.wait_for(5)
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self.thread.join()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Return the address of another database, which is empty."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/elsewhere.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield f"{database_url().rpartition('/')[0]}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restored(folder: Path, url: str, script: str) -> tuple[str, Any]:
    """Restore into a database of its own; return what the command said, and what a script prints there as JSON."""
    environment = {**os.environ, "DATABASE_URL": url, "DEBUG": "on", "EMAIL_URL": "memorymail://"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run("restore", str(folder)), json.loads(run("shell", "--no-imports", "-c", script))


def test_f26_a_backup_while_customers_buy_holds_all_that_was_sold_before_it(
    walden: Variant, folder: Path, elsewhere: str
) -> None:
    name = default_storage.save("covers/walden.svg", ContentFile(b"<svg/>"))
    with Sales(walden) as sales:
        before = len(sales.done)
        call_command("backup", folder)
        sales.wait_for(len(sales.done) + 2)  # nobody was kept from buying

    facts = backups.check(folder)
    assert (folder / "files" / "default" / name).read_bytes() == b"<svg/>"
    assert {"made_at", "release", "migrations", "database", "files"} <= facts.keys()
    assert folder.stat().st_mode & 0o077 == 0
    said, found = restored(
        folder,
        elsewhere,
        "import json; from shop.models import StockMovement as M, Variant as V;"
        "print(json.dumps([list(M.objects.filter(reason='order').order_by('pk').values_list('reference', flat=True)),"
        "V.objects.get().stock]))",
    )
    sold, left = found
    assert "The ledger holds." in said
    assert sold == sales.done[: len(sold)]
    assert len(sold) >= before
    assert left == walden.stock - len(sold)


@pytest.mark.only_on("sqlite")
def test_f26_a_plain_copy_of_the_file_loses_orders(walden: Variant, tmp_path: Path) -> None:
    """The negative control: what is committed lies beside the file until SQLite brings it in."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stock.take({walden.pk: 1}, reference="FQ7K-3MWD", now=EARLY)

    shutil.copy(connection.settings_dict["NAME"], tmp_path / "copy.sqlite3")
    call_command("backup", tmp_path / "backup")

    def sold(file: Path) -> int:
        copy = sqlite3.connect(file)
        [number] = copy.execute(
            "SELECT count(*) FROM shop_stockmovement WHERE reference = 'FQ7K-3MWD'"
        ).fetchone()
        copy.close()
        return int(number)

    assert (sold(tmp_path / "copy.sqlite3"), sold(tmp_path / "backup" / "database")) == (0, 1)


def spoil(folder: Path, what: str) -> None:
    manifest = folder / "manifest.json"
    facts = json.loads(manifest.read_text())
    match what:
        case "cut short":
            manifest.unlink()
        case "half written":
            manifest.write_text(manifest.read_text()[:40])
        case "without a file":
            (folder / "files/default/covers/walden.svg").unlink()
        case "changed":
            database = folder / "database"
            content = bytearray(database.read_bytes())
            content[len(content) // 2] ^= 1
            database.write_bytes(content)
        case "of another database":
            manifest.write_text(json.dumps(facts | {"database": "oracle"}))
        case "of a later release":
            manifest.write_text(json.dumps(facts | {"migrations": [*facts["migrations"], "shop.9999_later"]}))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("cut short", "has no manifest.json"),
        ("half written", "cannot be read"),
        ("without a file", "covers/walden.svg is missing"),
        ("changed", "database is not what was backed up"),
        ("of another database", "It is of oracle"),
        ("of a later release", "shop.9999_later"),
    ],
)
def test_f26_a_backup_that_is_not_whole_is_refused_and_nothing_is_touched(
    walden: Variant, folder: Path, what: str, said: str
) -> None:
    default_storage.save("covers/walden.svg", ContentFile(b"<svg/>"))
    call_command("backup", folder)
    spoil(folder, what)

    with pytest.raises(CommandError, match=said):
        call_command("restore", folder, replace=True)
    assert Variant.objects.get().stock == walden.stock


def test_f26_a_database_with_rows_is_not_replaced_unless_told(walden: Variant, folder: Path) -> None:
    sold = private.storage().save("ebooks/walden.pdf", ContentFile(b"%PDF-"))
    call_command("backup", folder)
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", folder)

    Product.objects.update(title="Written later")
    StockMovement.objects.all().delete()
    default_storage.save("covers/later.svg", ContentFile(b"<svg/>"))
    ebook = private.storage().path(sold)
    Path(ebook).unlink()
    call_command("restore", folder, replace=True)

    assert Path(ebook).read_bytes() == b"%PDF-"
    assert Product.objects.get().title == "Walden"
    assert StockMovement.objects.get().delta == walden.stock


def test_f26_a_backup_takes_nobody_elses_folder(walden: Variant, folder: Path) -> None:
    call_command("backup", folder)
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", folder)


def test_f26_a_file_that_is_being_written_is_left_out(walden: Variant, folder: Path) -> None:
    """No row names it yet, and half a picture under its name would stay for ever."""
    now = timezone.now()
    name = default_storage.save("covers/half.svg", ContentFile(b"<svg"))
    os.utime(default_storage.path(name), (now.timestamp() + 1,) * 2)

    backups.make(folder, now=now)

    assert not (folder / "files").exists()
