"""Carries events to endpoints, signed, and does what timers say is due."""

import asyncio
import hashlib
import hmac
import http.client
import json
import logging
import random
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from stripe_standin import deliveries, timers
from stripe_standin.call import Call
from stripe_standin.store import Body

TIMEOUT = 10.0
ANSWER_LENGTH = 2000


def signature(payload: str, secrets: list[str], stamp: int) -> str:
    """Return the `Stripe-Signature` header: one `v1` for each active secret."""
    signed = f"{stamp}.{payload}".encode()
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={stamp}", *(f"v1={mark}" for mark in marks)])


def post(url: str, payload: str, header: str) -> tuple[int | None, str, str | None]:
    """Send one event and return (status or None, beginning of the answer, what went wrong). Redirects are not followed."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe-Standin/1.0",
        "Stripe-Signature": header,
    }
    try:
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            payload.encode(),
            headers,
        )
        response = connection.getresponse()
        return response.status, response.read(ANSWER_LENGTH).decode(errors="replace"), None
    except (OSError, http.client.HTTPException) as problem:
        return None, "", f"{type(problem).__name__}: {problem}"[:200]
    finally:
        connection.close()


@dataclass(slots=True)
class Manners:
    """How deliveries misbehave on demand: copies of each, seconds of wait, any order, or none at all."""

    copies: int = 1
    delay: float = 0.0
    shuffle: bool = False
    hold: bool = False

    def listed(self) -> Body:
        """Return them as JSON."""
        return asdict(self)


class Mailer:
    """The one worker: runs timers when they are due and sends deliveries, one at a time, oldest first."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.manners = Manners()
        self.wake = asyncio.Event()
        self.idle = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled; what goes wrong inside is told and tried again."""
        while True:
            self.wake.clear()
            try:
                await self.round()
            except Exception:
                logging.getLogger(__name__).exception("Later work failed; it is tried again in a second.")
                await asyncio.sleep(1)
            try:
                await asyncio.wait_for(self.wake.wait(), self.pause())
            except TimeoutError:
                continue

    async def round(self) -> None:
        """Do all that is due by now, deliveries one after the other."""
        timers.run(self.call)
        for tried in self.batch():
            self.idle.clear()
            await self.send(tried)
            timers.run(self.call)
        if not self.batch():
            self.idle.set()

    def stir(self) -> None:
        """Look again at once: something was written."""
        self.idle.clear()
        self.wake.set()

    def pause(self) -> float:
        """Return how long nothing can be due, at most a second."""
        known = [timers.next_due(self.call), None if self.manners.hold else deliveries.next_due(self.call)]
        times = [due + self.manners.delay for due in known if due is not None]
        return max(0.005, min([1.0, *(due - self.call.clock.now() for due in times)]))

    def batch(self) -> list[deliveries.Try]:
        """Return the tries to make now, as the manners want them."""
        if self.manners.hold:
            return []
        now = self.call.clock.now()
        found = [one for one in deliveries.due(self.call) if one["due"] + self.manners.delay <= now]
        if self.manners.shuffle:
            random.shuffle(found)
        return found

    async def send(self, tried: deliveries.Try) -> None:
        """Make one try (or its copies) and record it."""
        event = self.call.store.get(tried["event"], "event")
        endpoint = self.call.store.get(tried["endpoint"], "webhook_endpoint")
        if event is None or endpoint is None:
            self.call.store.db.execute("DELETE FROM deliveries WHERE id = ?", (tried["id"],))
            return
        payload = json.dumps(event, indent=2)
        secrets = self.call.store.inner(endpoint["id"])["secrets"]
        status, answer, error = None, "", None
        for _ in range(self.manners.copies):
            header = signature(payload, secrets, int(time.time()))
            status, answer, error = await asyncio.to_thread(post, endpoint["url"], payload, header)
        with self.call.store.transaction():
            deliveries.finish(self.call, tried, status, answer, error)
