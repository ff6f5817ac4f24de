from typing import Any

from django.core.management.commands import check
from django.db import DEFAULT_DB_ALIAS


class Command(check.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and ask the database too, where nobody says which."""
        super().handle(*args, **{**options, "databases": options["databases"] or [DEFAULT_DB_ALIAS]})
