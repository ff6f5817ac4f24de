import argparse
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from checkout.management import backups


class Command(BaseCommand):
    help = "Put a backup into an empty database, bring it to this release, and check that it holds together."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Also where the database is not empty. What is in it is lost.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            backups.restore(options["folder"], replace=options["replace"])
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0, stdout=self.stdout)
        self.stdout.write(f"Restored from {options['folder']}.")
        call_command("check_books", stdout=self.stdout, stderr=self.stderr)
