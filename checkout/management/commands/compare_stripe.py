import sys
from typing import Any

from django.core.management.base import BaseCommand

from checkout.audit import stripe_comparison
from shop.errors import ShopError


class Command(BaseCommand):
    help = "Show our facts beside Stripe's for every open order, and change nothing. Exit code 1 where they differ."

    def handle(self, *_args: Any, **_options: Any) -> None:
        asked, different = 0, 0
        try:
            for asked, (order, facts) in enumerate(stripe_comparison.open_orders(), start=1):  # noqa: B007
                for fact in facts:
                    self.stdout.write(
                        f"{order.number}  {fact.name}: ours {fact.ours or '–'}, Stripe’s {fact.stripes or '–'}"
                    )
                different += bool(facts)
        except ShopError as error:
            self.stderr.write(f"Stripe could not be asked: {error.code}")
            sys.exit(1)
        self.stdout.write(f"{asked} open orders asked about, {different} differ.")
        if different:
            sys.exit(1)
