"""One request on its way through the stand-in, and the answer it gets."""

from dataclasses import dataclass, field
from typing import Any

from stripe_standin import errors
from stripe_standin.clock import Clock
from stripe_standin.keys import SYSTEM, Caller
from stripe_standin.settings import Settings
from stripe_standin.store import Body, Store


@dataclass(slots=True)
class Call:
    """What a verb needs to do its work: who asks, with what, and where things are kept."""

    store: Store
    clock: Clock
    settings: Settings
    caller: Caller = SYSTEM
    params: dict[str, Any] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def now(self) -> int:
        """The time in whole seconds."""
        return self.clock.stamp()

    def find(self, object_id: str, kind: str, param: str, noun: str = "") -> Body:
        """Return an object, or raise Stripe's 404 that names the parameter."""
        found = self.store.get(object_id, kind)
        if found is None or found.get("deleted"):
            raise errors.no_such(noun or kind, object_id, param)
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON answer. Unlike a raised `Refusal`, an error answer keeps what was written, as a decline does."""

    body: Body
    status: int = 200
