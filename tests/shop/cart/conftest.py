"""A cart to test with: a visitor's, and Walden to put into it."""

from datetime import UTC, datetime

import pytest

from shop import stock
from shop.models import Cart, CartLine, Variant
from tests.factories import EARLY, VariantFactory

NOW = datetime(2026, 11, 14, 14, 12, tzinfo=UTC)


@pytest.fixture
def cart():
    return Cart.objects.create(token="visitor", created_at=EARLY)


@pytest.fixture
def walden():
    return VariantFactory(product__title="Walden", name="Paperback", price=1100, stock=10)


def contents(cart):
    return {line.variant: line.quantity for line in CartLine.objects.filter(cart=cart)}


def set_stock(variant, level):
    stock.set_level(variant.pk, level, reason="test", now=NOW)


def set_price(variant, price):
    Variant.objects.filter(pk=variant.pk).update(price=price)
