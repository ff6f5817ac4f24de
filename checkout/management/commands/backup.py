import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from checkout.management import backups


class Command(BaseCommand):
    help = "Write the database and the files into a new folder, while the shop goes on selling."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            backups.make(options["folder"], now=timezone.now())
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Backed up into {options['folder']}. Keep SECRET_KEY too, and elsewhere.")
