"""Many customers at once over scarce stock, with a Stripe that fails at random, workers killed, and machines that break.

`make soak MINUTES=3`, and with `DATABASE_URL=own` on a PostgreSQL of its own, which is restarted now and then. Redis is
killed, Stripe hangs, and the mail server never says a word. Everything runs on this machine with production settings, and
its data are in a folder of its own. At the end all is mended and swept. Exit code 0: nobody met a 500, whatever was broken,
and `check_books --stripe` finds nothing.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from bench.breakdowns import Machines, machines
from stripe_standin.testing import Standin, StandinError

ROOT = Path(__file__).resolve().parent.parent
CUSTOMERS = 20
SCARCE = 12
LONGEST_WAIT = 180
BROKEN = "broken (500)"
CARDS = [
    *[("pm_card_visa", "pass")] * 6,
    ("pm_card_visa_chargeDeclined", "pass"),
    ("pm_card_authenticationRequired", "pass"),
    ("pm_card_authenticationRequired", "fail"),
    ("pm_card_authenticationRequired", "leave"),
    ("pm_sepaDebit_success_at", "pass"),
    ("pm_sepaDebit_failed_at", "pass"),
    ("pm_card_createDispute", "pass"),
]
ACTIONS = [
    "status",
    "drop",
    "apply_then_drop",
    "apply_then_status",
    "invalid_json",
    "delay",
    "hang",
    "apply_then_hang",
]
PATHS = ["/v1/payment_intents", "/v1/payment_intents/*", "/v1/payment_intents/*/cancel"]
ADDRESS = {
    "full_name": "Soak Tester",
    "line1": "Oudegracht 12",
    "city": "Utrecht",
    "postal_code": "3511 AB",
    "country": "NL",
    "delivery": "post",
}


class Shop:
    """The shop and the stand-in as real processes, and what happened to them."""

    def __init__(self, folder: Path, port: int, beside: Machines) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.folder = folder
        self.done = threading.Event()
        self.counts: Counter[str] = Counter()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.standin = Standin.at(f"http://127.0.0.1:{port + 1}")
        self.env = {
            "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
            **os.environ,
            # With DEBUG on, whatever breaks is a page of Django's.
            "DEBUG": "off",
            "SECRET_KEY": "only for the minutes in which this shop is soaked",
            "ALLOWED_HOSTS": "127.0.0.1",
            "STORE_URL": self.url,
            "STRIPE_SECRET_KEY": self.standin.secret_key,
            "STRIPE_PUBLISHABLE_KEY": self.standin.publishable_key,
            "STRIPE_API_BASE": self.standin.url,
            "STRIPE_JS_URL": self.standin.js_url,
            "STRIPE_WEBHOOK_SECRET": "whsec_standin",
            "STANDIN_WEBHOOK_SECRET": "whsec_standin",
            "RATE_LIMITS": "off",
            "ORDER_TTL_MINUTES": "1",
            **beside.settings,
            "PYTEST_VERSION": "not pytest, but no .env either",
        }

    def manage(self, *arguments: str) -> int:
        """Run a command of the shop and return its exit code."""
        log = (self.folder / "manage.log").open("ab")
        ran = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            stdout=log,
            stderr=log,
            check=False,
        )
        return ran.returncode

    def start(self) -> None:
        """Migrate, load the demo with scarce stock, and start both servers."""
        commands = (
            ("migrate", "--verbosity", "0"),
            ("collectstatic", "--no-input"),
            ("load_demo", "--accounts"),
        )
        for arguments in commands:
            if self.manage(*arguments):
                raise SystemExit((self.folder / "manage.log").read_text())
        self._run("-m", "stripe_standin", "--port", str(self.port + 1), "--database", str(self.folder / "standin.sqlite3"),
                  "--delay", "3", "--webhook", f"{self.url}/webhooks/stripe/")  # fmt: skip
        self._run("-m", "gunicorn", "--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{self.port}",
                  "--log-level", "critical")  # fmt: skip
        for _try in range(200):
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/healthz").status_code == 200:
                    return
            time.sleep(0.1)
        raise SystemExit((self.folder / "server.log").read_text())

    def _run(self, *arguments: str) -> None:
        log = (self.folder / "server.log").open("ab")
        command = [sys.executable, *arguments]
        self.processes.append(subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log))

    def workers(self) -> list[int]:
        """Return the process ids of the shop's workers."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.processes[1].pid)], capture_output=True, text=True, check=False
        )
        return [int(line) for line in found.stdout.split()]

    def stop(self) -> None:
        """End both servers."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(15)


class Customer(threading.Thread):
    """Signs up, then buys, abandons, is declined and tries again until time is up."""

    def __init__(self, shop: Shop, number: int, variants: list[int]) -> None:
        super().__init__(daemon=True)
        self.shop = shop
        self.random = random.Random(number)
        self.variants = variants
        self.email = f"soak{number}-{int(time.time())}@example.org"
        self.has_come = threading.Event()

    def run(self) -> None:
        """Buy until time is up; whatever breaks on the way is counted, and one begins anew."""
        with httpx.Client(base_url=self.shop.url, timeout=30, follow_redirects=True) as web:
            web.event_hooks = {"response": [partial(self._see, web)]}
            while not self.shop.done.is_set() and not self._sign_up(web):
                time.sleep(0.2)
            self.has_come.set()
            while not self.shop.done.is_set():
                try:
                    self._buy(web)
                except (httpx.HTTPError, StandinError, OSError, KeyError, ValueError) as error:
                    self.shop.counts[f"cut off: {type(error).__name__}"] += 1

    def _see(self, web: httpx.Client, answer: httpx.Response) -> None:
        """Count what must never be met, and keep cookies that are for TLS, which nobody speaks here."""
        for cookie in web.cookies.jar:
            cookie.secure = False
        if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.shop.counts[f"{BROKEN} {answer.request.method} {answer.request.url.path}"] += 1

    def _sign_up(self, web: httpx.Client) -> bool:
        with suppress(httpx.HTTPError):
            form = self._form(web, "/accounts/signup/", email=self.email, password1="a-long-enough-one")
            return form.status_code == 200
        return False

    def _form(self, web: httpx.Client, path: str, **fields: Any) -> httpx.Response:
        page = web.get(path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        hidden = {"csrfmiddlewaretoken": token.group(1)} if token else {}
        return web.post(path, data={**hidden, **fields})

    def _buy(self, web: httpx.Client) -> None:
        for variant in self.random.sample(self.variants, self.random.randint(1, 3)):
            web.post("/cart/lines/", data={"variant": variant, "quantity": self.random.randint(1, 2)})
        page = web.get("/checkout/")
        total = re.search(r'name="total" value="(\d+)"', page.text)
        if not total:
            self.shop.counts["nothing to buy"] += 1
            self.shop.done.wait(0.5)
            return
        answer = self._form(web, "/checkout/", **ADDRESS, total=total.group(1))
        self.shop.counts[f"place {answer.status_code}"] += 1
        found = re.search(r"/checkout/([^/]+)/", str(answer.url))
        if found:
            self._pay(web, found.group(1), answer.text)

    def _pay(self, web: httpx.Client, number: str, page: str) -> None:
        for _try in range(self.random.randint(0, 3)):  # 0: goes away without paying
            intent = re.search(r"(pi_\w+?)_secret_", page)
            if intent:
                card, challenge = self.random.choice(CARDS)
                with suppress(StandinError):
                    self.shop.standin.pay(intent.group(1), card, challenge=challenge)
                self.shop.counts["tries to pay"] += 1
            if self.random.random() < 0.6:  # the others never come back
                answer = web.get(f"/checkout/{number}/status/")
                self.shop.counts[f"status {answer.status_code}"] += 1
            page = web.get(f"/checkout/{number}/pay/").text


def trouble(shop: Shop, chance: random.Random) -> None:
    """Make Stripe fail, and kill a worker, now and then."""
    while not shop.done.wait(chance.uniform(0.5, 2)):
        with suppress(StandinError, OSError, ValueError):
            shop.standin.add_fault(
                action=chance.choice(ACTIONS), path=chance.choice(PATHS), method=chance.choice(["GET", "POST"]),
                times=chance.randint(1, 4), seconds=2,
            )  # fmt: skip
            shop.counts["faults"] += 1
        if chance.random() < 0.15 and (workers := shop.workers()):
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                shop.counts["workers killed"] += 1


def sweeps(shop: Shop) -> None:
    """Run what cron would."""
    while not shop.done.wait(10):
        for command in ("reconcile", "expire_orders"):
            shop.manage(command)
            shop.counts["sweeps"] += 1


def settle(shop: Shop) -> int:
    """Mend everything, let all time run out, sweep until quiet, and return what `check_books --stripe` says."""
    shop.standin.clear_faults()
    shop.standin.advance(3600)
    time.sleep(65)  # the time to pay of the last orders
    for _round in range(3):
        shop.manage("reconcile")
        shop.manage("expire_orders")
    ran = subprocess.run(
        [sys.executable, "manage.py", "check_books", "--stripe"],
        cwd=ROOT,
        env=shop.env,
        capture_output=True,
        text=True,
        check=False,
    )
    sys.stdout.write(ran.stdout + ran.stderr)
    return ran.returncode


def scarce_variants(shop: Shop) -> list[int]:
    """Return the variants to fight for, with few of each."""
    code = (
        "from shop.models import Variant; from shop import stock; from django.utils import timezone as t\n"
        "for v in Variant.objects.filter(is_digital=False, stock__gt=0).order_by('pk')[:8]:\n"
        f"    stock.set_level(v.pk, {SCARCE}, reason='soak', now=t.now()); print('variant', v.pk)"
    )
    ran = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code],
        cwd=ROOT,
        env=shop.env,
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(pk) for pk in re.findall(r"variant (\d+)", ran.stdout)]


def summary(shop: Shop) -> str:
    """Return how many orders ended how."""
    code = (
        "from django.db.models import Count; from checkout.models import Order, StripeEvent\n"
        "print(dict(Order.objects.order_by().values_list('status').annotate(Count('pk'))),"
        " 'need attention:', Order.objects.exclude(needs_attention='').count(),"
        " 'events:', dict(StripeEvent.objects.order_by().values_list('status').annotate(Count('pk'))))"
    )
    command = [sys.executable, "manage.py", "shell", "-c", code]
    ran = subprocess.run(command, cwd=ROOT, env=shop.env, capture_output=True, text=True, check=False)
    return ran.stdout.strip().splitlines()[-1]


def main() -> int:
    """Soak, settle, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    own = os.environ.get("DATABASE_URL") == "own"
    with tempfile.TemporaryDirectory() as folder, machines(Path(folder), with_postgres=own) as beside:
        shop = Shop(Path(folder), options.port, beside)
        try:
            shop.start()
            variants = scarce_variants(shop)
            customers = [
                Customer(shop, options.seed * 1000 + number, variants) for number in range(CUSTOMERS)
            ]
            helpers = [
                threading.Thread(target=trouble, args=[shop, random.Random(options.seed)], daemon=True),
                threading.Thread(target=sweeps, args=[shop], daemon=True),
                threading.Thread(
                    target=beside.break_down, args=[shop, random.Random(options.seed + 1)], daemon=True
                ),
            ]
            for customer in customers:
                customer.start()
            for customer in customers:
                customer.has_come.wait(
                    LONGEST_WAIT / CUSTOMERS
                )  # a slow machine takes long to hash passwords
            for helper in helpers:
                helper.start()
            time.sleep(options.minutes * 60)
            shop.done.set()
            for thread in [*customers, *helpers]:
                thread.join(60)
            code = settle(shop)
            sys.stdout.write(f"{dict(sorted(shop.counts.items()))}\n{summary(shop)}\n")
            is_broken = any(name.startswith(BROKEN) for name in shop.counts)
            if is_broken:
                sys.stdout.write((shop.folder / "server.log").read_text())
            return code or int(is_broken)
        finally:
            shop.done.set()
            shop.stop()


if __name__ == "__main__":
    sys.exit(main())
