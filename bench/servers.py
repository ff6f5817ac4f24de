"""Starts what is measured: every one by the same server with the same settings."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4

_GUNICORN = (
    f"-m gunicorn {{app}} --config config/gunicorn.py --bind 127.0.0.1:{{port}} --workers {WORKERS}"
    f" --threads {THREADS} --log-level warning"
)
# How each server is told what, under which port. Granian is no package of the shop's: pip install granian
COMMANDS = {
    "gthread": _GUNICORN,
    "sync": f"{_GUNICORN} --worker-class sync --threads 1",
    "granian": (
        f"-m granian {{app}}:application --interface wsgi --host 127.0.0.1 --port {{port}} --workers {WORKERS}"
        f" --blocking-threads {THREADS} --no-ws --log-level warning"
    ),
}


class Server:
    """One program under one port, until the end of the `with`."""

    def __init__(self, kind: str, app: str, port: int, environment: dict[str, str], ready: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        environment = {**environment, "MALLOC_ARENA_MAX": "1"}  # as `make serve` does
        command = COMMANDS[kind].format(app=app, port=port).split()
        self._process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, start_new_session=True
        )
        self._ready = ready

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError), self.ask(self._ready):
                return self
            time.sleep(0.1)
        self.end()
        raise SystemExit(f"{self.url}{self._ready} did not answer.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def ask(self, path: str, **headers: str) -> "urllib.request._UrlopenRet":
        """Return the answer to a GET."""
        return urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=20)

    def end(self) -> None:
        """End the server and its workers."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def workers(self) -> list[int]:
        """Return the resident memory of each worker, in bytes; none where the system does not tell."""
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        children = path.read_text().split() if path.exists() else []
        return [memory for child in children if (memory := _resident(child)) > 20_000_000]


def _resident(pid: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
