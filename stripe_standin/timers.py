"""What happens later: work written down with the time it is due, so that a restart forgets none of it."""

import json
from collections.abc import Callable
from typing import Any

from stripe_standin.call import Call

Work = Callable[[Call, str, dict[str, Any]], None]
_WORK: dict[str, Work] = {}


def work(name: str) -> Callable[[Work], Work]:
    """Name a function that timers may call with an object's id and the data given to `later`."""

    def decorate(function: Work) -> Work:
        _WORK[name] = function
        return function

    return decorate


def later(call: Call, seconds: float, name: str, object_id: str, **data: Any) -> None:
    """Do `name` to an object after so many seconds of the stand-in's clock."""
    values = (call.clock.now() + seconds, name, object_id, json.dumps(data))
    call.store.db.execute("INSERT INTO timers (due, verb, object, data) VALUES (?,?,?,?)", values)


def forget(call: Call, object_id: str, name: str) -> None:
    """Take back what was to be done to an object."""
    call.store.db.execute("DELETE FROM timers WHERE object = ? AND verb = ?", (object_id, name))


def next_due(call: Call) -> float | None:
    """Return when the next work is due, in seconds of the stand-in's clock."""
    row = call.store.db.execute("SELECT MIN(due) AS due FROM timers").fetchone()
    return row["due"] if row else None


def run(call: Call) -> int:
    """Do everything that is due, each in a transaction of its own, oldest first; return how much it was."""
    count = 0
    while True:
        row = call.store.db.execute(
            "SELECT * FROM timers WHERE due <= ? ORDER BY due, id LIMIT 1", (call.clock.now(),)
        ).fetchone()
        if row is None:
            return count
        with call.store.transaction():
            call.store.db.execute("DELETE FROM timers WHERE id = ?", (row["id"],))
            _WORK[row["verb"]](call, row["object"], json.loads(row["data"]))
        count += 1
