"""What the database's errors mean for whoever waits for an answer."""

from django.db import InterfaceError, OperationalError
from django.db.transaction import TransactionManagementError

# PostgreSQL's: takes no writes, as a standby in a failover; ended a transaction that took too long.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = {"25006", "25P03", "25P04"}


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error says that the database is locked, gone or takes no writes, which passes.

    Whatever was being written was one transaction, so nothing of it is there, and it may be tried again.
    """
    if isinstance(error, (OperationalError, InterfaceError)):
        return True
    cause = error.__cause__ if error else None
    if isinstance(error, TransactionManagementError):  # a statement after the one that failed
        return is_away(cause)
    return getattr(cause, "sqlstate", None) in _PASSING
