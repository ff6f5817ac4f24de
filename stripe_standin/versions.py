"""Versions of Stripe's API, as the `Stripe-Version` header names them.

Answers always have the shape of `settings.API_VERSION`. An older version changes two things only, without which
programs of its time could not pay: `payment_method_types` is still taken, and before automatic payment methods an
intent that names none takes cards.
"""

import datetime as dt
import re

from stripe_standin import errors
from stripe_standin.settings import API_VERSION

FIRST = "2011-01-01"
TRAINS = {
    "2024-09-30": "acacia",
    "2025-03-31": "basil",
    "2025-09-30": "clover",
    "2026-03-25": "dahlia",
    "2026-09-30": "endive",
}
"""The first day of each release. The script's address names them too."""
TYPES_REMOVED = "2026-09-30"
AUTOMATIC_BY_DEFAULT = "2023-08-16"
_VERSION = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)(?:\.(?P<name>[a-z]+))?(?:\s*;\s*\w+=v\d+)*")


def train(date: str) -> str | None:
    """Return the name of the release that was current on a day; none before the first."""
    return next((name for start, name in reversed(TRAINS.items()) if start <= date), None)


def date_of(version: str | None) -> str:
    """Return the day of a version, today's when none was sent. Raises `Refusal` 400 for one that cannot be."""
    if version is None:
        return API_VERSION[:10]
    found = _VERSION.fullmatch(version)
    if found is None or not _exists(found["date"]) or found["name"] not in _names(found["date"]):
        raise errors.invalid(f"Invalid Stripe API version: {version}")
    return found["date"]


def _exists(date: str) -> bool:
    try:
        dt.date.fromisoformat(date)
    except ValueError:
        return False
    return FIRST <= date <= API_VERSION[:10]


def _names(date: str) -> tuple[str | None, ...]:
    name = train(date)
    return (name, "preview") if name else (None,)
