"""Follows the catalogue's version by LISTEN/NOTIFY, so that a cached page costs no query.

Each process holds one connection that hears every new token at its commit. What was heard counts for a moment only, in
which the connection must have proved itself anew: a process whose connection was cut, or whose pooler lets no
notification through, asks the database for each page, as on SQLite.

https://www.postgresql.org/docs/current/sql-notify.html
"""

import logging
import os
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, connections

from shop.page_cache.version import CHANNEL

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)

# How often the connection proves itself where nothing is heard, and how long that may take; in seconds.
PROVE_EVERY = 1.0
PROVE_WITHIN = 1.0
# How long to wait before a connection that was lost is opened anew.
CONNECT_AGAIN = 1.0


class Listener:
    """Hears the version in a thread of its own, which begins with the first question."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self._using = using
        self._token = ""
        self._holds_until = 0.0
        self._lock = Lock()
        self._process = 0
        self._stopped = Event()

    def token(self) -> str | None:
        """Return the version, "" where there is none and nothing may be kept, None where only the database knows."""
        if self._process != os.getpid():
            self._start()
        return self._token if monotonic() < self._holds_until else None

    def stop(self) -> None:
        """Hear nothing any more."""
        self._stopped.set()
        self._process = 0
        self._holds_until = 0.0

    def _start(self) -> None:
        with self._lock:
            if self._process != os.getpid():  # a worker was forked from one that listened
                self._process, self._holds_until, self._stopped = os.getpid(), 0.0, Event()
                Thread(
                    target=self._listen, args=[self._stopped], name="catalogue version", daemon=True
                ).start()

    def _listen(self, stopped: Event) -> None:
        import psycopg

        while not stopped.is_set():
            try:
                parameters = connections[self._using].get_connection_params()
                with psycopg.connect(**parameters, autocommit=True) as connection:
                    self._hear(connection, stopped)
            except (psycopg.Error, OSError) as error:
                logger.warning("The catalogue's version is not heard, each page asks for it: %s", error)
            finally:
                self._holds_until = 0.0
            stopped.wait(CONNECT_AGAIN)

    def _hear(self, connection: "psycopg.Connection[tuple[str]]", stopped: Event) -> None:
        own_channel = f"{CHANNEL}_{connection.info.backend_pid}"
        connection.execute(f"LISTEN {CHANNEL}")
        connection.execute(f"LISTEN {own_channel}")
        row = connection.execute("SELECT token FROM shop_catalogueversion").fetchone()
        self._token = row[0] if row else ""
        while not stopped.is_set():
            connection.execute(f"NOTIFY {own_channel}")
            if not self._proves_itself(connection, own_channel):
                raise OSError("notifications do not arrive")
            self._holds_until = monotonic() + PROVE_EVERY + PROVE_WITHIN
            for notice in connection.notifies(timeout=PROVE_EVERY):
                if notice.channel == CHANNEL:
                    self._token = notice.payload

    def _proves_itself(self, connection: "psycopg.Connection[tuple[str]]", own_channel: str) -> bool:
        """Wait for our own notification, and tell whether it came; what else is heard on the way counts."""
        for notice in connection.notifies(timeout=PROVE_WITHIN):
            if notice.channel == own_channel:
                return True
            self._token = notice.payload
        return False


listener = Listener()
