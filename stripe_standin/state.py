"""One running stand-in: its settings, and all it keeps."""

from dataclasses import dataclass
from typing import Any

from stripe_standin import webhook_endpoints
from stripe_standin.api import Api
from stripe_standin.call import Call
from stripe_standin.clock import Clock
from stripe_standin.faults import Faults
from stripe_standin.mail import Mailer, Manners
from stripe_standin.settings import Settings
from stripe_standin.store import Store


@dataclass(slots=True)
class Standin:
    """One running stand-in and all it keeps."""

    settings: Settings
    store: Store
    clock: Clock
    faults: Faults
    api: Api
    mailer: Mailer

    @classmethod
    def open(cls, settings: Settings) -> "Standin":
        """Open the database of a stand-in, making it where there is none."""
        store, clock = Store(settings.database), Clock()
        call = Call(store, clock, settings)
        with store.transaction():
            webhook_endpoints.given_at_start(call)
        return cls(settings, store, clock, Faults(), Api(store, clock, settings), Mailer(call))

    def call(self, **fields: Any) -> Call:
        """Return a call made by the stand-in itself."""
        return Call(self.store, self.clock, self.settings, **fields)

    def reset(self) -> None:
        """Forget all objects, answers, faults and moved time."""
        self.store.clear()
        self.faults.remove()
        self.clock.reset()
        self.api.keys.running.clear()
        self.mailer.manners = Manners()
        with self.store.transaction():
            webhook_endpoints.given_at_start(self.call())
