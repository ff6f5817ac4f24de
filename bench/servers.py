"""Programs that listen: the shop and the bare project under one server with the same settings, and the stand-in."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from bench.databases import LOG, ROOT, log
from stripe_standin.testing import Standin

WORKERS, THREADS = 2, 4
_TICKS = os.sysconf("SC_CLK_TCK")

# How each server is told what, under which port. Granian is no package of the shop's: pip install granian
COMMANDS = {
    # As `make serve` does: what config/gunicorn.py says.
    "gunicorn": "gunicorn {app} --config config/gunicorn.py --bind 127.0.0.1:{port} --log-level warning",
    "granian": (
        f"granian {{app}}:application --interface wsgi --host 127.0.0.1 --port {{port}} --workers {WORKERS}"
        f" --blocking-threads {THREADS} --no-ws --log-level warning"
    ),
}


class Server:
    """One program under one port, until the end of the `with`."""

    def __init__(self, module: str, port: int, environment: dict[str, str], ready: str) -> None:
        self.url, self._ready = f"http://127.0.0.1:{port}", ready
        self._need_free_port(port)
        command = [sys.executable, "-m", *module.split()]
        with log() as said:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, start_new_session=True, stdout=said, stderr=said
            )

    def _need_free_port(self, port: int) -> None:
        """Stop where another program would be measured."""
        with socket.socket() as taken:
            if taken.connect_ex(("127.0.0.1", port)) == 0:
                raise SystemExit(f"Port {port} is taken. Choose others: python -m bench --port 8400")

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(self.url + self._ready, timeout=20):
                return self
            time.sleep(0.1)
        self.end()
        raise SystemExit(f"{self.url}{self._ready} did not answer: see {LOG}")

    def __exit__(self, *_why: object) -> None:
        self.end()

    def end(self) -> None:
        """End the server and its workers."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def largest_worker(self) -> float:
        """Return the resident memory of the largest worker, in MB; 0 where the system does not tell."""
        found = (
            re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in self._workers()
        )
        return max((int(kilobytes[1]) * 1024 / 1e6 for kilobytes in found if kilobytes), default=0.0)

    def worker_seconds(self) -> float:
        """Return how long the workers have computed so far; 0 where the system does not tell."""
        fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self._workers())
        return (
            sum(int(user) + int(system) for *_others, user, system in (one[:13] for one in fields)) / _TICKS
        )

    def _workers(self) -> list[str]:
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return path.read_text().split() if path.exists() else []


def application(
    server: str, app: str, port: int, environment: dict[str, str], ready: str = "/healthz"
) -> Server:
    """Return a WSGI application under a server of COMMANDS."""
    return Server(COMMANDS[server].format(app=app, port=port), port, environment, ready)


@contextmanager
def standin(port: int) -> Iterator[Standin]:
    """Run the stand-in for Stripe with nothing in it; what it would deliver, the customers bring."""
    with TemporaryDirectory() as folder:
        command = f"stripe_standin --port {port} --database {folder}/standin.sqlite3"
        with Server(command, port, dict(os.environ), "/") as server:
            yield Standin.at(server.url)
