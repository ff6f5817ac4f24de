"""Deliveries of events to endpoints: at least once, tried again with growing waits, every try recorded.

A row is one try. Its `status` is the endpoint's HTTP status, NULL while it waits or when no answer came.
"""

from typing import Any

from stripe_standin.call import Call
from stripe_standin.store import Body

UNDELIVERED = "SELECT event FROM deliveries GROUP BY event, endpoint HAVING NOT MAX(status IS NOT NULL AND status BETWEEN 200 AND 299)"
Try = dict[str, Any]


def endpoints_for(call: Call, kind: str) -> list[Body]:
    """Return the enabled endpoints that want events of a type."""
    every = call.store.rows(
        "webhook_endpoint", "json_extract(body, '$.status') = 'enabled'", tail="ORDER BY seq"
    )
    return [one for one in every if {"*", kind} & set(one["enabled_events"])]


def plan(call: Call, event_id: str, endpoint: Body, *, attempt: int = 1, wait: float = 0.0) -> None:
    """Write down a try; `mail.Mailer` makes it when it is due."""
    values = (event_id, endpoint["id"], attempt, call.clock.now() + wait)
    call.store.db.execute("INSERT INTO deliveries (event, endpoint, attempt, due) VALUES (?,?,?,?)", values)


def waiting_for(call: Call, event_id: str) -> int:
    """Return how many endpoints have not yet taken an event and will be tried again."""
    statement = "SELECT COUNT(DISTINCT endpoint) AS n FROM deliveries WHERE event = ? AND sent IS NULL"
    return int(call.store.db.execute(statement, (event_id,)).fetchone()["n"])


def due(call: Call) -> list[Try]:
    """Return the tries that are due, in the order the events were made."""
    statement = "SELECT * FROM deliveries WHERE sent IS NULL AND due <= ? ORDER BY id"
    return [dict(row) for row in call.store.db.execute(statement, (call.clock.now(),))]


def next_due(call: Call) -> float | None:
    """Return when the next try is due."""
    row = call.store.db.execute("SELECT MIN(due) AS due FROM deliveries WHERE sent IS NULL").fetchone()
    return row["due"] if row else None


def finish(call: Call, tried: Try, status: int | None, answer: str, error: str | None) -> None:
    """Record what came of a try, and plan the next one if it failed and may be tried again."""
    call.store.db.execute(
        "UPDATE deliveries SET sent = ?, status = ?, answer = ?, error = ? WHERE id = ?",
        (call.clock.now(), status, answer, error, tried["id"]),
    )
    taken = status is not None and 200 <= status < 300
    waits = call.settings.retries
    endpoint = call.store.get(tried["endpoint"], "webhook_endpoint")
    if not taken and endpoint and tried["attempt"] <= len(waits):
        plan(call, tried["event"], endpoint, attempt=tried["attempt"] + 1, wait=waits[tried["attempt"] - 1])


def resend(call: Call, event_id: str, endpoint_id: str | None = None) -> int:
    """Plan one more try of an event now, to one endpoint or to all that want it; return to how many."""
    event = call.find(event_id, "event", "id")
    wanted = [one for one in endpoints_for(call, event["type"]) if endpoint_id in (None, one["id"])]
    for endpoint in wanted:
        call.store.db.execute(
            "DELETE FROM deliveries WHERE event = ? AND endpoint = ? AND sent IS NULL",
            (event_id, endpoint["id"]),
        )
        plan(call, event_id, endpoint, attempt=len(call.settings.retries) + 1)
    return len(wanted)


def forget_endpoint(call: Call, endpoint_id: str) -> None:
    """Drop the tries that wait for an endpoint which is gone or disabled."""
    call.store.db.execute("DELETE FROM deliveries WHERE endpoint = ? AND sent IS NULL", (endpoint_id,))


def listed(call: Call, limit: int = 100, event_id: str | None = None) -> list[Try]:
    """Return tries, newest first, with their events' types and endpoints' addresses."""
    condition, values = ("WHERE d.event = ?", (event_id, limit)) if event_id else ("", (limit,))
    statement = f"""SELECT d.*, e.type, json_extract(w.body, '$.url') AS url FROM deliveries d
        JOIN objects e ON e.id = d.event LEFT JOIN objects w ON w.id = d.endpoint
        {condition} ORDER BY d.id DESC LIMIT ?"""  # noqa: S608 - the condition is ours
    return [dict(row) for row in call.store.db.execute(statement, values)]
