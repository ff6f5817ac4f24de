"""Run the shop in two halves behind nginx, for real, on this machine: `python -m deploy.split.rehearse [--files FOLDER]`.

Starts the stand-in for Stripe, gunicorn, and nginx with `nginx.conf`; looks at both origins as a browser would; buys
with the terminal client through the API's; and ends all that it started. Exit code 0: everything was as it should be.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLAIN = ROOT / "clients" / "plain"
STARTING_SECONDS = 60
# What anybody may send; nobody trusts it.
STRANGER = "https://elsewhere.example"
ADDRESS = {
    "full-name": "Alice Liddell",
    "line1": "Oudegracht 12",
    "postal-code": "3511 AB",
    "city": "Utrecht",
    "country": "NL",
}


class WrongError(Exception):
    """Something is not as it should be."""


@dataclass(frozen=True)
class Places:
    """Where everything is in this run."""

    home: Path
    files: Path
    store: str
    api: str
    app: str
    stripe: str

    @property
    def names(self) -> dict[str, str]:
        """Return what fills the gaps in nginx.conf."""
        ports = {
            name: url.rpartition(":")[2]
            for name, url in (("STORE_PORT", self.store), ("API_PORT", self.api), ("APP_PORT", self.app))
        }
        return {
            "HOME": str(self.home),
            "FILES": str(self.files),
            "API": self.api,
            "STRIPE": self.stripe,
            **ports,
        }

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a shop in production, but for Stripe."""
        return {
            **os.environ,
            "DEBUG": "off",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "CORS_ALLOWED_ORIGINS": self.store,
            "TRUSTED_PROXIES": "1",
            "DATABASE_URL": f"sqlite:///{self.home / 'shop.sqlite3'}",
            "EMAIL_URL": "consolemail://",
            "STRIPE_SECRET_KEY": "sk_test_standin",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_standin",
            "STRIPE_WEBHOOK_SECRET": "whsec_standin",
            "STANDIN_WEBHOOK_SECRET": "whsec_standin",
            "STRIPE_API_BASE": self.stripe,
            "STRIPE_JS_URL": f"{self.stripe}/endive/stripe.js",
        }


def main() -> int:
    """Do it all and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--files", type=Path, default=PLAIN, help="a built storefront; clients/plain needs no build"
    )
    asked = parser.parse_args()
    if not shutil.which("nginx"):
        say("nginx was not found. On Debian: apt-get install nginx-light")
        return 1
    with tempfile.TemporaryDirectory(prefix="folio-split-") as home, ExitStack() as running:
        urls = [f"http://127.0.0.1:{port}" for port in _free_ports(4)]
        places = Places(Path(home), asked.files.resolve(), *urls)
        try:
            _start(places, running)
            _look_at_the_storefront(places)
            _look_at_the_api(places)
            _buy(places)
        except WrongError as error:
            say(f"WRONG  {error}")
            return 1
    say("All of it worked, and all of it has ended.")
    return 0


def _start(places: Places, running: ExitStack) -> None:
    # The API draws no pages, so it needs no static files: a shop whose pages are used runs collectstatic too.
    for command in ("migrate", "load_demo"):
        _manage(places, command)
    configuration = places.home / "nginx.conf"
    configuration.write_text(_fill((HERE / "nginx.conf").read_text(), places.names))
    standin = [
        *(sys.executable, "-m", "stripe_standin", "--port", places.stripe.rpartition(":")[2]),
        *("--database", str(places.home / "standin.sqlite3")),
        *("--webhook", f"{places.api}/webhooks/stripe/"),
    ]
    gunicorn = [
        *(sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"),
        *("--bind", places.app.removeprefix("http://")),
    ]
    nginx = ["nginx", "-p", str(places.home), "-c", str(configuration)]
    for name, program in (("standin", standin), ("gunicorn", gunicorn), ("nginx", nginx)):
        running.enter_context(_program(name, program, places))
    for url in (places.stripe, f"{places.api}/healthz", places.store):
        _wait_for(url)
    say(f"storefront {places.store}   API {places.api}   Stripe {places.stripe}")


def _fill(text: str, names: dict[str, str]) -> str:
    # nginx has variables of its own, in small letters: only ours, in capitals, are filled in.
    return re.sub(r"\$\{([A-Z_]+)\}", lambda found: Template(found[0]).substitute(names), text)


def _look_at_the_storefront(places: Places) -> None:
    page, headers = _ask(f"{places.store}/checkout/ABCD-EFGH/pay")
    check("a page of the storefront's own is index.html", "<main" in page or 'id="app"' in page)
    check("it is asked about each time", headers["Cache-Control"] == "no-cache")
    policy = headers["Content-Security-Policy"]
    check(
        "its policy lets it speak to the API and to Stripe", places.api in policy and places.stripe in policy
    )
    check("and to nobody else", "default-src 'none'" in policy and "unsafe" not in policy)
    told, _headers = _ask(f"{places.store}/config.json")
    check("it is told where the API is", json.loads(told) == {"api": places.api})
    for name in re.findall(r'(?:src|href)="(/?assets/[^"]+)"', page):
        _text, headers = _ask(f"{places.store}/{name.lstrip('/')}")
        check(f"{name} is kept for ever", "immutable" in headers["Cache-Control"])


def _look_at_the_api(places: Places) -> None:
    address = f"{places.api}/api/v1/products"
    _text, headers = _ask(address, Origin=places.store)
    check("the API lets the storefront read", headers["Access-Control-Allow-Origin"] == places.store)
    _text, headers = _ask(address, Origin=STRANGER)
    check("and no other website", headers["Access-Control-Allow-Origin"] is None)
    status, _headers = _status(address, **{"If-None-Match": headers["ETag"]})
    check("a catalogue that has not changed is 304", status == 304)
    asks = {
        "Origin": places.store,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key,x-session-token",
    }
    status, headers = _status(f"{places.api}/api/v1/orders", method="OPTIONS", **asks)
    check(
        "it may send an order with its key",
        "idempotency-key" in headers["Access-Control-Allow-Headers"].lower(),
    )


def _buy(places: Places) -> None:
    found = json.loads(_ask(f"{places.api}/api/v1/products?in_stock=true")[0])
    variant = next(
        variant["id"]
        for book in found["items"]
        for variant in book["variants"]
        if variant["availability"] != "sold_out"
    )
    client = [
        sys.executable,
        "-m",
        "folio_terminal",
        "--shop",
        places.api,
        "--pocket",
        str(places.home / "pocket.json"),
    ]
    address = [word for name, value in ADDRESS.items() for word in (f"--{name}", value)]
    steps = (
        ("a visitor's cart", ["add", str(variant)], "Subtotal"),
        (
            "an account, and the cart comes along",
            ["signup", "alice@example.org", secrets.token_urlsafe(12)],
            "Subtotal",
        ),
        ("an order, paid through both origins", ["buy", *address], "Paid. Thank you"),
    )
    for words, command, expected in steps:
        done = subprocess.run(
            [*client, *command],
            cwd=ROOT / "clients" / "terminal",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        check(words, done.returncode == 0 and expected in done.stdout, done.stdout + done.stderr)
    _manage(places, "check_books", "--stripe")
    check("the ledger agrees with Stripe's", True)


# --- small tools ---


@contextmanager
def _program(name: str, command: list[str], places: Places) -> Iterator[None]:
    """Run a program until the end of the block; what it says is kept in a file of its name."""
    with (places.home / f"{name}.log").open("wb") as log:
        started = subprocess.Popen(
            command, cwd=ROOT, env=places.environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            started.terminate()
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()


def _manage(places: Places, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=places.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise WrongError(f"manage.py {command[0]}: {done.stdout}{done.stderr}")


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline:
        try:
            _ask(url)
        except (OSError, WrongError):
            time.sleep(0.1)
        else:
            return
    raise WrongError(f"{url} did not come up")


def _ask(url: str, **headers: str) -> tuple[str, Message]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.read().decode(), answer.headers


def _status(url: str, *, method: str = "GET", **headers: str) -> tuple[int, Message]:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, method=method, headers=headers), timeout=10
        ) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def _free_ports(count: int) -> list[int]:
    with ExitStack() as open_now:
        sockets = [open_now.enter_context(socket.socket()) for _port in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def check(words: str, holds: object, more: str = "") -> None:
    """Say that something holds. Raises WrongError when it does not."""
    if not holds:
        raise WrongError(f"{words}: no. {more}")
    say(f"ok     {words}")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
