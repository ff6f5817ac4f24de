from io import StringIO

import pytest
from django.core.management import call_command

from checkout.demo import orders
from checkout.models import Order
from shop.models import Variant
from tests.factories import VariantFactory
from tests.orders import NOW

pytestmark = pytest.mark.django_db


def load(count: int) -> int:
    return sum(orders.load(count, now=NOW))


def test_orders_of_the_past_leave_every_stock_as_it_is_and_the_books_hold() -> None:
    variants = [VariantFactory(price=2000, stock=5) for _number in range(4)]
    assert load(120) == 120
    assert set(Order.objects.values_list("status", flat=True)) >= {"paid", "shipped", "delivered", "expired"}
    assert set(Variant.objects.values_list("stock", flat=True)) == {5}
    assert len(variants) == 4


def test_what_is_there_is_not_made_again() -> None:
    for _number in range(3):
        VariantFactory()
    assert (load(10), load(10), load(25)) == (10, 0, 15)
    assert Order.objects.count() == 25


def test_the_command_makes_them_after_the_books() -> None:
    out = StringIO()
    call_command("load_demo", orders=7, stdout=out, stderr=StringIO())
    assert "Orders of invented customers: 7 new, 0 were there." in out.getvalue()
