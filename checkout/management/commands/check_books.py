import sys
from typing import Any

from django.core.management.base import BaseCommand

from checkout import books


class Command(BaseCommand):
    help = "Check that stock, orders and money add up. Exit code 1 where something does not, naming it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = books.breaches()
        for sentence in found:
            self.stderr.write(sentence)
        if found:
            self.stderr.write(f"The books do not hold: {len(found)} breaches.")
            sys.exit(1)
        self.stdout.write("The books hold.")
