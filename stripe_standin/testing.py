"""A stand-in for tests: `Standin` runs one in this process, on a free port, with a database of its own.

    from stripe_standin.testing import Standin

    with Standin() as standin:                     # or .start() and .stop(); starts in about 0.2 s
        standin.url                                # "http://127.0.0.1:43121": the Stripe client's API base
        standin.js_url                             # "…/endive/stripe.js": what the shop's page loads
        standin.secret_key, standin.publishable_key    # any sk_test_… / pk_test_… pair would do
        standin.pay("pi_…")                        # confirm as a shopper would, by default with a good Visa
        standin.pay("pi_…", "pm_card_visa_chargeDeclined")   # returns the intent in `requires_payment_method`
        standin.pay("pi_…", "pm_card_authenticationRequired")            # the challenge is passed
        standin.pay("pi_…", "pm_card_authenticationRequired", challenge="fail")    # or "leave" it open
        standin.answer_challenge("pi_…", passed=True)      # what was left open
        standin.intent("pi_…")                     # the PaymentIntent as JSON, by a secret key
        standin.intents()                          # the newest 100
        standin.add_fault(action="apply_then_drop", path="/v1/payment_intents", nth=3)   # see faults.py
        standin.clear_faults()
        standin.advance(180)                       # move its clock forward, seconds
        standin.send_webhooks_to(url, "whsec_…")   # one more endpoint, for all events; returns its id
        standin.deliver()                          # wait until every delivery that is due was tried
        standin.webhooks(copies=2, shuffle=True, delay=0.5, hold=False)     # how deliveries misbehave
        standin.deliveries()                       # every try, newest first: event, type, url, status, answer
        standin.resend("evt_…")
        standin.settle("pi_…", paid=False)         # end `processing` now
        standin.dispute("ch_…")                    # open a dispute about a charge
        standin.reset()                            # between tests: forget objects, keys, faults, moved time

Keep one for a whole test session (each pytest-xdist worker has its own) and call `reset()` before each test.
All methods may be called from any thread. Answers other than 2xx and 402 raise `StandinError`.
"""

import asyncio
import http.client
import json
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from stripe_standin.settings import Settings

Json = dict[str, Any]


class StandinError(Exception):
    """An answer that was not expected: `status` and the parsed `body`."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Standin:
    """A stand-in in a thread of this process, or a handle on one that runs elsewhere (`Standin.at(url)`)."""

    secret_key = "sk_test_standin"  # noqa: S105 - any test key does
    publishable_key = "pk_test_standin"

    def __init__(self, **settings: Any) -> None:
        """Take the same settings as `settings.Settings`; port 0, the default, means a free one."""
        self._given: Json = {"port": 0, **settings}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Any = None
        self.url = ""

    @classmethod
    def at(cls, url: str) -> Self:
        """Return a handle on a stand-in that another process runs."""
        made = cls()
        made.url = url.rstrip("/")
        return made

    @property
    def js_url(self) -> str:
        """The address of the script that a page loads."""
        return f"{self.url}/endive/stripe.js"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start serving and return once requests are answered."""
        from stripe_standin import server, state

        given = dict(self._given)
        if "database" not in given:
            self._folder = tempfile.TemporaryDirectory(prefix="standin-")
            given["database"] = Path(self._folder.name) / "standin.sqlite3"
        sock = server.listen(given.get("host", "127.0.0.1"), given["port"])
        given["port"] = sock.getsockname()[1]
        settings = Settings(**given)
        self.url = settings.url
        ready = threading.Event()

        def work() -> None:
            standin = state.Standin.open(settings)
            try:
                with asyncio.Runner() as runner:
                    self._server = server.server(standin)
                    self._loop = runner.get_loop()
                    ready.set()
                    runner.run(server.serve(standin, self._server, sock))
            finally:
                standin.store.close()

        self._thread = threading.Thread(target=work, name="stripe-standin", daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def stop(self) -> None:
        """Stop serving and remove the database, if it was a temporary one."""
        if self._thread and self._server:
            self._server.should_exit = True
            self._server.force_exit = True
            self._thread.join(10)
        self._thread = None
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def request(
        self, method: str, path: str, form: Json | None = None, data: Any = None, key: str = ""
    ) -> Json:
        """Send a request with a secret key (or the one given) and return its JSON. Raises `StandinError`."""
        host = self.url.partition("://")[2]
        connection = http.client.HTTPConnection(host, timeout=20)
        headers = {"Authorization": f"Bearer {key or self.secret_key}"}
        body = None
        if data is not None:
            body, headers["Content-Type"] = json.dumps(data), "application/json"
        elif form is not None:
            body, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        answer = json.loads(text) if text.startswith(("{", "[")) else {"text": text}
        if not 200 <= response.status < 300 and response.status not in (303, 402):
            raise StandinError(response.status, answer)
        return answer if isinstance(answer, dict) else {"data": answer}

    def reset(self) -> None:
        """Forget all objects, idempotency keys, faults and moved time."""
        self.request("POST", "/_standin/reset")

    def add_fault(self, **rule: Any) -> str:
        """Add a fault rule (see `faults.py` for its fields) and return its id."""
        made = self.request("POST", "/_standin/faults", data=rule)["data"]
        return str(made[0])

    def faults(self) -> list[Json]:
        """Return the rules, with how many requests each has `seen` and `used`."""
        rules: list[Json] = self.request("GET", "/_standin/faults")["data"]
        return rules

    def clear_faults(self) -> None:
        """Remove every fault rule."""
        self.request("DELETE", "/_standin/faults")

    def advance(self, seconds: float) -> None:
        """Move the stand-in's clock forward."""
        self.request("POST", "/_standin/clock", data={"advance": seconds})

    def send_webhooks_to(self, url: str, secret: str) -> str:
        """Send all events to an address from now on, signed with this secret; return the endpoint's id."""
        made = self.request("POST", "/_standin/endpoints", data={"url": url, "secrets": [secret]})
        return str(made["id"])

    def deliver(self, seconds: float = 10) -> None:
        """Wait until every delivery that is due was tried. Raises `StandinError` when that takes too long."""
        self.request("POST", f"/_standin/deliveries/wait?seconds={seconds}")

    def webhooks(self, **manners: Any) -> Json:
        """Say how deliveries misbehave: `copies`, `delay` in seconds, `shuffle`, `hold`; return all four."""
        return self.request("POST", "/_standin/webhooks", data=manners)

    def deliveries(self) -> list[Json]:
        """Return the newest 1000 tries, newest first."""
        tries: list[Json] = self.request("GET", "/_standin/deliveries?limit=1000")["data"]
        return tries

    def resend(self, event_id: str) -> None:
        """Send an event once more to every endpoint that wants it."""
        self.request("POST", "/_standin/resend", data={"event": event_id})

    def settle(self, intent_id: str, *, paid: bool = True) -> Json:
        """End an intent's `processing` and return the intent."""
        return self.request("POST", "/_standin/settle", data={"payment_intent": intent_id, "paid": paid})

    def dispute(self, charge_id: str, reason: str = "fraudulent", status: str = "needs_response") -> Json:
        """Open a dispute about a charge and return it."""
        return self.request(
            "POST", "/_standin/dispute", data={"charge": charge_id, "reason": reason, "status": status}
        )

    def events(self) -> list[Json]:
        """Return the newest 100 events, newest first."""
        data: list[Json] = self.request("GET", "/v1/events?limit=100")["data"]
        return data

    def intent(self, intent_id: str) -> Json:
        """Return a PaymentIntent."""
        return self.request("GET", f"/v1/payment_intents/{intent_id}")

    def intents(self) -> list[Json]:
        """Return the newest 100 PaymentIntents, newest first."""
        data: list[Json] = self.request("GET", "/v1/payment_intents?limit=100")["data"]
        return data

    def pay(self, intent_id: str, payment_method: str = "pm_card_visa", *, challenge: str = "pass") -> Json:
        """Confirm an intent as the shopper's browser would, and return it as it is then.

        `payment_method` is a test id from `data/test_cards.json`; `challenge` says what the shopper does with a
        3-D Secure question: `pass`, `fail` or `leave`.
        """
        secret = self.intent(intent_id)["client_secret"]
        form = {
            "client_secret": secret,
            "payment_method": payment_method,
            "return_url": "http://127.0.0.1/return",
            "use_stripe_sdk": "true",
        }
        self.request("POST", f"/v1/payment_intents/{intent_id}/confirm", form, key=self.publishable_key)
        intent = self.intent(intent_id)
        if intent["status"] == "requires_action" and challenge != "leave":
            return self.answer_challenge(intent_id, passed=challenge == "pass")
        return intent

    def take_slip(self, intent_id: str) -> Json:
        """Choose Multibanco as the shopper's browser would, and return the intent: it waits for somebody to pay by a slip.

        The stand-in must offer it (`payment_methods`). `answer_challenge` pays, or lets it expire.
        """
        form = {
            "client_secret": self.intent(intent_id)["client_secret"],
            "payment_method_data[type]": "multibanco",
            "return_url": "http://127.0.0.1/return",
        }
        self.request("POST", f"/v1/payment_intents/{intent_id}/confirm", form, key=self.publishable_key)
        return self.intent(intent_id)

    def answer_challenge(self, intent_id: str, *, passed: bool) -> Json:
        """Answer an open 3-D Secure question, or pay by a slip, as the shopper would; return the intent as it is then."""
        action = self.intent(intent_id)["next_action"]
        asked = action[action["type"]]
        page = asked.get("stripe_js") or asked.get("hosted_voucher_url") or asked["url"]
        path = page.removeprefix(self.url).partition("?")[0]
        self.request("POST", path, {"result": "authorize" if passed else "fail"})
        return self.intent(intent_id)
