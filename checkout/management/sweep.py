"""What the two sweeping commands share: progress, exit code, and `--loop` for a single machine."""

import argparse
import sys
import time
from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout.purchase import sweeping
from checkout.purchase.sweeping import Swept


class SweepCommand(BaseCommand):
    """A command that goes through orders. Exit code 0 when all was asked, 1 when something could not be, naming it."""

    @abstractmethod
    def sweep(self, now: datetime, workers: int) -> Iterator[Swept]:
        """Yield what came of each order."""

    def afterwards(self, now: datetime) -> bool:  # noqa: ARG002 - some sweeps have nothing more to do
        """Do what is not about single orders; return whether all of it worked."""
        return True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that both have."""
        parser.add_argument(
            "--workers", type=int, default=sweeping.WORKERS, help="How many orders at a time (%(default)s)."
        )
        parser.add_argument(
            "--loop", type=int, metavar="SECONDS", help="Run again after so many seconds, until stopped."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run once, or for ever."""
        while True:
            all_done = self._once(max(1, options["workers"]))
            if not options["loop"]:
                break
            time.sleep(options["loop"])
        if not all_done:
            sys.exit(1)

    def _once(self, workers: int) -> bool:
        now = timezone.now()
        done, problems = 0, 0
        for done, order in enumerate(self.sweep(now, workers), start=1):
            if order.problem:
                problems += 1
                self.stderr.write(f"Order {order.number}: {order.problem}")
            if done % 100 == 0:
                self.stdout.write(f"{done} orders …")
        self.stdout.write(f"{done - problems} of {done} orders done.")
        return self.afterwards(now) and not problems
