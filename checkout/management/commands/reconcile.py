from collections.abc import Iterator
from datetime import datetime

from checkout.management.sweep import SweepCommand
from checkout.purchase import idempotency, sweeping
from checkout.purchase.sweeping import Swept
from shop.errors import ShopError


class Command(SweepCommand):
    help = (
        "Ask Stripe about every payment and refund that may still change, take in what webhooks should have told, and "
        "send what mail is waiting."
    )

    def sweep(self, now: datetime, workers: int) -> Iterator[Swept]:
        return sweeping.reconcile_open(now=now, workers=workers)

    def afterwards(self, now: datetime) -> bool:
        idempotency.forget(now=now)
        caught_up = self._catch_up(now)
        return self._send_mails(now) and caught_up

    def _catch_up(self, now: datetime) -> bool:
        try:
            done, failed = sweeping.catch_up(now=now)
        except ShopError as error:
            self.stderr.write(f"Stripe's events could not be listed: {error.code}")
            return False
        if done:
            self.stdout.write(f"{done} events taken in that no webhook brought.")
        if failed:
            self.stderr.write(f"{failed} events could not be handled; the next time tries again.")
        return not failed

    def _send_mails(self, now: datetime) -> bool:
        sent, waiting = sweeping.send_mails(now=now)
        if sent:
            self.stdout.write(f"{sent} waiting mails sent.")
        if waiting:
            self.stderr.write(f"{waiting} mails could not be sent and wait for the next time.")
        return not waiting
