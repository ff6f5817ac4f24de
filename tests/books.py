"""Whether the books add up, asked after every test at a tenth of the cost of `ledger.breaches`.

Nearly all of its time goes into making SQL of the same few queries. So here they are made once and kept; each returns a
row for a breach, and none where all holds.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection

from checkout.audit import ledger


def breaches() -> list[str]:
    """Return every breach, as `ledger.breaches` does."""
    with connection.cursor() as cursor:
        for sql, params in _statements():
            cursor.execute(sql, params)
            if cursor.fetchone():
                return ledger.breaches()
    return []


@cache
def _statements() -> list[tuple[str, Any]]:
    kept = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        kept.append((sql, params))
        return execute(sql, params, *rest)

    with connection.execute_wrapper(keep):
        ledger.breaches()
    return kept
