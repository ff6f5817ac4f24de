"""What a process of the shop does in these tests. Plain values go in, plain values come out."""

import re

from django.db import transaction
from django.test.utils import override_settings

from checkout.models import Order
from checkout.orders import invoices
from shop.models import Variant
from shop.page_cache import version
from tests.front import Front
from tests.orders import NOW

CHANGE = "tests.races.acts.change_prices_in_production"
LOOK = "tests.races.acts.look_in_production"
LOOK_WITHOUT = "tests.races.acts.look_without_the_version"


def change_prices(path: str, first: int, last: int) -> dict[str, int]:
    """Raise the price of everything, again and again, and look at a page after each; return as `look` does."""
    front, looks, stale = Front(), 0, 0
    for price in range(first, last + 1):
        Variant.objects.update(price=price)
        stale += price_on(front, path) < price
        looks += 1
    return {"looks": looks, "stale": stale}


def price_on(front: Front, path: str) -> int:
    """Return the first price on a page, in minor units.

    We ask as one who is somebody. On PostgreSQL others may see an old price for the moment that the notification of
    a change takes (tests/shop/page_cache/test_listener.py).
    """
    page = front.get(path, HTTP_X_SESSION_TOKEN="mine").content.decode()
    found = re.search(r'class="price">€([0-9.]+)', page)
    assert found
    return int(found[1].replace(".", ""))


def look(path: str, until: int) -> dict[str, int]:
    """Look at a page until it shows the last price; return how often it showed less than was committed before."""
    front, looks, stale = Front(), 0, 0
    while True:
        committed = Variant.objects.values_list("price", flat=True)[0]
        stale += price_on(front, path) < committed
        looks += 1
        if committed >= until:
            return {"looks": looks, "stale": stale}


# Tests have DEBUG off anyway; a process of its own has it on, and then nothing is kept.
change_prices_in_production = override_settings(DEBUG=False)(change_prices)
look_in_production = override_settings(DEBUG=False)(look)


def look_without_the_version(path: str, until: int) -> dict[str, int]:
    """Do the same where pages are kept without the catalogue's version."""
    version.current = lambda: "always the same"
    return look_in_production(path, until)


def invoice(number: str) -> None:
    """Write the invoice of an order."""
    with transaction.atomic():
        invoices.write([Order.objects.get(number=number)], now=NOW)
