"""What the shop's own server answers to wrk, beside the bare view under the same server with the same settings."""

import statistics
import sys
from dataclasses import dataclass, field

from bench import wrk
from bench.cost import PUBLIC, SEARCH
from bench.servers import Server

ROUNDS = 5


@dataclass
class Pair:
    """One page and the bare view, each asked right after the other: requests a second and the workers' CPU seconds."""

    rates: list[tuple[float, float]] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Return how often the page was answered in a second."""
        return statistics.median(page for _hello, page in self.rates)

    @property
    def by_rate(self) -> float:
        """Return how many times the bare view's rate that is."""
        return statistics.median(page / hello for hello, page in self.rates)

    @property
    def by_cpu(self) -> float | None:
        """Return the same by the CPU time of the workers, which other programs disturb less; None if not known."""
        known = [hello / page for hello, page in self.seconds if page]
        return statistics.median(known) if known else None


@dataclass(frozen=True)
class Served:
    """The pages by name, and within how many milliseconds 99 of 100 searches were answered.

    The workers' CPU time decides; where their database is another process, whose time that leaves out, the worse of
    both.
    """

    pages: dict[str, Pair]
    search_p99: float
    is_apart: bool

    @property
    def hello(self) -> float:
        """Return how often the bare view was answered in a second."""
        return statistics.median(hello for pair in self.pages.values() for hello, _page in pair.rates)

    def missed(self, least: float) -> list[str]:
        """Return the pages that reach less than so many times the bare view."""
        return [name for name, pair in self.pages.items() if self._decisive(pair) < least]

    def _decisive(self, pair: Pair) -> float:
        by_cpu = pair.by_cpu or pair.by_rate
        return min(by_cpu, pair.by_rate) if self.is_apart else by_cpu


def measure(hello: Server, shop: Server, anew: Server, seconds: int, *, is_apart: bool) -> Served:
    """Ask the bare view and each kept page in turn, so that a machine that grows busier does so for both."""
    pages = {name: Pair() for name in PUBLIC}
    for path in PUBLIC.values():
        wrk.run(shop.url + path, 1)
    for number in range(ROUNDS):
        print(f"As served: round {number + 1} of {ROUNDS} …", file=sys.stderr, flush=True)
        for name, path in PUBLIC.items():
            bare, page = (
                _ask(*asked, max(1, seconds // ROUNDS)) for asked in ((hello, "/hello/"), (shop, path))
            )
            pages[name].rates.append((bare[0], page[0]))
            pages[name].seconds.append((bare[1], page[1]))
    # Over one connection, where nobody waits for anybody else.
    return Served(pages, wrk.run(anew.url + SEARCH, seconds, connections=1).p99, is_apart)


def _ask(server: Server, path: str, seconds: int) -> tuple[float, float]:
    """Return how many requests a second were answered, and how long the workers computed for each."""
    before = server.worker_seconds()
    answers = wrk.run(server.url + path, seconds)
    return answers.rate, (server.worker_seconds() - before) / answers.requests
