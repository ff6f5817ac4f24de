"""A guard: no call to another machine inside a database transaction, whose locks would be held as long."""

from django.db import connection


def assert_no_transaction(what: str) -> None:
    """Raise RuntimeError inside a transaction, saying what must not be done there."""
    # A test's own wrapping transaction does not count; Django marks it.
    blocks = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
    if blocks:
        raise RuntimeError(f"{what} inside a database transaction.")
