from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from checkout.orders import invoices


class Command(BaseCommand):
    help = "Write the invoices and credit notes of what was paid and given back before there were any."

    def handle(self, *_args: Any, **options: Any) -> None:
        count = sum(invoices.write_missing(now=timezone.now()))
        if count or options["verbosity"] > 1:
            self.stdout.write(f"{count} invoices and credit notes were written.")
