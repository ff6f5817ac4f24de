import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout import sweeping


class Command(BaseCommand):
    help = "End orders whose time to pay is over, at Stripe first. Exit code 1 where an order could not be asked about, naming it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        swept = list(sweeping.expire(now=timezone.now()))
        failed = [order for order in swept if order.problem]
        for order in failed:
            self.stderr.write(f"Order {order.number}: {order.problem}")
        self.stdout.write(f"{len(swept) - len(failed)} of {len(swept)} orders done.")
        if failed:
            sys.exit(1)
