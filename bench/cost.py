"""What a request costs in the shop's own process, beside the bare project's: in rounds that each ask everything."""

import shutil
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields

from bench.customer import Answer, Cost, Customer, Request, adding
from bench.databases import Database
from bench.meters import InstructionMeter, Meter
from stripe_standin.testing import Standin

PUBLIC = {
    "home": "/",
    "listing": "/products/",
    "category": "/products/?category=fiction",
    "product": "/products/walden/",
}
# One of the words of the invented titles: about one product in a hundred has it.
SEARCH = "/products/?q=hollow"
# As browsers do. What answers uncompressed, like the bare pages, is not touched by it.
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
# How many lines the orders have.
LINES = (1, 20)
ROUNDS = 7
# Instructions are the same in each, save for when the collector of garbage runs.
EXACT_ROUNDS = 3

Meters = dict[str, Meter]
Samples = defaultdict[str, list[Cost]]


@dataclass(frozen=True)
class Page:
    """What is asked, of whom, and how often at a time. A page made anew is asked once, and nothing is kept before."""

    name: str
    meter: str
    request: Request
    times: int = 10
    is_kept: bool = False

    @property
    def is_anew(self) -> bool:
        """Tell whether nothing may be kept."""
        return self.meter in {"anew", "smaller"}


def has_valgrind() -> bool:
    """Tell whether instructions can be counted."""
    return all(map(shutil.which, ("valgrind", "vgdb")))


def measure(
    database: Database, variants: Sequence[int], standin: Standin, smaller: Database | None = None
) -> dict[str, Cost]:
    """Return what each page and each step of a purchase costs, by name: the medians of all rounds.

    With a smaller database of the same kind, also what the pages made anew cost there, as “home, smaller”.
    """
    samples: Samples = defaultdict(list)
    shops = {"anew": database, **({"smaller": smaller} if smaller else {})}
    with _meters(Meter, database, shops, standin) as plain:
        bench = Bench(plain, variants, standin)
        bench.round(samples, counts=True)
        for number in range(ROUNDS):
            _say(f"CPU time, round {number + 1} of {ROUNDS}")
            bench.round(samples)
        if has_valgrind():
            with _meters(InstructionMeter, database, shops, standin) as exact:
                _say("starting under Valgrind")
                bench.use(exact)
                for number in range(EXACT_ROUNDS):
                    _say(f"instructions, round {number + 1} of {EXACT_ROUNDS}")
                    bench.round(samples)
    return {name: _median(costs) for name, costs in samples.items()}


@contextmanager
def _meters(
    kind: type[Meter], database: Database, shops: dict[str, Database], standin: Standin
) -> Iterator[Meters]:
    """Start the bare project with and without middleware, the shop as it is served, and shops that keep nothing."""

    def meter(application: str, one: Database, **more: str) -> Meter:
        environment = {**one.environment, "STRIPE_API_BASE": standin.url, **more}
        return running.enter_context(kind(application, environment))

    with ExitStack() as running:
        yield {
            "hello": meter("bench.limit.wsgi", database, LIMIT="hello"),
            "list": meter("bench.limit.wsgi", database, LIMIT="list"),
            "shop": meter("config.wsgi", database),
            **{name: meter("config.wsgi", one, PAGE_CACHE="off") for name, one in shops.items()},
        }


class Bench:
    """What is asked in a round, and who asks it."""

    def __init__(self, meters: Meters, variants: Sequence[int], standin: Standin) -> None:
        # What is not measured, such as filling a cart, always asks a process that is quick.
        self._quick = meters["shop"]
        self._variants, self._counts = variants, False
        self._buyer = Customer(self._send, standin)
        self._buyer.sign_up(f"bench-{time.time_ns()}@example.org")
        three, known = Customer(self._send, standin), Customer(self._send, standin)
        three.fill_cart(variants[:3])
        known.fill_cart(variants[:1])
        self._pages = _pages(list(meters), three, known, adding(variants[0]))
        self.use(meters)

    def use(self, meters: Meters) -> None:
        """Measure with these from now on. They are warmed up: templates are compiled, modules imported."""
        self._meters = meters
        for _time in range(2):
            for page in self._pages:
                self._run(page)
        for lines in LINES:
            self._buy(lines, webhook_first=True)
        for meter in meters.values():
            meter.settle()

    def round(self, samples: Samples, *, counts: bool = False) -> None:
        """Ask everything once, and add what it cost, or how many statements it took, to the samples."""
        self._counts = counts
        for page in self._pages:
            if page.is_kept:  # the last round has changed the catalogue
                self._run(page)
            samples[page.name].append(self._run(page, page.times).cost)
        for lines in LINES:
            for webhook_first in (True, False):
                for step, cost in self._buy(lines, webhook_first=webhook_first).items():
                    samples[f"{step}, {lines}"].append(cost)

    def _run(self, page: Page, times: int = 1) -> Answer:
        answer = self._ask(page.meter, page.request, times, forget=page.is_anew)
        if answer.status != 200:
            raise SystemExit(f"{page.name} was answered {answer.status}:\n{answer.body[:2000]}")
        return answer

    def _buy(self, lines: int, *, webhook_first: bool) -> dict[str, Cost]:
        self._buyer.fill_cart(self._variants[:lines])
        return self._buyer.buy(webhook_first=webhook_first)

    def _send(self, request: Request, *, measured: bool) -> Answer:
        return self._ask("shop", request) if measured else self._quick.run(request)

    def _ask(self, meter: str, request: Request, times: int = 1, *, forget: bool = False) -> Answer:
        if self._counts:
            return self._meters[meter].count(request, forget=forget)
        return self._meters[meter].run(request, times, forget=forget)


def _pages(meters: Sequence[str], three: Customer, known: Customer, add: Request) -> list[Page]:
    """Return what a round asks; what changes the catalogue comes last."""
    return [
        Page("hello", "hello", Request("/hello/", headers=BROWSER), 50),
        Page("list", "list", Request("/list/", headers=BROWSER)),
        *(Page(f"{name}, warm", "shop", _get(path), 50, is_kept=True) for name, path in PUBLIC.items()),
        Page("header fragment", "shop", three.with_cookies(_get("/fragments/personal/"))),
        Page("cart of three", "shop", three.with_cookies(_get("/cart/"))),
        Page("add, new visitor", "shop", add),
        Page("add, known visitor", "shop", known.with_cookies(add)),
        *(
            Page(f"{name}, {meter}", meter, _get(path), 1)
            for meter in meters
            if meter in {"anew", "smaller"}
            for name, path in {**PUBLIC, "search": SEARCH}.items()
        ),
    ]


def _get(path: str) -> Request:
    return Request(path, headers=BROWSER)


def _say(what: str) -> None:
    print(f"Cost: {what} …", file=sys.stderr, flush=True)


def _median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each quantity, of those that measured it."""
    values = {
        field.name: [value for cost in costs if (value := getattr(cost, field.name))]
        for field in fields(Cost)
    }
    return Cost(**{name: statistics.median(found) if found else 0.0 for name, found in values.items()})
