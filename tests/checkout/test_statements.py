"""How many SQL statements the pages from checkout to status take: a fixed number, whatever an order holds."""

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

# The most for each page, with two for the session and the user. Placing takes one more for each line, whose stock is
# taken by a statement of its own.
MOST = {"checkout": 7, "summary": 6, "place": 35, "pay": 23, "status": 18, "order": 9, "orders": 9}


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
    found["place"] = count(lambda: client.post("/checkout/", {**FORM, "total": total})) - number
    order = Order.objects.get(user=user)
    found["pay"] = count(lambda: client.get(f"/checkout/{order.number}/pay/"))
    found["status"] = count(lambda: client.get(f"/checkout/{order.number}/status/"))
    found["order"] = count(lambda: client.get(order.get_absolute_url()))
    found["orders"] = count(lambda: client.get("/orders/"))
    return found


def test_a_purchase_of_twelve_books_takes_no_more_statements_than_one_of_one(
    as_alice: Client, alice: User, as_bob: Client, bob: User, standin: Standin
) -> None:
    few, many = buy(as_alice, alice, 1), buy(as_bob, bob, 12)
    assert few == many
    assert {page: found for page, found in few.items() if found > MOST[page]} == {}


def test_the_list_of_orders_costs_the_same_for_one_and_for_many(
    as_alice: Client, alice: User, standin: Standin
) -> None:
    for number in range(3):
        orders.pay(orders.place(alice, *books(number + 1), now=timezone.now()))
    assert count(lambda: as_alice.get("/orders/")) == MOST["orders"]
