"""PostgreSQL is stopped under a running shop, and started again."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from tests.config.test_serving import serving
from tests.postgres_server import postgres_server


@pytest.mark.only_on("postgresql")
def test_postgresql_stops_pages_say_so_and_the_same_processes_go_on_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_server() as postgres:
        monkeypatch.setenv("DATABASE_URL", postgres.url)
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=settings.BASE_DIR, env=os.environ, check=True)
        with serving("config.wsgi", tmp_path) as (gunicorn, port):
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as web:
                assert web.get("/cart/").status_code == 200

                postgres.stop()
                assert web.get("/healthz").status_code == 200
                assert (web.get("/readyz").status_code, web.get("/readyz").json()["database"]) == (
                    503,
                    "no answer",
                )
                gone = web.get("/api/v1/products")  # with DEBUG on, pages show Django's own
                assert (gone.status_code, gone.headers["Retry-After"]) == (503, "60")

                postgres.start()
                # The pool tries again by itself, after a while: as many looks as it may take.
                assert any(web.get("/cart/").status_code == 200 for _look in range(20))
                assert web.get("/readyz").json()["database"] == "ok"
            assert gunicorn.poll() is None
