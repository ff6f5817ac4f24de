import argparse
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout.audit import ledger, stripe_comparison
from checkout.models import Run
from shop.errors import ShopError

PAUSE_SECONDS = 2
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
        now, with_stripe = timezone.now(), options["stripe"]
        found = self._look(with_stripe=with_stripe, now=now)
        if found:
            # Money between two commits, or between Stripe and us, is on its way. What is wrong is wrong a moment later too.
            self.stdout.write("Looking again …")
            time.sleep(PAUSE_SECONDS)
            again = set(self._look(with_stripe=with_stripe, now=now))
            found = [sentence for sentence in found if sentence in again]
        self._record(found, command=Run.LEDGER_AND_STRIPE if with_stripe else Run.LEDGER, now=now)
        if not found:
            self.stdout.write("The ledger holds.")
            return
        for sentence in found:
            self.stderr.write(sentence)
        self.stderr.write(f"The ledger does not hold, or could not be checked whole: {len(found)} lines.")
        sys.exit(1)

    def _look(self, *, with_stripe: bool, now: datetime) -> list[str]:
        found: list[str] = []
        try:
            found.extend(self._breaches(with_stripe=with_stripe, now=now))
        except ShopError as error:
            found.append(f"Stripe could not be asked: {error.code}")
        return found

    def _record(self, found: list[str], *, command: str, now: datetime) -> None:
        """Keep what was found for the staff's first page."""
        facts = {"began_at": now, "problems": len(found), "words": "\n".join(found[:KEPT])}
        Run.objects.update_or_create(command=command, defaults=facts)

    def _breaches(self, *, with_stripe: bool, now: datetime) -> Iterator[str]:
        for check in ledger.CHECKS:
            self.stdout.write(f"{check.__name__.replace('_', ' ').capitalize()} …")
            yield from check()
        if with_stripe:
            self.stdout.write("Stripe has what we have …")
            yield from stripe_comparison.breaches(until=now)
