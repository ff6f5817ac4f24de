import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout import sweeping


class Command(BaseCommand):
    help = "Ask Stripe about every open payment and settle what it says. Exit code 1 where an order could not be asked about, naming it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        swept = list(sweeping.reconcile_open(now=timezone.now()))
        failed = [order for order in swept if order.problem]
        for order in failed:
            self.stderr.write(f"Order {order.number}: {order.problem}")
        self.stdout.write(f"{len(swept) - len(failed)} of {len(swept)} orders done.")
        if failed:
            sys.exit(1)
