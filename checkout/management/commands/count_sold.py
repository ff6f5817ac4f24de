from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout.purchase import bestsellers


class Command(BaseCommand):
    help = "Count the copies sold in the last 90 days, by which listings sort best-selling products. Run it hourly."

    def handle(self, *_args: Any, **_options: Any) -> None:
        changed = bestsellers.recount(now=timezone.now())
        self.stdout.write(f"Copies sold of late: {changed} products changed.")
