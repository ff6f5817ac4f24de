"""How many SQL statements the pages from checkout to status take: a fixed number, whatever an order holds.

Which numbers, `make bench ONLY=cost` counts and bench/lines.py limits.
"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from checkout.models import Order
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.factories import ProductImageFactory, VariantFactory
from tests.orders import FORM

pytestmark = pytest.mark.django_db


def books(number: int) -> list[tuple[Variant, int]]:
    variants = [VariantFactory(price=1100, stock=9) for _book in range(number)]
    for variant in variants:
        ProductImageFactory(product=variant.product)
    return [(variant, 1) for variant in variants]


def count(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as statements:
        ask()
    return len(statements)


def buy(client: Client, user: User, number: int) -> dict[str, int]:
    """Buy a number of books and return how many statements each page took."""
    orders.fill_cart(user, *books(number))
    found = {
        "checkout": count(lambda: client.get("/checkout/")),
        "summary": count(lambda: client.get("/checkout/summary/?delivery=courier")),
    }
    total = 1100 * number + (450 if 1100 * number < 6000 else 0)
    found["place"] = count(lambda: client.post("/checkout/", {**FORM, "total": total}))
    order = Order.objects.get(user=user)
    found["pay"] = count(lambda: client.get(f"/checkout/{order.number}/pay/"))
    found["status"] = count(lambda: client.get(f"/checkout/{order.number}/status/"))
    found["order"] = count(lambda: client.get(order.get_absolute_url()))
    found["orders"] = count(lambda: client.get("/orders/"))
    return found


@pytest.mark.parametrize("number", [12, 50])
def test_a_purchase_of_twelve_books_takes_no_more_statements_than_one_of_one(
    number: int, as_alice: Client, alice: User, as_bob: Client, bob: User, standin: Standin
) -> None:
    assert buy(as_alice, alice, 1) == buy(as_bob, bob, number)


def test_a_paid_order_of_fifty_books_takes_no_more_statements_than_one_of_one(
    as_alice: Client, alice: User, as_bob: Client, bob: User, standin: Standin
) -> None:
    def cost(client: Client, user: User, number: int) -> int:
        order = orders.place(user, *books(number), now=timezone.now())
        client.get(f"/checkout/{order.number}/pay/")
        standin.pay(order.payments.get().intent_id)
        found = count(lambda: client.get(f"/checkout/{order.number}/status/"))
        assert Order.objects.get(pk=order.pk).status == Order.Status.PAID
        return found

    assert cost(as_alice, alice, 1) == cost(as_bob, bob, 50)


def test_the_list_of_orders_costs_the_same_for_one_and_for_many(
    as_alice: Client, alice: User, standin: Standin
) -> None:
    def one_more(number: int) -> int:
        orders.pay(orders.place(alice, *books(number), now=timezone.now()))
        return count(lambda: as_alice.get("/orders/"))

    assert one_more(1) == one_more(2) == one_more(3)
