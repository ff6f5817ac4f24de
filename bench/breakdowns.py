"""The machines beside the shop, which break while it is soaked: Redis, the mail server, PostgreSQL, and Stripe as a whole."""

import random
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stripe_standin.testing import StandinError
from tests.hanging import hanging_server
from tests.postgres_server import PostgresServer, postgres_server
from tests.redis_server import free_port, redis_server

if TYPE_CHECKING:
    from bench.soak import Shop

# How long each is gone, in seconds, and how long all is well in between.
GONE, WELL = 6, (4, 10)


class Machines:
    """What runs beside the shop. `settings` is where the shop finds it; mail goes to a server that says nothing."""

    def __init__(self, folder: Path, mail_port: int, postgres: PostgresServer | None) -> None:
        self._folder, self._postgres = folder, postgres
        self._redis_port = free_port()
        self._redis = ExitStack()
        self._start_redis()
        self.settings = {
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "CACHE_URL": f"redis://127.0.0.1:{self._redis_port}/0",
            **({"DATABASE_URL": postgres.url} if postgres else {}),
        }

    def _start_redis(self) -> None:
        self._redis.enter_context(redis_server(self._folder, self._redis_port))

    def break_down(self, shop: "Shop", chance: random.Random) -> None:
        """Break one machine after the other until time is up; each is mended before the next."""
        kinds = [self._without_redis, self._without_stripe]
        if self._postgres:
            kinds.append(self._without_postgres)
        while not shop.done.wait(chance.uniform(*WELL)):
            chance.choice(kinds)(shop)

    def _without_redis(self, shop: "Shop") -> None:
        self._redis.close()
        shop.counts["Redis killed"] += 1
        shop.done.wait(GONE)
        self._start_redis()

    def _without_stripe(self, shop: "Shop") -> None:
        with suppress(StandinError, OSError):
            shop.standin.add_fault(action="hang", path="/v1/**", method="*", times=0, seconds=GONE)
            shop.counts["Stripe hung"] += 1
        shop.done.wait(GONE)
        with suppress(StandinError, OSError):
            shop.standin.clear_faults()

    def _without_postgres(self, shop: "Shop") -> None:
        assert self._postgres
        with suppress(subprocess.CalledProcessError):
            self._postgres.stop()
        shop.counts["PostgreSQL restarted"] += 1
        self._postgres.start()

    def stop(self) -> None:
        """End Redis."""
        self._redis.close()


@contextmanager
def machines(folder: Path, *, with_postgres: bool) -> Iterator[Machines]:
    """Run the machines beside the shop."""
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server()) if with_postgres else None
        running = Machines(folder, stack.enter_context(hanging_server()).port, postgres)
        try:
            yield running
        finally:
            running.stop()
