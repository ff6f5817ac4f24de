"""How many SQL statements something takes: tests say that it is the same for few rows and for many."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def count(act: Callable[[], object]) -> int:
    """Return how many statements an act takes, not counting those that begin and end transactions and savepoints."""
    with CaptureQueriesContext(connection) as captured:
        act()
    around = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return len([query for query in captured if not query["sql"].startswith(around)])
