"""The disk of the database is full: nothing is half written, pages that only read go on, and room mends it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.faults.steps import place
from tests.orders import fill_cart, offer_delivery

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.django_db(transaction=True)]
MEGABYTES = 24


@pytest.fixture
def disk(tmp_path: Path, alice: User) -> Iterator[Path]:
    """A small disk with the database of this test on it."""
    if (
        os.getuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", tmp_path], check=False
        ).returncode
    ):
        pytest.skip("A file system can be mounted by root alone.")
    home = connection.settings_dict["NAME"]
    connection.close()
    for file in Path(home).parent.glob(f"{Path(home).name}*"):
        shutil.copy(file, tmp_path / file.name.replace(Path(home).name, "shop.sqlite3"))
    connection.settings_dict["NAME"] = str(tmp_path / "shop.sqlite3")
    yield tmp_path
    connection.close()
    connection.settings_dict["NAME"] = home
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(disk: Path) -> Path:
    """Leave no room at all."""
    rest = disk / "rest"
    with rest.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return rest


def test_a_full_disk_takes_no_order_and_half_of_none(disk: Path, alice: User, standin: Standin) -> None:
    offer_delivery()
    variant = VariantFactory(price=2400, stock=5)
    fill_cart(alice, (variant, 2))
    alices = logged_in(alice)
    alices.raise_request_exception = False
    assert alices.get("/products/").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    rest = fill(disk)
    refused = place(alices)
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert not Order.objects.exists()
    assert Variant.objects.get().stock == 5
    assert alices.get("/products/").status_code == 200

    rest.unlink()
    assert place(alices).status_code == 302
    assert (Order.objects.get().status, Variant.objects.get().stock) == ("placed", 3)
