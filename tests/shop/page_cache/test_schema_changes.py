"""The schema is everybody's to change: ordinary migrations of any field run, and pages are right afterwards."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.processes import ROOT, database_url

KINDS = ("fresh", "existing")


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Databases of their own, that other tests do not meet."""
    if connection.vendor == "sqlite":
        yield {kind: f"sqlite:///{tmp_path / kind}.sqlite3" for kind in KINDS}
        return
    own, name = database_url(), connection.settings_dict["NAME"]
    names = {kind: f"{name}_{kind}" for kind in KINDS}
    with connection.cursor() as cursor:
        for other in names.values():
            cursor.execute(f"CREATE DATABASE {other}")
    yield {kind: own.removesuffix(name) + other for kind, other in names.items()}
    with connection.cursor() as cursor:
        for other in names.values():
            cursor.execute(f"DROP DATABASE {other} WITH (FORCE)")


@pytest.mark.django_db(transaction=True)
def test_any_field_can_be_added_altered_renamed_and_removed_and_a_failed_migration_leaves_no_stale_price(
    databases: dict[str, str], tmp_path: Path
) -> None:
    runs, wrong = {}, []
    for kind, address in databases.items():
        folder = tmp_path / f"migrations of {kind}"
        folder.mkdir()
        runs[kind] = subprocess.Popen(
            [sys.executable, "-m", "tests.shop.page_cache.schema_changes", kind, str(folder)],
            cwd=ROOT, env={**os.environ, **SETTINGS, "DATABASE_URL": address},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    left = {}
    for kind, run in runs.items():
        left[kind], errors = run.communicate(timeout=300)
        wrong += [errors] if run.returncode else []
    assert wrong == []

    assert left["fresh"] == left["existing"]
    assert left["fresh"].count("version_shop_") == 15


# As in production, where pages are kept.
SETTINGS = {
    "DEBUG": "off",
    "ALLOWED_HOSTS": "testserver",
    "SECRET_KEY": "for a test of migrations, never behind a public address",
    "STRIPE_SECRET_KEY": "sk_test_standin",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_standin",
    "STRIPE_WEBHOOK_SECRET": "whsec_standin",
    "EMAIL_URL": "memorymail://",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
