"""System checks of the page cache."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import DatabaseError

from shop.page_cache import version


@register(Tags.database)
def pages_can_be_kept(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    databases: Sequence[str] | None = None,
    **_kwargs: Any,
) -> list[CheckMessage]:
    """Check that the triggers of the catalogue's version stand: without them every page is made anew."""
    found: list[CheckMessage] = []
    for using in databases or ():
        try:
            why = version.missing(using)
        except DatabaseError:
            continue  # there is no database to ask; what needs it says so
        if why:
            hint = "Run manage.py migrate. Until then pages are right, and slow."
            found.append(checks.Warning(f"No page is kept: {why}.", hint=hint, id="shop.W001"))
    return found
