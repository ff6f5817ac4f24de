"""The stand-in's memory: one SQLite file that outlives a killed process.

Every object of the API is one row: its JSON as the API shows it (`body`), and what only the stand-in knows
(`inner`: a card's number, a pending result). All access is from one thread, one transaction a request, so
requests never see half of another's work. WAL without an fsync a commit survives the death of the process.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    customer TEXT, payment_intent TEXT, charge TEXT, type TEXT, source TEXT,
    body TEXT NOT NULL,
    inner TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_created ON objects (kind, created);
CREATE INDEX IF NOT EXISTS objects_customer ON objects (kind, customer, seq) WHERE customer IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_intent ON objects (kind, payment_intent, seq) WHERE payment_intent IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_charge ON objects (kind, charge, seq) WHERE charge IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_type ON objects (kind, type, seq) WHERE type IS NOT NULL;
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, verb TEXT NOT NULL, object TEXT NOT NULL,
    data TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, endpoint TEXT NOT NULL, attempt INTEGER NOT NULL,
    due REAL NOT NULL, sent REAL, status INTEGER, answer TEXT, error TEXT, final INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE sent IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
"""
COLUMNS = ("customer", "payment_intent", "charge", "type", "source")
TABLES = ("objects", "answers", "timers", "deliveries")


class Store:
    """Objects by id and by kind, newest first."""

    def __init__(self, path: Path | str) -> None:
        if str(path) != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all or nothing of what is inside."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def add(self, body: Body, inner: Body | None = None) -> Body:
        """Write a new object and return it. Its `object` field is its kind."""
        links = [_link(body, column) for column in COLUMNS]
        self.db.execute(
            f"INSERT INTO objects (id, kind, created, body, inner, {', '.join(COLUMNS)}) VALUES (?,?,?,?,?,?,?,?,?,?)",  # noqa: S608 - our own columns
            (body["id"], body["object"], body["created"], json.dumps(body), json.dumps(inner or {}), *links),
        )
        return body

    def save(self, body: Body) -> Body:
        """Write a changed object and return it."""
        links = [_link(body, column) for column in COLUMNS]
        assignments = ", ".join(f"{column} = ?" for column in COLUMNS)
        statement = f"UPDATE objects SET body = ?, {assignments} WHERE id = ?"  # noqa: S608 - our own columns
        self.db.execute(statement, (json.dumps(body), *links, body["id"]))
        return body

    def get(self, object_id: str, kind: str | None = None) -> Body | None:
        """Return the object with this id, if it is there and of this kind."""
        row = self.db.execute("SELECT kind, body FROM objects WHERE id = ?", (object_id,)).fetchone()
        if row is None or (kind is not None and row["kind"] != kind):
            return None
        body: Body = json.loads(row["body"])
        return body

    def inner(self, object_id: str) -> Body:
        """Return what only the stand-in knows of an object."""
        row = self.db.execute("SELECT inner FROM objects WHERE id = ?", (object_id,)).fetchone()
        inner: Body = json.loads(row["inner"]) if row else {}
        return inner

    def set_inner(self, object_id: str, inner: Body) -> None:
        """Replace what only the stand-in knows of an object."""
        self.db.execute("UPDATE objects SET inner = ? WHERE id = ?", (json.dumps(inner), object_id))

    def position(self, object_id: str, kind: str) -> int | None:
        """Return an object's place in the order of creation."""
        row = self.db.execute(
            "SELECT seq FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return row["seq"] if row else None

    def rows(self, kind: str, where: str = "", values: tuple[Any, ...] = (), tail: str = "") -> list[Body]:
        """Return objects of a kind that fulfil an SQL condition made by our own code, newest first by default."""
        condition = f" AND {where}" if where else ""
        statement = f"SELECT body FROM objects WHERE kind = ?{condition} {tail or 'ORDER BY seq DESC'}"  # noqa: S608 - our own condition
        return [json.loads(row["body"]) for row in self.db.execute(statement, (kind, *values))]

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables


def _link(body: Body, column: str) -> str | None:
    value = body.get(column)
    return value if isinstance(value, str) else None
