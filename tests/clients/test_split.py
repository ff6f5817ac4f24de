"""The storefront and the API as two origins behind nginx: the rehearsal that `deploy/split/` offers, run for real."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_a_purchase_goes_through_both_origins() -> None:
    if not shutil.which("nginx"):
        assert "FOLIO_CI" not in os.environ, "nginx is missing"
        pytest.skip("nginx was not found")
    # The tests' own settings must not reach a shop that runs as in production.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_VERSION"}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.split.rehearse"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok     an order, paid through both origins" in done.stdout
    assert "ok     the ledger agrees with Stripe's" in done.stdout
