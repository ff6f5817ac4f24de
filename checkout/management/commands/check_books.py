import argparse
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout import books, comparing
from shop.errors import ShopError


class Command(BaseCommand):
    help = "Check that stock, orders and money add up. Exit code 1 where something does not, naming it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--stripe",
            action="store_true",
            help="Compare with Stripe too: money that no order knows, and orders that no money knows.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        found = 0
        try:
            for found, sentence in enumerate(self._breaches(with_stripe=options["stripe"]), start=1):  # noqa: B007
                self.stderr.write(sentence)
        except ShopError as error:
            self.stderr.write(f"Stripe could not be asked: {error.code}")
            sys.exit(1)
        if found:
            self.stderr.write(f"The books do not hold: {found} breaches.")
            sys.exit(1)
        self.stdout.write("The books hold.")

    def _breaches(self, *, with_stripe: bool) -> Iterator[str]:
        now = timezone.now()
        for check in books.CHECKS:
            self.stdout.write(f"{check.__name__.replace('_', ' ').capitalize()} …")
            yield from check()
        if with_stripe:
            self.stdout.write("Stripe has what we have …")
            yield from comparing.breaches(until=now)
