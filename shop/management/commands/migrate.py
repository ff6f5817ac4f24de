from typing import Any

from django.core.management.commands import migrate

from shop.page_cache import version


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and leave the database with the triggers of the catalogue's version, whatever happened."""
        try:
            super().handle(*args, **options)
        finally:
            version.put_back(options["database"])
