"""A customer of the shop, over any transport: in one process for what it costs, over HTTP for how long it takes.

Nothing is measured here: a transport answers each request, and says what it cost.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Protocol
from urllib.parse import urlencode

from stripe_standin.testing import Standin

WEBHOOK_SECRET = "whsec_standin"
PAID = "payment_intent.succeeded"
ADDRESS = {
    "full_name": "Alice Liddell",
    "line1": "Oudegracht 12",
    "city": "Utrecht",
    "postal_code": "3511 AB",
    "country": "NL",
    "delivery": "post",
}
# What our own script sends with a form on a public page.
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}


class WrongAnswerError(Exception):
    """The shop answered something else than what was to be measured."""


@dataclass(frozen=True)
class Cost:
    """What one request cost, as far as the transport can tell: seconds of CPU and of the clock, and counts."""

    cpu: float = 0.0
    took: float = 0.0
    instructions: float = 0.0
    statements: float = 0.0


@dataclass(frozen=True)
class Request:
    """What is sent. The path may have a query."""

    path: str
    method: str = "GET"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: str
    cost: Cost = Cost()

    def header(self, name: str) -> str:
        """Return a header's first value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Send(Protocol):
    """A transport: answers a request, and where it is one that is measured, says what it cost."""

    def __call__(self, request: Request, *, measured: bool) -> Answer:
        """Return the answer."""
        ...


def form(path: str, fields: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Request:
    """Return the request that sends a form."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request(path, "POST", urlencode(fields), {**kind, **(headers or {})})


def adding(variant: int) -> Request:
    """Return the request that puts one edition into the cart."""
    return form("/cart/lines/", {"variant": variant, "quantity": 1}, FROM_OUR_PAGE)


class Customer:
    """One browser: keeps cookies, logs in, fills a cart and buys what is in it."""

    def __init__(self, send: Send, standin: Standin) -> None:
        self._send, self._standin = send, standin
        self.cookies: dict[str, str] = {}

    def ask(self, request: Request, *wanted: int, measured: bool = False) -> Answer:
        """Return the answer to a request. Raises WrongAnswerError where it is none of the statuses that are wanted."""
        answer = self._send(self.with_cookies(request), measured=measured)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(value).items()}
        if answer.status not in (wanted or (200,)):
            raise WrongAnswerError(f"{request.method} {request.path}: {answer.status}\n{answer.body[:2000]}")
        return answer

    def with_cookies(self, request: Request) -> Request:
        """Return the request as this browser sends it."""
        if not self.cookies:
            return request
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return Request(request.path, request.method, request.body, {**request.headers, "Cookie": cookies})

    def sign_up(self, email: str) -> None:
        """Make an account and be logged in."""
        page = self.ask(Request("/accounts/signup/"))
        fields = {"email": email, "password1": "a-long-enough-one", **_token(page)}
        self.ask(form("/accounts/signup/", fields), 302)

    def fill_cart(self, variants: Sequence[int]) -> None:
        """Put one of each variant into the cart."""
        for variant in variants:
            self.ask(adding(variant))

    def buy(self, *, webhook_first: bool) -> dict[str, Cost]:
        """Buy what is in the cart; return what each of the five requests cost.

        Stripe's webhook and the customer's return race, and the first of them carries out what a payment means.
        """
        checkout = self.ask(Request("/checkout/"), measured=True)
        placed = self.ask(order(checkout), 302, measured=True)
        pay_path = placed.header("Location")
        pay = self.ask(Request(pay_path), measured=True)
        intent = _found(r"(pi_\w+?)_secret_", pay)
        self._standin.pay(intent)
        webhook = self._webhook(intent)
        told = self._tell(webhook) if webhook_first else None
        status = self.ask(Request(pay_path.replace("/pay/", "/status/")), measured=True)
        told = told or self._tell(webhook)
        if _found(r'data-order-status="(\w+)"', status) != "paid":
            raise WrongAnswerError(f"The order of {intent} is not paid.")
        costs = [answer.cost for answer in (checkout, placed, pay, status, told)]
        return dict(zip(steps(webhook_first=webhook_first), costs, strict=True))

    def _tell(self, webhook: Request) -> Answer:
        answer = self._send(webhook, measured=True)
        if answer.status != 200:
            raise WrongAnswerError(f"The webhook was answered {answer.status}: {answer.body[:500]}")
        return answer

    def _webhook(self, intent: str) -> Request:
        """Return the event that an intent was paid, as Stripe sends it."""
        events = self._standin.request("GET", f"/v1/events?type={PAID}&limit=100")["data"]
        event = next((event for event in events if event["data"]["object"]["id"] == intent), None)
        if event is None:
            raise WrongAnswerError(f"The stand-in has no event that says that {intent} was paid.")
        body, now = json.dumps(event), int(time.time())
        signed = hmac.new(WEBHOOK_SECRET.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={signed}"}
        return Request("/webhooks/stripe/", "POST", body, headers)


def steps(*, webhook_first: bool) -> tuple[str, ...]:
    """Return the names of a purchase's five requests."""
    status, webhook = ("second", "first") if webhook_first else ("first", "second")
    return ("checkout page", "place", "pay page", f"status page, {status}", f"webhook, {webhook}")


def order(checkout: Answer) -> Request:
    """Return the form that places what a checkout page shows."""
    total = {"total": _found(r'name="total" value="(\d+)"', checkout)}
    return form("/checkout/", {**ADDRESS, **total, **_token(checkout)})


def _token(page: Answer) -> dict[str, str]:
    return {"csrfmiddlewaretoken": _found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)}


def _found(pattern: str, page: Answer) -> str:
    found = re.search(pattern, page.body)
    if found is None:
        raise WrongAnswerError(f"There is no {pattern} in:\n{page.body[:2000]}")
    return found[1]
