from typing import Any

from django.core.management.base import BaseCommand

from shop.catalogue import denormalised
from shop.page_cache import version


class Command(BaseCommand):
    help = (
        "Bring up to date what listings and the search read of products: their lowest price, stock, formats and words. "
        "The shop does so itself; run this after writing to its tables by hand, and after adding a field to the search."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = list(denormalised.refresh_all())
        version.begin()
        prices, documents = (sum(counts) for counts in zip(*found, strict=True)) if found else (0, 0)
        self.stdout.write(
            f"Out of date were prices or stock of {prices} products, and the words of {documents}."
        )
