"""Development server for everything at once: `make run`.

Prepares the database and the demo catalogue, starts the stand-in for Stripe where no key is set, starts the shop,
says when it is ready, sweeps once a minute (and counts what sells once an hour), sends events to other programs, and ends
all that it started on Ctrl-C or SIGTERM.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from io import StringIO
from types import FrameType

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

HOST = "127.0.0.1"
STARTING_SECONDS = 60
SWEEP_SECONDS = 60
SEND_SECONDS = 2
ROUNDS_AN_HOUR = 60


def main() -> int:
    """Run until told to stop, or until something that was started ends by itself; return the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    port = int(os.environ.get("PORT", "8000"))
    django.setup()
    runner = Runner()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, runner.stop)
    if not _is_free(port):
        say(f"Port {port} is taken. Choose another: make run PORT=8001")
        return 1
    try:
        return _run(runner, port)
    finally:
        runner.end_all()


def _run(runner: "Runner", port: int) -> int:
    if settings.USES_STANDIN:
        standin_port = int(settings.STRIPE.api_base.rpartition(":")[2])
        if not _is_free(standin_port):
            say(f"Port {standin_port} is taken. Choose another for the stand-in: make run STANDIN_PORT=12112")
            return 1
        runner.start(*_standin(standin_port, port))
    server = ("manage.py", "runserver", f"{HOST}:{port}", "--verbosity", "0")
    is_new = not connection.introspection.table_names()
    if not is_new:
        runner.start(*server)  # it takes its time to start, in which the database is brought up to date
    say("Preparing the database and the demo catalogue …")
    call_command("migrate", verbosity=0)
    call_command("load_demo")
    if is_new:
        runner.start(*server)
    address = f"http://{HOST}:{port}/"
    if not runner.wait_for(address):
        return runner.exit_code()
    for line in _welcome(address):
        say(line)
    for work in (_sweep, _send):
        threading.Thread(target=work, args=[runner.stopped], daemon=True).start()
    return runner.watch()


def _standin(port: int, shop_port: int) -> list[str]:
    """Return how to start the stand-in, with the shop's webhook as its endpoint."""
    os.environ["STANDIN_WEBHOOK_SECRET"] = settings.STRIPE_WEBHOOK_SECRETS[0]
    return [
        *("-m", "stripe_standin"),
        *("--port", str(port)),
        *("--database", str(settings.VAR_DIR / "standin.sqlite3")),
        *("--webhook", f"http://{HOST}:{shop_port}/webhooks/stripe/"),
    ]


def _welcome(address: str) -> list[str]:
    from shop.demo import accounts

    lines = [f"Ready {address}"]
    lines += [f"{account.role}: {account.email} / {account.password}" for account in accounts.ALL]
    lines += [f"Staff at {address}admin/"]
    if settings.USES_STANDIN:
        lines += [f"Stripe’s dashboard (the stand-in’s): {settings.STRIPE.api_base}/"]
    if not settings.STRIPE.livemode:
        lines += [
            "Test card: 4242 4242 4242 4242 is paid",
            "Test card: 4000 0000 0000 0002 is declined",
            "Test card: 4000 0027 6000 3184 asks for 3-D Secure",
        ]
    return lines


def _sweep(stopped: threading.Event) -> None:
    rounds = 0
    while not stopped.wait(SWEEP_SECONDS):
        hourly = ("count_sold", "check_books") if rounds % ROUNDS_AN_HOUR == 0 else ()
        rounds += 1
        for command in ("reconcile", "expire_orders", *hourly):
            with suppress(SystemExit):  # it has said what could not be done; the next round tries again
                call_command(command, stdout=StringIO())


def _send(stopped: threading.Event) -> None:
    while not stopped.wait(SEND_SECONDS):
        with suppress(DatabaseError):  # it was busy; the next round tries again
            call_command("send_webhooks", stdout=StringIO())


class Runner:
    """The programs that were started, each in a process group of its own."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> None:
        """Start a Python program of ours."""
        quiet = {**os.environ, "DJANGO_RUNSERVER_HIDE_WARNING": "true"}
        self._processes.append(
            subprocess.Popen([sys.executable, *arguments], env=quiet, start_new_session=True)
        )

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Ask for the end; the main thread does the rest."""
        self.stopped.set()

    def wait_for(self, address: str) -> bool:
        """Return whether the address answers before anything ends or the time is over."""
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline and not self._ended() and not self.stopped.is_set():
            if _answers(address):
                return True
            self.stopped.wait(0.1)
        return False

    def watch(self) -> int:
        """Return when told to stop, or when something has ended by itself."""
        while not self.stopped.wait(0.5):
            if self._ended():
                break
        return self.exit_code()

    def exit_code(self) -> int:
        """Return 0 when we were told to stop, else 1."""
        return 0 if self.stopped.is_set() else 1

    def end_all(self) -> None:
        """End every process group: politely, and after five seconds for good."""
        self.stopped.set()
        for process in self._processes:
            _signal_group(process, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)

    def _ended(self) -> bool:
        return any(process.poll() is not None for process in self._processes)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
