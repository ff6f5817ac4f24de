"""Many customers who buy at once over HTTP, and what they wait when Stripe hangs."""

import http.client
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench.customer import Answer, Cost, Customer, Request, Send, WrongAnswerError, adding, order
from stripe_standin.testing import Standin, StandinError

CUSTOMERS = 16
# Far longer than a page may take, so that one sees by how much.
TIMEOUT = 60


@dataclass
class Seen:
    """How long each step took, in seconds; how many walks were made in how long, and what went wrong."""

    seconds: float = 0.0
    walks: int = 0
    steps: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, steps: dict[str, float]) -> None:
        """Add the steps of one walk."""
        with self._lock:
            self.walks += 1
            for name, took in steps.items():
                self.steps[name].append(took)

    @property
    def longest(self) -> float:
        """Return how long the slowest answer took."""
        return max((max(took) for took in self.steps.values()), default=0.0)

    def percentiles(self, step: str, part: int) -> list[float]:
        """Return within how many seconds so many of a hundred were answered; nothing for a step that never came."""
        took = sorted(self.steps.get(step, []))
        return took[len(took) * part // 100 :][:1]


def measure(shop: str, standin: Standin, variants: Sequence[int], seconds: int) -> tuple[Seen, Seen]:
    """Let customers buy for so many seconds, then as long while Stripe hangs; return what both were like."""
    customers = [Customer(_over_http(shop), standin) for _number in range(CUSTOMERS)]
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        names = (f"bench-{time.time_ns()}-{number}@example.org" for number in range(CUSTOMERS))
        list(pool.map(Customer.sign_up, customers, names))
    bought = _all_at_once(_buy, customers, variants, seconds)
    standin.add_fault(action="hang", path="/v1/**", method="*", times=0)
    try:
        hung = _all_at_once(_try_to_buy, customers, variants, seconds)
    finally:
        standin.clear_faults()
    return bought, hung


Walk = Callable[[Customer, int], dict[str, float]]


def _all_at_once(walk: Walk, customers: Sequence[Customer], variants: Sequence[int], seconds: int) -> Seen:
    seen, begun, interrupted = Seen(), time.monotonic(), threading.Event()

    def go(number: int) -> None:
        while time.monotonic() < begun + seconds and not interrupted.is_set():
            try:
                seen.add(walk(customers[number], variants[number % len(variants)]))
            except (WrongAnswerError, StandinError, OSError, http.client.HTTPException) as error:
                seen.wrong.append(f"{type(error).__name__}: {error}")

    with ThreadPoolExecutor(len(customers)) as pool:
        try:
            list(pool.map(go, range(len(customers))))
        finally:
            interrupted.set()
    seen.seconds = time.monotonic() - begun
    return seen


def _buy(customer: Customer, variant: int) -> dict[str, float]:
    """Put one product into the cart and buy it."""
    took = {"add to the cart": customer.ask(adding(variant), measured=True).cost.took}
    bought = customer.buy(webhook_first=True)
    return took | {step.partition(",")[0]: cost.took for step, cost in bought.items()}


# What a customer may be told while Stripe hangs: to try again, that an order is still being paid. Never 500.
_FINE = (200, 302, 400, 409, 429, 503)


def _try_to_buy(customer: Customer, variant: int) -> dict[str, float]:
    """Go as far as one comes while Stripe does not answer."""
    took: dict[str, float] = {}

    def ask(step: str, request: Request) -> Answer:
        answer = customer.ask(request, *_FINE, measured=True)
        took[step] = answer.cost.took
        return answer

    ask("add to the cart", adding(variant))
    checkout = ask("checkout page", Request("/checkout/"))
    placed = ask("place", order(checkout)) if checkout.status == 200 else checkout
    path = placed.header("Location")
    if "/pay/" in path:
        ask("pay page", Request(path))
    if path.startswith("/checkout/"):
        ask("status page", Request(path.replace("/pay/", "/status/")))
    return took


def _over_http(url: str) -> Send:
    """Return a transport to a server, which tells how long each answer took."""
    host = urlsplit(url).netloc

    def send(request: Request, *, measured: bool) -> Answer:  # noqa: ARG001 - all are timed
        connection = http.client.HTTPConnection(host, timeout=TIMEOUT)
        begun = time.perf_counter()
        try:
            connection.request(request.method, request.path, request.body or None, dict(request.headers))
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        finally:
            connection.close()
        return Answer(answer.status, answer.getheaders(), body, Cost(took=time.perf_counter() - begun))

    return send
