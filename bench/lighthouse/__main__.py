"""Lighthouse over every kind of page, with production settings: `make lighthouse`.

Brings up a shop of its own (a folder in the temporary directory, SQLite, gunicorn, the stand-in for Stripe), lets alice
buy something, looks at each page with a phone's screen, network and processor as Lighthouse simulates them, prints the
table, writes it to docs/lighthouse.md, and ends all that it started. Exit code 1 where a page misses its goal.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import django
import httpx
from django.conf import settings
from django.core.management import call_command

from stripe_standin.testing import Standin

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TABLE = ROOT / "docs" / "lighthouse.md"
GOALS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
SECONDS_PER_PAGE = 180
ADDRESS = {
    "full_name": "Alice Liddell",
    "line1": "Oudegracht 12",
    "city": "Utrecht",
    "postal_code": "3511 AB",
    "country": "NL",
    "phone": "",
    "region": "",
    "voucher": "",
}


def main() -> int:
    """Look at every page; return the exit code."""
    parser = argparse.ArgumentParser(prog="make lighthouse")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    parser.add_argument("--runs", type=int, default=3, help="for performance; the best one counts")
    parser.add_argument("--only", default="", help="the names of pages, comma-separated; writes no table")
    options = parser.parse_args()
    chromium = _needed("CHROMIUM", "chromium", "chromium-browser", "google-chrome")
    node = _needed("NODE", "node")
    with tempfile.TemporaryDirectory() as folder, Standin() as standin:
        _configure(Path(folder), options.port, standin)
        with _shop(Path(folder), options.port):
            cookie, pages = _walk(f"http://127.0.0.1:{options.port}", standin)
            wanted = set(filter(None, options.only.split(",")))
            chosen = [page for page in pages if not wanted or page["name"] in wanted]
            results = _look(node, chromium, cookie, chosen, options.runs)
    table = _table(results)
    print(table)
    if not wanted:
        TABLE.write_text(_document(table, options.runs))
    missed = [line for result in results for line in _missed(result)]
    print("\n".join(missed) or "Every page reaches its goal.")
    return 1 if missed else 0


def _needed(variable: str, *names: str) -> str:
    path = os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit(f"{names[0]} was not found. {variable}= names one.")
    return path


def _configure(folder: Path, port: int, standin: Standin) -> None:
    """Set up Django in this process as the server will be, with a database of its own."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTEST_VERSION": "not pytest, but no .env either",
        "DEBUG": "off",
        "SECRET_KEY": "only for the minutes in which Lighthouse looks at this shop",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STORE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
        "EMAIL_URL": "dummymail://",
        "RATE_LIMITS": "off",
        "STRIPE_SECRET_KEY": standin.secret_key,
        "STRIPE_PUBLISHABLE_KEY": standin.publishable_key,
        "STRIPE_API_BASE": standin.url,
        "STRIPE_JS_URL": standin.js_url,
        "STRIPE_WEBHOOK_SECRET": "whsec_standin",
    }
    os.environ.pop("CACHE_URL", None)
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("load_demo", accounts=True)
    call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def _shop(folder: Path, port: int) -> Iterator[None]:
    """Serve as `make serve` does, until the block ends."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "config/gunicorn.py",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
    ]
    with (folder / "server.log").open("wb") as log, subprocess.Popen(command, cwd=ROOT, stderr=log) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", folder / "server.log")
            yield
        finally:
            server.terminate()


def _wait_for(address: str, log: Path) -> None:
    for _try in range(100):
        with suppress(httpx.HTTPError):
            if httpx.get(address).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit(log.read_text())


def _walk(url: str, standin: Standin) -> tuple[str, list[dict[str, Any]]]:
    """Let alice buy a book and leave another order unpaid; return her session and the pages to look at."""
    from django.test import Client

    from accounts.models import User
    from checkout.models import Payment
    from shop.models import Variant

    client = Client(SERVER_NAME="127.0.0.1", headers={"Sec-Fetch-Site": "same-origin"})
    client.force_login(User.objects.get(email="alice@example.org"))
    books = list(Variant.objects.filter(stock__gt=20, is_digital=False).order_by("pk")[:3])

    def order(count: int) -> str:
        for variant in books[:count]:
            client.post("/cart/lines/", {"variant": variant.pk, "quantity": 1})
        page = client.get("/checkout/").content.decode()
        total = re.search(r'name="total" value="(\d+)"', page)
        delivery = re.search(r'name="delivery"[^>]*value="([^"]+)"', page)
        form = ADDRESS | {"total": total[1] if total else "", "delivery": delivery[1] if delivery else ""}
        return str(client.post("/checkout/", form)["Location"]).removesuffix("pay/")

    paid = order(1)
    standin.pay(Payment.objects.get().intent_id)
    client.get(f"{paid}status/")
    unpaid = order(3)
    public = {"home": "/", "listing": "/products/", "product": books[0].product.get_absolute_url()}
    private = {"cart": "/cart/", "checkout": "/checkout/", "pay": f"{unpaid}pay/", "status": f"{paid}status/"}
    pages = [
        {"name": name, "url": url + path, "isPrivate": name in private}
        for name, path in (public | private).items()
    ]
    return client.cookies[settings.SESSION_COOKIE_NAME].value, pages


def _look(
    node: str, chromium: str, cookie: str, pages: list[dict[str, Any]], runs: int
) -> list[dict[str, Any]]:
    asked = {
        "chromium": chromium,
        "runs": runs,
        "pages": pages,
        # A `__Host-` cookie is taken only as if from TLS; a browser sends it to a loopback address all the same.
        "cookies": [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": cookie,
                "url": pages[0]["url"].replace("http:", "https:", 1),
                "secure": True,
            }
        ],
    }
    ran = subprocess.run(
        [node, HERE / "run.mjs"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=SECONDS_PER_PAGE * len(pages),
    )
    results = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    for page, result in zip(pages, results, strict=True):
        if result["final"] != page["url"]:
            raise SystemExit(f"{page['name']} led to {result['final']}: there is nothing to measure.")
    return results


def _table(results: list[dict[str, Any]]) -> str:
    lines = [
        "| page | performance | accessibility | best practices | SEO | first paint | largest paint | blocked | shift | requests | processor |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        scores, metrics = result["scores"], result["metrics"]
        lines.append(
            f"| {result['name']} | {' | '.join(str(scores[name]) for name in GOALS)} "
            f"| {metrics['first-contentful-paint'] / 1000:.1f} s | {metrics['largest-contentful-paint'] / 1000:.1f} s "
            f"| {metrics['total-blocking-time']:.0f} ms | {metrics['cumulative-layout-shift']:.3f} | {result['requests']} "
            f"| {result['machine']['index']}, slowed {result['machine']['slowdown']:.1f} × |"
        )
    return "\n".join(lines)


def _missed(result: dict[str, Any]) -> Iterator[str]:
    for name, goal in GOALS.items():
        if result["scores"][name] < goal:
            yield f"{result['name']}: {name} {result['scores'][name]}, below {goal}"
            for fault in result["faults"]:
                if fault["category"] == name:
                    yield f"    {fault['id']} {fault['score']} {fault['said']}"
                    yield from (f"        {item}" for item in fault["items"])


def _document(table: str, runs: int) -> str:
    version = json.loads((HERE / "package.json").read_text())["dependencies"]["lighthouse"]
    return f"""# Lighthouse

What `make lighthouse` measured last, with Lighthouse {version}: a phone's screen, a slow mobile network and a phone's
processor, all simulated. Production settings, two gunicorn workers, SQLite, the demo catalogue, and the stand-in for
Stripe on the same machine.

{table}

Performance is the best of up to {runs} runs, as other work on the machine only ever makes it worse; the other scores
come from the first. “Processor” is Lighthouse's index of how fast this machine was just then (1,400 is a desk's, which
is slowed four times to stand for a phone; one that is slower already is slowed less). The pages of a customer (cart,
checkout, pay, status) are looked at with a session, and for SEO without the audit `is-crawlable`: they must not be
found, and say so.
"""


if __name__ == "__main__":
    sys.exit(main())
