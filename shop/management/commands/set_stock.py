from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shop import stock
from shop.models import Variant

HIGHEST = 1_000_000_000
LONGEST_REASON = 200


class Command(BaseCommand):
    help = "Set the stock of a variant to what was counted. The difference is kept as a movement, with the reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sku", help="the variant's article number, such as MIDDLEM-HB")
        parser.add_argument("level", type=int, metavar="N", help="how many there are now, 0 or more")
        parser.add_argument("--reason", required=True, help="why, in words that staff will understand later")

    def handle(self, *_args: Any, sku: str, level: int, reason: str, **_options: Any) -> None:
        if not 0 <= level <= HIGHEST:
            raise CommandError(f"The stock of {sku} cannot be {level}. Give a number from 0 to {HIGHEST}.")
        reason = reason.strip()
        if not 0 < len(reason) <= LONGEST_REASON:
            raise CommandError(f"Give a reason of 1 to {LONGEST_REASON} letters.")
        variant = Variant.objects.filter(sku=sku).first()
        if variant is None:
            raise CommandError(f"There is no variant with the SKU {sku}.")
        change = stock.set_level(variant.pk, level, reason=reason, now=timezone.now())
        self.stdout.write(
            f"{sku}: {level} in stock, {change:+d}." if change else f"{sku}: {level} in stock, as before."
        )
