import argparse
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from checkout.messages import webhook_events
from checkout.messages.webhook_events import Sent


class Command(BaseCommand):
    help = (
        "Send events that are due to the endpoints that want them. Exit code 1 where one could not be sent at all; "
        "that an endpoint does not take it is no error here."
    )

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
            broken = self._send_all(max(1, options["workers"]))
            webhook_events.forget_old(now=timezone.now())
            if not options["loop"]:
                break
            time.sleep(options["loop"])
            close_old_connections()
        if broken:
            sys.exit(1)

    def _send_all(self, workers: int) -> int:
        """Give every endpoint one turn after another, until nothing is due; return how many could not be tried."""
        all_sent = Sent()
        while any(sent := webhook_events.send_due(now=timezone.now(), workers=workers)):
            all_sent = Sent(*map(sum, zip(all_sent, sent, strict=True)))
        if all_sent.taken:
            self.stdout.write(f"{all_sent.taken} events delivered.")
        if all_sent.refused:
            self.stderr.write(f"{all_sent.refused} events were not taken and are tried again later.")
        if all_sent.broken:
            self.stderr.write(f"{all_sent.broken} events could not be sent: the log says why.")
        return all_sent.broken
