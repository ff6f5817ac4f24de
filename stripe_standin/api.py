"""The table of `/v1` and the way of a request through it.

Order of checks, as Stripe's: fault rules, key, parameters' form, idempotency key, parameters, then the verb.
The verb, its events and the kept answer are one transaction.
"""

from dataclasses import dataclass
from typing import Any

from stripe_standin import errors, expand, forms, idempotency, intents, keys, params, versions
from stripe_standin.call import Call
from stripe_standin.clock import Clock
from stripe_standin.routes import Route, every
from stripe_standin.settings import Settings
from stripe_standin.store import Body, Store

REMOVED = "payment_method_types"
ALLOWED = "allowed_payment_method_types"


@dataclass(frozen=True, slots=True)
class Request:
    """What came over the wire."""

    method: str
    path: str
    query: str
    body: str
    authorization: str | None = None
    idempotency_key: str | None = None
    request_id: str = ""
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes back: a JSON body, its status and headers beyond the usual."""

    status: int
    body: Body
    headers: dict[str, str]


class Api:
    """Everything under `/v1`."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self.store, self.clock, self.settings = store, clock, settings
        self.keys = idempotency.Keys(store, clock)
        self.routes = [(route, route.pattern) for route in every()]

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route of a request and the ids in its path. Raises `Refusal` 404 as Stripe words it."""
        for route, pattern in self.routes:
            found = pattern.fullmatch(path) if route.method == method else None
            if found:
                return route, found.groupdict()
        message = (
            f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
            "https://support.stripe.com/. (This is a test stand-in, which knows only part of Stripe's API.)"
        )
        raise errors.Refusal(404, "invalid_request_error", message, stored=False)

    def answer(self, request: Request) -> Outcome:
        """Do what a request asks and return what to say."""
        headers: dict[str, str] = {}
        if request.idempotency_key and request.method == "POST":
            headers["Idempotency-Key"] = request.idempotency_key
        try:
            return self._answer(request, headers)
        except errors.Refusal as refusal:
            if refusal.status in (400, 401, 402, 404):
                headers["Stripe-Should-Retry"] = "false"
            return Outcome(refusal.status, refusal.body, headers)

    def keep(self, request: Request, status: int, body: Body) -> None:
        """Keep an answer under a request's idempotency key, whatever the work came to."""
        print_ = idempotency.fingerprint(request.path, forms.decode(request.body))
        with self.store.transaction():
            self.keys.keep(request.idempotency_key or "", print_, request.request_id, status, body)

    def _answer(self, request: Request, headers: dict[str, str]) -> Outcome:
        raw = forms.decode(request.query if request.method in ("GET", "DELETE") else request.body)
        caller = keys.identify(keys.given(request.authorization) or _text(raw.pop("key", None)))
        version = versions.date_of(request.version)
        route, path = self.match(request.method, request.path)
        if not route.for_browsers:
            keys.require_secret(caller)
        key = request.idempotency_key if request.method == "POST" else None
        print_ = idempotency.fingerprint(request.path, raw)
        kept = self.keys.check(key, print_) if key else None
        if kept:
            headers |= {"Idempotent-Replayed": "true", "Original-Request": kept.request_id}
            return Outcome(kept.status, kept.body, headers)
        call = Call(
            self.store, self.clock, self.settings, caller, self._parameters(route, raw, caller, version), path,
            request.request_id, request.idempotency_key,
        )  # fmt: skip
        with self.store.transaction():
            status, body = self._perform(route, call)
            if key:
                self.keys.keep(key, print_, request.request_id, status, body)
        return Outcome(status, body, headers)

    def _perform(self, route: Route, call: Call) -> tuple[int, Body]:
        """Run a verb; a refusal that the key must remember takes its own writes back and nothing else."""
        self.store.db.execute("SAVEPOINT verb")
        try:
            answer = route.verb(call)
            body = intents.shown(call, answer.body)
            if answer.status == 200:
                body = expand.apply(call, body, call.params.get("expand") or [])
        except errors.Refusal as refusal:
            self.store.db.execute("ROLLBACK TO verb")
            if not refusal.stored:
                raise
            return refusal.status, intents.shown(call, refusal.body)
        return answer.status, body

    def _parameters(
        self, route: Route, raw: dict[str, Any], caller: keys.Caller, version: str
    ) -> dict[str, Any]:
        """Return a request's checked parameters, browser-only ones where a browser asks."""
        if route.method == "POST" and route.path.startswith("/v1/payment_intents"):
            _name_types(route, raw, version)
        if route.fields is not None:
            return params.check("", raw, route.fields)
        return params.check(route.operation, raw, route.browser_fields if caller.is_browser else None)


def _name_types(route: Route, raw: dict[str, Any], version: str) -> None:
    """Read `payment_method_types` as versions that had it mean it. Raises `Refusal` 400 for later ones."""
    if REMOVED in raw:
        if version >= versions.TYPES_REMOVED:
            message = (
                "The `payment_method_types` parameter is no longer supported. Use `allowed_payment_method_types`, or "
                "`automatic_payment_methods`, to control which payment methods are offered."
            )
            raise errors.invalid(message, REMOVED, "payment_method_types_no_longer_supported")
        raw[ALLOWED] = raw.pop(REMOVED)
    is_new = route.path == "/v1/payment_intents"
    if (
        is_new
        and version < versions.AUTOMATIC_BY_DEFAULT
        and not {ALLOWED, "automatic_payment_methods"} & set(raw)
    ):
        raw[ALLOWED] = ["card"]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
