"""Faults on demand: what networks and servers do wrong, at the request a test names.

A rule is a JSON object:

- `method` (default `POST`, `*` for any), `path` such as `/v1/payment_intents/*/confirm`: `*` is one part,
  `**` any number of parts
- `nth` (default 1): the first matching request, counted from when the rule was made, that it applies to
- `times` (default 1): how many requests it applies to; 0 means every one from then on
- `action`:
  `delay` waits `seconds`, then works as usual ·
  `hang` takes the request and never answers (or closes after `seconds`), without an effect ·
  `status` answers `status` (default 500) without an effect, with Stripe's error body ·
  `drop` closes the connection without an effect ·
  `apply_then_drop` does the work, then closes the connection without a word ·
  `apply_then_status` does the work, then answers `status` (default 500) ·
  `apply_then_hang` does the work, then never answers (or closes after `seconds`) ·
  `invalid_json` does the work, then answers 200 with half a page of HTML
- `stored` (default false): the `status` answer is kept under the request's idempotency key and replayed, as
  Stripe does with a 500 of the endpoint itself; without it the error counts as made on the way, and the key is
  as if the answer had been lost
- `should_retry` (true, false): adds the header `Stripe-Should-Retry`
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

from stripe_standin import errors, ids
from stripe_standin.store import Body

ACTIONS = (
    "delay", "hang", "status", "drop", "apply_then_drop", "apply_then_status", "apply_then_hang", "invalid_json",
)  # fmt: skip
BEFORE = ("delay", "hang", "status", "drop")
_TYPES: dict[str, tuple[type, ...]] = {
    "method": (str,), "path": (str,), "nth": (int,), "times": (int,), "action": (str,), "seconds": (int, float),
    "status": (int,), "should_retry": (bool,), "stored": (bool,),
}  # fmt: skip
ERRORS = {
    400: ("invalid_request_error", None, "The request was refused by a fault rule."),
    402: ("card_error", "card_declined", "Your card was declined."),
    409: ("idempotency_error", "idempotency_key_in_use", "Another request with this key is in progress."),
    429: ("invalid_request_error", "rate_limit", "Request rate limit exceeded."),
}


@dataclass(slots=True)
class Fault:
    """One rule, and how many requests it has seen (`seen`) and changed (`used`)."""

    action: str
    path: str
    method: str = "POST"
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    status: int = 500
    should_retry: bool | None = None
    stored: bool = False
    id: str = ""
    seen: int = 0
    used: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is one this rule counts."""
        return self.method in ("*", method) and bool(re.fullmatch(_pattern(self.path), path))

    def takes(self) -> bool:
        """Count a matching request and tell whether the rule applies to it."""
        self.seen += 1
        if self.seen < self.nth or (self.times and self.used >= self.times):
            return False
        self.used += 1
        return True

    @property
    def is_before(self) -> bool:
        """Whether the rule acts before any work is done."""
        return self.action in BEFORE

    def error(self) -> Body:
        """Return the error body for the rule's status."""
        kind, code, message = ERRORS.get(self.status, ("api_error", None, "An unknown error occurred"))
        return errors.body({"type": kind, "code": code, "message": message})


def _pattern(path: str) -> str:
    parts = (
        ".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part) for part in path.split("/")
    )
    return "/".join(parts)


class Faults:
    """The rules in force, oldest first; a restart forgets them."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def add(self, given: Any) -> Fault:
        """Make a rule from JSON. Raises `Refusal` 400 that names what is wrong."""
        if not isinstance(given, dict):
            raise errors.invalid("A fault is a JSON object.")
        for name, value in given.items():
            if name not in _TYPES:
                raise errors.unknown_parameter(name)
            if not isinstance(value, _TYPES[name]) or (isinstance(value, bool) and bool not in _TYPES[name]):
                raise errors.invalid(f"Invalid {name}", name)
        for name in ("action", "path"):
            if name not in given:
                raise errors.missing(name)
        if given["action"] not in ACTIONS:
            raise errors.invalid(f"Invalid action: must be one of {', '.join(ACTIONS)}", "action")
        method = given.get("method", "POST").upper()
        fault = Fault(**{**given, "method": method, "id": ids.new("fault")})
        if fault.nth < 1 or fault.times < 0 or fault.seconds < 0 or not 400 <= fault.status <= 599:
            raise errors.invalid("nth starts at 1, times and seconds at 0, and status is 400 to 599.")
        self.rules.append(fault)
        return fault

    def meet(self, method: str, path: str) -> Fault | None:
        """Count a request against every rule and return the first that applies."""
        hits = [rule for rule in self.rules if rule.matches(method, path) and rule.takes()]
        return hits[0] if hits else None

    def listed(self) -> list[Body]:
        """Return the rules as JSON."""
        return [asdict(rule) for rule in self.rules]

    def remove(self, fault_id: str | None = None) -> int:
        """Remove one rule, or all; return how many went."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if fault_id not in (None, rule.id)]
        return before - len(self.rules)
