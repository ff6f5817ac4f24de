"""What Folio claims about speed, as a command: `make bench`. How to read it: bench/README.md."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import report, wrk
from bench.servers import COMMANDS, ROOT, Server
from bench.wrk import Load

FOLDER = ROOT / "var" / "bench"
# One of the words of the invented titles: about one book in a hundred has it.
WORD = "hollow"
LARGE = 100_000
ROUNDS = 3
P99_MILLISECONDS = 150


@dataclass(frozen=True)
class Page:
    """What is asked, what it is measured against, and the least ratio in a small and a large shop."""

    name: str
    load: Load
    reference: str
    targets: tuple[float, float]


def main() -> int:
    """Measure and print; return 0 when every target was reached."""
    options = _options()
    # So that what was started ends with us.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    if shutil.which("wrk") is None:
        raise SystemExit("The benchmark needs wrk (Debian and Ubuntu: apt install wrk).")
    FOLDER.mkdir(parents=True, exist_ok=True)
    environment = _environment(options.products)
    _prepare(environment, options.products)
    with _servers(options.server, options.port, environment) as servers:
        pages = _pages(servers, environment)
        rates = _measure(servers, pages, options.seconds)
        slowest = wrk.run(Load(_search(servers["cold"]), connections=1), options.seconds)
        memory = [size for name in ("warm", "cold") for size in servers[name].workers()]
    large = options.products >= LARGE
    lines = [
        report.Line(
            page.name,
            rates[page.name],
            page.reference,
            rates[page.name] / rates[page.reference],
            page.targets[large],
        )
        for page in pages
    ]
    return _print(options, rates, lines, slowest.p99, memory)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=15, help="for each page")
    parser.add_argument("--server", choices=COMMANDS, default="sync")
    parser.add_argument("--port", type=int, default=8300, help="the first of four")
    return parser.parse_args()


def _environment(products: int) -> dict[str, str]:
    database = FOLDER / f"{products}.sqlite3"
    return {
        **os.environ,
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{database}",
        "DEBUG": "off",
        "RATE_LIMITS": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": "measured on this machine only, never behind a public address",
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
        "STRIPE_WEBHOOK_SECRET": "whsec_bench",
        "EMAIL_URL": "dummymail://",
        # A known visitor adds the same book all the time.
        "MAX_LINE_QUANTITY": "100000000",
        "PYTEST_VERSION": "not pytest, but no .env either",
        "LIMIT_DATABASE": str(FOLDER / "limit.sqlite3"),
    }


def _prepare(environment: dict[str, str], products: int) -> None:
    """Make the databases that are not there, and take out the carts of the last run."""

    def manage(*arguments: str, settings: str = "config.settings") -> None:
        own = {**environment, "DJANGO_SETTINGS_MODULE": settings, "LIMIT": "list"}
        subprocess.run([sys.executable, "-m", "django", *arguments], cwd=ROOT, env=own, check=True)

    manage("migrate", "--verbosity", "0")
    if _static_files_changed():
        manage("collectstatic", "--no-input", "--verbosity", "0")
    manage("load_demo", "--products", str(products))
    manage("shell", "--verbosity", "0", "--command", _CLEAN)
    if not Path(environment["LIMIT_DATABASE"]).exists():
        manage("migrate", "--run-syncdb", "--verbosity", "0", settings="bench.limit.settings")
        manage("shell", "--verbosity", "0", "--command", _ROWS, settings="bench.limit.settings")


def _static_files_changed() -> bool:
    manifest = ROOT / "var" / "static" / "staticfiles.json"
    files = (ROOT / "static").rglob("*")
    return not manifest.exists() or any(file.stat().st_mtime > manifest.stat().st_mtime for file in files)


_CLEAN = """
from django.utils import timezone
from shop import stock
from shop.models import Cart, Variant
Cart.objects.filter(user=None).delete()
for pk in Variant.objects.filter(product__slug="walden").values_list("pk", flat=True):
    stock.set_level(pk, 1_000_000_000, reason="Benchmark", now=timezone.now())
"""
_ROWS = """
from bench.limit.models import Row
Row.objects.bulk_create(Row(title=f"Row {n:04}", author=f"Author {n % 90}", price=n) for n in range(1000))
"""


@contextmanager
def _servers(kind: str, port: int, environment: dict[str, str]) -> Iterator[dict[str, Server]]:
    """Start the shop twice, with its pages kept and not, and the bare project twice."""
    wanted = {
        "hello": ("bench.limit.wsgi", {"LIMIT": "hello"}, "/hello/"),
        "list": ("bench.limit.wsgi", {"LIMIT": "list"}, "/list/"),
        "warm": ("config.wsgi", {}, "/healthz"),
        # Every page then costs what it costs the first who asks for it after a change of the catalogue.
        "cold": ("config.wsgi", {"PAGE_CACHE": "off"}, "/healthz"),
    }
    with ExitStack() as running:
        yield {
            name: running.enter_context(Server(kind, app, port + number, {**environment, **own}, ready))
            for number, (name, (app, own, ready)) in enumerate(wanted.items())
        }


def _search(server: Server) -> str:
    return f"{server.url}/products/?q={WORD}"


def _pages(servers: dict[str, Server], environment: dict[str, str]) -> list[Page]:
    warm, cold = servers["warm"].url, servers["cold"].url
    public = {
        "home": "/",
        "listing": "/products/",
        "category": "/products/?category=fiction",
        "product": "/products/walden/",
    }
    cart = _cart(environment)
    variant = cart.pop()
    cookie, known = cart
    form = f"variant={variant}&quantity=1"
    return [
        *(Page(f"{name}, warm", Load(warm + path), "hello", (0.7, 0.65)) for name, path in public.items()),
        *(Page(f"{name}, cold", Load(cold + path), "list", (0.7, 0.6)) for name, path in public.items()),
        Page("search, cold", Load(_search(servers["cold"])), "list", (0.4, 0.25)),
        Page("personal fragment", Load(f"{warm}/fragments/personal/", cookie), "list", (2, 2)),
        Page("cart with three lines", Load(f"{warm}/cart/", cookie), "list", (0.8, 0.8)),
        Page("add, new visitor", Load(f"{warm}/cart/lines/", form=form), "list", (0.8, 0.8)),
        Page("add, known visitor", Load(f"{warm}/cart/lines/", known, form), "list", (0.8, 0.8)),
    ]


def _cart(environment: dict[str, str]) -> list[str]:
    """Return the cookie of a cart with three lines, that of an empty one, and the id of a book to add."""
    said = subprocess.run(
        [sys.executable, "-m", "django", "shell", "--verbosity", "0", "--command", _CARTS],
        cwd=ROOT, env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return said.split()[-3:]


_CARTS = """
from django.http import HttpResponse
from django.utils import timezone
from shop import cart, visitor
from shop.models import Cart, Variant
book = Variant.objects.filter(product__slug="walden").first()
others = Variant.objects.filter(stock__gt=9).exclude(product=book.product).order_by("product", "pk")[:6:2]
for token, variants in (("three-lines", others), ("known", [book])):
    made = Cart.objects.create(token=token, created_at=timezone.now())
    for variant in variants:
        cart.add(made, variant.pk, 1)
    answer = HttpResponse()
    answer.set_signed_cookie(visitor.COOKIE, token, salt=visitor._SALT)
    print(answer.cookies.output(header="", attrs=[]).strip())
print(book.pk)
"""


def _measure(servers: dict[str, Server], pages: list[Page], seconds: int) -> dict[str, float]:
    """Return requests a second by name. In rounds, so that a machine that grows slower does so for all."""
    loads = {"hello": Load(servers["hello"].url + "/hello/"), "list": Load(servers["list"].url + "/list/")}
    loads |= {page.name: page.load for page in pages}
    rates: defaultdict[str, list[float]] = defaultdict(list)
    for load in loads.values():
        wrk.run(load, 1)
    for number in range(ROUNDS):
        print(f"Round {number + 1} of {ROUNDS} …", file=sys.stderr, flush=True)
        for name, load in loads.items():
            rates[name].append(wrk.run(load, max(1, seconds // ROUNDS)).rate)
    return {name: sum(measured) / ROUNDS for name, measured in rates.items()}


def _print(
    options: argparse.Namespace,
    rates: dict[str, float],
    lines: list[report.Line],
    p99: float,
    memory: list[int],
) -> int:
    most = 110 if options.products >= LARGE else 90
    highest = max(memory, default=0) / 1_000_000
    title = (
        f"{options.products:,} products, {options.server}, requests a second as a multiple of the bare page"
    )
    print(f"\n{title}\n")
    print(f"hello {rates['hello']:,.0f}/s, bare list page {rates['list']:,.0f}/s\n")
    print(report.table(lines))
    print(f"\nSearch at one connection: 99 of 100 within {p99:.0f} ms (under {P99_MILLISECONDS}).")
    print(f"Memory of the largest worker: {highest:.0f} MB (at most {most}).")
    if options.products == 1000:
        drawn = ROOT / "docs" / "pictures" / "bench.svg"
        drawn.write_text(report.picture(lines, title), "utf-8")
        print(f"Drawn: {drawn.relative_to(ROOT)}")
    reached = all(line.passes for line in lines) and p99 < P99_MILLISECONDS and highest <= most
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
