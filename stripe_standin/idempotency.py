"""Idempotency keys: one key, one effect. Answers are kept for 24 hours and given again word for word."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from stripe_standin.clock import Clock
from stripe_standin.errors import Refusal, invalid
from stripe_standin.store import Body, Store

KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Kept:
    """A first answer, as it was given."""

    status: int
    body: Body
    request_id: str


def fingerprint(path: str, raw: dict[str, Any]) -> str:
    """Return what identifies a request's meaning: where it goes and what it says, but for a browser's key."""
    said = {name: value for name, value in raw.items() if name != "key"}
    return hashlib.sha256(json.dumps([path, said], sort_keys=True).encode()).hexdigest()


class Keys:
    """The keys in use: answered ones are in the store, running ones only in memory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.running: dict[str, str] = {}
        store.db.execute("DELETE FROM answers WHERE created < ?", (clock.now() - KEPT_SECONDS,))

    def check(self, key: str, print_: str) -> Kept | None:
        """Return the answer this key already has, None for a new key.

        Raises `Refusal` 400 for a key used with other parameters, 409 for one whose request still runs.
        """
        if len(key) > 255:
            raise invalid(f"Idempotency keys can be at most 255 characters long; this one has {len(key)}.")
        row = self.store.db.execute("SELECT * FROM answers WHERE key = ?", (key,)).fetchone()
        if row and row["created"] < self.clock.now() - KEPT_SECONDS:
            self.store.db.execute("DELETE FROM answers WHERE key = ?", (key,))
            row = None
        known = row["fingerprint"] if row else self.running.get(key)
        if known is not None and known != print_:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise Refusal(400, "idempotency_error", message, stored=False)
        if row:
            return Kept(row["status"], json.loads(row["body"]), row["request_id"])
        if key in self.running:
            message = (
                f"There is currently another in-progress request using this Idempotent Key ({key}). It probably "
                "means you are retrying too soon."
            )
            raise Refusal(409, "idempotency_error", message, stored=False, code="idempotency_key_in_use")
        return None

    def begin(self, key: str, print_: str) -> None:
        """Note that the first request with this key is being worked on."""
        self.running[key] = print_

    def end(self, key: str) -> None:
        """Note that it is no longer being worked on."""
        self.running.pop(key, None)

    def keep(self, key: str, print_: str, request_id: str, status: int, body: Body) -> None:
        """Write an answer down; called inside the transaction of the effect it tells of."""
        values = (key, print_, request_id, self.clock.stamp(), status, json.dumps(body))
        self.store.db.execute("INSERT OR REPLACE INTO answers VALUES (?,?,?,?,?,?)", values)
