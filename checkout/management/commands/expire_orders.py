from collections.abc import Iterator
from datetime import datetime

from checkout.management.sweep import SweepCommand
from checkout.purchase import sweeping
from checkout.purchase.sweeping import Swept


class Command(SweepCommand):
    help = "End orders whose time to pay is over, at Stripe first, and remind those who have not paid yet."

    def sweep(self, now: datetime, workers: int) -> Iterator[Swept]:
        return sweeping.expire(now=now, workers=workers)

    def afterwards(self, now: datetime) -> bool:
        reminded = sweeping.remind(now=now)
        if reminded:
            self.stdout.write(f"{reminded} customers reminded.")
        return True
