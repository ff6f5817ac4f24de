import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from checkout.messages import webhook_events


class Command(BaseCommand):
    help = "Send events that are due to the endpoints that want them. That one does not take them is no error here."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--workers",
            type=int,
            default=webhook_events.WORKERS,
            help="How many endpoints at a time (%(default)s).",
        )
        parser.add_argument(
            "--loop", type=int, metavar="SECONDS", help="Look again after so many seconds, until stopped."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        while True:
            self._send_all(max(1, options["workers"]))
            webhook_events.forget_old(now=timezone.now())
            if not options["loop"]:
                return
            time.sleep(options["loop"])
            close_old_connections()

    def _send_all(self, workers: int) -> None:
        """Give every endpoint one turn after another, until nothing is due."""
        taken, refused = 0, 0
        while counts := webhook_events.send_due(now=timezone.now(), workers=workers):
            if not any(counts):
                break
            taken, refused = taken + counts[0], refused + counts[1]
        if taken:
            self.stdout.write(f"{taken} events delivered.")
        if refused:
            self.stderr.write(f"{refused} events were not taken and are tried again later.")
