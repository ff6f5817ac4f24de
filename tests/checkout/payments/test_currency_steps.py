"""Currencies of which Stripe does not take every digit: https://docs.stripe.com/currencies#special-cases."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client

from accounts.models import User
from checkout.models import DeliveryOption, Order
from checkout.purchase.placing import AmountInStepsError
from shop.models import Variant
from tests.factories import VariantFactory
from tests.orders import place

pytestmark = pytest.mark.django_db

REFUSED = [("kwd", 5125), ("bhd", 1), ("tnd", 10009), ("isk", 1250), ("ugx", 99)]
TAKEN = [("kwd", 5120), ("isk", 1200), ("ugx", 100), ("eur", 5125), ("jpy", 999), ("kwd", 0)]


@pytest.mark.parametrize(("currency", "price"), REFUSED)
def test_f18_a_price_that_stripe_would_refuse_is_refused_where_it_is_typed(
    settings: Any, currency: str, price: int
) -> None:
    settings.STORE_CURRENCY = currency
    for row in (Variant(price=price), DeliveryOption(price=price)):
        with pytest.raises(ValidationError, match="in steps of") as refused:
            row.clean()
        assert set(refused.value.message_dict) == {"price"}


@pytest.mark.parametrize(("currency", "price"), TAKEN)
def test_f18_any_other_price_is_taken(settings: Any, currency: str, price: int) -> None:
    settings.STORE_CURRENCY = currency
    Variant(price=price).clean()
    DeliveryOption(price=price).clean()


@pytest.mark.parametrize(("currency", "price"), REFUSED)
def test_f18_check_names_the_prices_there_are(settings: Any, currency: str, price: int) -> None:
    settings.STORE_CURRENCY = currency
    variant = VariantFactory(price=price)
    with pytest.raises(SystemCheckError, match=variant.sku):
        call_command("check", databases=["default"])


@pytest.mark.parametrize(("currency", "price"), REFUSED)
def test_f18_no_order_is_placed_that_could_not_be_paid(
    settings: Any, alice: User, currency: str, price: int
) -> None:
    settings.STORE_CURRENCY = currency
    variant = VariantFactory(price=price, stock=5, is_digital=True)

    with pytest.raises(AmountInStepsError, match="cannot be charged"):
        place(alice, (variant, 1))

    variant.refresh_from_db()
    assert (Order.objects.count(), variant.stock) == (0, 5)


def test_f18_the_admin_says_what_to_type(as_sam: Client, settings: Any) -> None:
    settings.STORE_CURRENCY = "kwd"
    page = as_sam.post(
        "/admin/checkout/deliveryoption/add/",
        {"code": "post", "name": "Post", "price": "1.255", "position": "0"},
    )
    assert "Choose 1.250 or 1.260." in page.content.decode()
