"""How gunicorn serves the shop, with an application of our own in its place."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

# Says when it was asked, and answers only when it is told to.
WAITING = """
import os
def application(environ, start_response):
    os.write({arrived}, b".")
    os.read({go}, 1)
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]
"""


@pytest.fixture
def pipes() -> Iterator[tuple[int, int, int, int]]:
    ends = (*os.pipe(), *os.pipe())
    yield ends
    for end in ends:
        os.close(end)


@pytest.fixture
def server(tmp_path: Path, pipes: tuple[int, int, int, int]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    _asked, arrived, go, _tell = pipes
    (tmp_path / "waiting.py").write_text(WAITING.format(arrived=arrived, go=go))
    with serving("waiting", tmp_path, arrived, go) as started:
        yield started


@contextmanager
def serving(module: str, folder: Path, *pipes: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve the application of a module by gunicorn, as the shop is served; yield the process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", module, "--pythonpath", str(folder)),
        *("--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"),
    ]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, pass_fds=pipes,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as started:  # fmt: skip
        assert started.stderr
        assert any("Booting worker" in line for line in started.stderr)
        try:
            yield started, port
        finally:
            started.kill()


def test_what_is_under_way_is_finished_after_a_sigterm_and_no_query_is_logged(
    server: tuple[subprocess.Popen[str], int], pipes: tuple[int, int, int, int]
) -> None:
    process, port = server
    asked, _arrived, _go, tell = pipes
    customer = HTTPConnection("127.0.0.1", port, timeout=10)
    customer.request(
        "GET", "/checkout/status/?payment_intent_client_secret=pi_1_secret_2", headers={"Referer": "/?x=3"}
    )
    os.read(asked, 1)

    process.send_signal(signal.SIGTERM)
    assert process.stderr
    assert any("Handling signal: term" in line for line in process.stderr)
    os.write(tell, b"!")

    with closing(customer), customer.getresponse() as answer:
        assert answer.read() == b"done"
    # Gunicorn may take its 30 seconds of grace to end a worker.
    log, _errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert re.search(r'"GET /checkout/status/ HTTP/1.1" 200 4 \d+ms', log)
    assert "secret" not in log
    assert "x=3" not in log


ECHO = """
def application(environ, start_response):
    start_response("200 OK", [])
    return [(environ["SCRIPT_NAME"] + " " + environ["PATH_INFO"]).encode()]
"""


def test_the_access_log_has_no_key_of_an_order(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(ECHO)
    key = "k" * 32
    with serving("echo", tmp_path) as (process, port):
        for path in (
            f"/orders/FQ7K-3MWD/{key}/",
            f"/de/orders/FQ7K-3MWD/{key}",
            f"/accounts/confirm-email/{key}:x/",
        ):
            with closing(HTTPConnection("127.0.0.1", port)) as asking:
                asking.request("GET", path)
                assert asking.getresponse().read()
        process.send_signal(signal.SIGTERM)
        log, _errors = process.communicate(timeout=60)
    assert log.count("/orders/FQ7K-3MWD/…") == 2
    assert key not in log


def test_f20_no_header_says_under_which_path_the_shop_stands(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(ECHO)
    with serving("echo", tmp_path) as (_process, port), closing(HTTPConnection("127.0.0.1", port)) as asking:
        asking.request("GET", "/y/cart/", headers={"SCRIPT_NAME": "/y", "PATH_INFO": "/admin/"})

        assert asking.getresponse().read() == b" /y/cart/"


def test_f20_under_a_path_everything_follows_it(tmp_path: Path) -> None:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "PYTEST_VERSION") if name in os.environ},
        "DEBUG": "on",
        "STORE_URL": "https://example.org/books",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.config.under_a_path"],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    answers = json.loads(ran.stdout)

    # A proxy may take the path away, or leave it there.
    for path in ("/books/", "/books/de/cart/", "/cart/"):
        assert answers[path]["status"] == "200 OK"
        assert answers[path]["links"]
        assert [link for link in answers[path]["links"] if not link.startswith("/books/")] == []
    assert (
        "/books/de/cart/" in answers["/books/de/cart/"]["links"]
        or "/books/de/" in answers["/books/de/cart/"]["links"]
    )
    assert answers["/books/static/css/tokens.css"]["status"] == "200 OK"
    assert answers["/books/language/de/"]["location"] == "/books/de/"
    assert answers["/books/admin/"]["location"].startswith("/books/admin/login/")
