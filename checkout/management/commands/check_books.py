import argparse
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout import books, comparing
from checkout.models import Run
from shop.errors import ShopError

# So many sentences are kept for the staff's first page.
KEPT = 20


class Command(BaseCommand):
    help = "Check that stock, orders and money add up. Exit code 1 where something does not, naming it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--stripe",
            action="store_true",
            help="Compare with Stripe too: money that no order knows, and orders that no money knows.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        found: list[str] = []
        unasked = []
        try:
            for sentence in self._breaches(with_stripe=options["stripe"], now=now):
                found.append(sentence)
                self.stderr.write(sentence)
        except ShopError as error:
            unasked = [f"Stripe could not be asked: {error.code}"]
            self.stderr.write(unasked[0])
        self._record(
            [*found, *unasked], command=Run.BOOKS_AND_STRIPE if options["stripe"] else Run.BOOKS, now=now
        )
        if found:
            self.stderr.write(f"The books do not hold: {len(found)} breaches.")
        if found or unasked:
            sys.exit(1)
        self.stdout.write("The books hold.")

    def _record(self, found: list[str], *, command: str, now: datetime) -> None:
        """Keep what was found for the staff's first page."""
        facts = {"began_at": now, "problems": len(found), "words": "\n".join(found[:KEPT])}
        Run.objects.update_or_create(command=command, defaults=facts)

    def _breaches(self, *, with_stripe: bool, now: datetime) -> Iterator[str]:
        for check in books.CHECKS:
            self.stdout.write(f"{check.__name__.replace('_', ' ').capitalize()} …")
            yield from check()
        if with_stripe:
            self.stdout.write("Stripe has what we have …")
            yield from comparing.breaches(until=now)
