from collections.abc import Iterator
from datetime import datetime

from checkout import idempotency, sweeping
from checkout.management.sweep import SweepCommand
from checkout.sweeping import Swept


class Command(SweepCommand):
    help = "Ask Stripe about every payment and refund that may still change, and send what mail is waiting."

    def sweep(self, now: datetime, workers: int) -> Iterator[Swept]:
        return sweeping.reconcile_open(now=now, workers=workers)

    def afterwards(self, now: datetime) -> bool:
        idempotency.forget(now=now)
        sent, waiting = sweeping.send_mails(now=now)
        if sent:
            self.stdout.write(f"{sent} waiting mails sent.")
        if waiting:
            self.stderr.write(f"{waiting} mails could not be sent and wait for the next time.")
        return not waiting
