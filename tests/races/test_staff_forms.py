"""Staff save a book at the instant at which its last copy is sold: both are done, and neither waits for the other for ever."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError
from django.urls import reverse

from accounts.fresh_forms import FreshForm
from accounts.models import User
from shop import stock
from shop.models import Product, Variant
from tests.conftest import logged_in
from tests.factories import EARLY, VariantFactory
from tests.html_forms import as_sent
from tests.races.test_denormalised import wait_until_somebody_waits
from tests.races.together import at_once

# SQLite has one writer at a time.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]


@pytest.fixture
def acts(sam: User, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """Return the save of title and price, and the sale of the last copy, which begins when the title is written."""
    variant, client, wrote = VariantFactory(price=1100, stock=1), logged_in(sam), Event()
    address = reverse("admin:shop_product_change", args=[variant.product_id])
    changed = {"title": "Walden again", "variants-0-price": "12.50"}
    form, write = as_sent(client.get(address), "product_form", **changed), FreshForm.write

    def write_and_wait(self: FreshForm, *also: str) -> None:
        write(self, *also)
        if isinstance(self.instance, Product):
            wrote.set()
            wait_until_somebody_waits()

    def sell() -> None:
        assert wrote.wait(20)
        stock.take({variant.pk: 1}, reference="FQ7K-3MWD", now=EARLY)

    monkeypatch.setattr(FreshForm, "write", write_and_wait)
    return [lambda: client.post(address, form).status_code, sell]


def test_a_save_and_the_sale_of_the_last_copy_both_succeed(acts: list[Callable[[], Any]]) -> None:
    assert at_once(*acts) == [302, None]
    variant = Variant.objects.select_related("product").get()
    assert (variant.price, variant.stock) == (1250, 0)
    assert (variant.product.title, variant.product.price_from) == ("Walden again", 1250)
    assert not variant.product.in_stock


def test_without_the_locks_of_the_variants_first_each_would_wait_for_the_other(
    acts: list[Callable[[], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the database ends one of them."""
    monkeypatch.setattr(stock, "lock", lambda ids: None)
    assert [type(result) for result in at_once(*acts) if isinstance(result, Exception)] == [OperationalError]
