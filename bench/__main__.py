"""What Folio claims about speed, as a command: `make bench`. How to read it: bench/README.md."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from bench import cost, picture, purchases, report, served, wrk
from bench.customer import Cost
from bench.databases import LOG, ROOT, Database, postgresql, sqlite
from bench.lines import LARGE
from bench.report import Result
from bench.servers import COMMANDS, Server, application, standin
from stripe_standin.testing import Standin

PICTURE = ROOT / "docs" / "pictures" / "bench.svg"
SMALL = 1000
PARTS = ("cost", "served", "purchases")


def main() -> int:
    """Measure and print; return 0 when every target was reached."""
    options = _options()
    # So that what was started ends with us.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    LOG.unlink(missing_ok=True)
    machine = report.machine()
    results = []
    with standin(options.port + 3) as stripe:
        for make in _kinds():
            results.append(_measure(make, stripe, options))
            print(f"\n{report.text(results[-1], machine)}\n", flush=True)
    if options.write:
        report.write(results, machine)
        if options.products == SMALL:
            PICTURE.write_text(picture.draw(results[0].pages, _caption(results[0])), "utf-8")
    missed = [f"MISS {result.title}: {name}" for result in results for name in result.missed()]
    print("\n".join(missed) or "Every target that was measured is reached.")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=SMALL)
    parser.add_argument("--seconds", type=int, default=15, help="for each page as served, and for purchases")
    parser.add_argument("--only", choices=PARTS, help="one of the three parts")
    parser.add_argument("--server", choices=COMMANDS, default="gunicorn")
    parser.add_argument("--port", type=int, default=8300, help="the first of four")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scaling.md")
    options = parser.parse_args()
    if options.write and options.only:
        parser.error("--write needs all parts: the tables would lose the others")
    return options


def _kinds() -> list[Callable[[int], Database]]:
    """Return how to make the databases that are measured on, from the number of products."""
    url = os.environ.get("DATABASE_URL", "")
    return [sqlite, *([partial(postgresql, url=url)] if url.startswith("postgres") else [])]


def _measure(make: Callable[[int], Database], stripe: Standin, options: argparse.Namespace) -> Result:
    database = make(options.products)
    variants = database.prepare()
    result = Result(database, database.version())
    wanted = (options.only,) if options.only else PARTS
    if "cost" in wanted:
        result.costs = _cost(make, database, variants, stripe)
    if {"served", "purchases"} & {*wanted}:
        _serve(result, variants, stripe, options, wanted)
    return result


def _cost(
    make: Callable[[int], Database], database: Database, variants: list[int], stripe: Standin
) -> dict[str, Cost]:
    if not cost.has_valgrind():
        _warn(
            "Valgrind is not installed (apt install valgrind): CPU time decides, which other programs disturb."
        )
    smaller = make(SMALL) if database.products >= LARGE else None
    if smaller:
        smaller.prepare()
    return cost.measure(database, variants, stripe, smaller)


def _serve(
    result: Result, variants: list[int], stripe: Standin, options: argparse.Namespace, wanted: tuple[str, ...]
) -> None:
    """Measure what needs servers: the bare view, the shop as it is served, and the shop without its page cache."""
    told = {**result.database.environment, "STRIPE_API_BASE": stripe.url}
    ports = iter(range(options.port, options.port + 3))
    with ExitStack() as running:

        def start(app: str, ready: str = "/healthz", **more: str) -> Server:
            return running.enter_context(
                application(options.server, app, next(ports), {**told, **more}, ready)
            )

        hello = start("bench.limit.wsgi", "/hello/", LIMIT="hello")
        shop, anew = start("config.wsgi"), start("config.wsgi", PAGE_CACHE="off")
        if "served" in wanted and wrk.is_there():
            result.served = served.measure(
                hello, shop, anew, options.seconds, is_apart=result.database.is_apart
            )
            result.memory["after pages"] = max(shop.largest_worker(), anew.largest_worker())
        elif "served" in wanted:
            _warn("wrk is not installed (apt install wrk): what the server answers is not measured.")
        if "purchases" in wanted:
            result.purchases = purchases.measure(shop.url, stripe, variants, options.seconds)
            result.memory["after purchases"] = shop.largest_worker()


def _warn(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _caption(result: Result) -> str:
    return f"{result.title}: how many of each page cost what one bare page costs"


if __name__ == "__main__":
    sys.exit(main())
