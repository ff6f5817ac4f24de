from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Order
from checkout.payments import gateway
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.faults.steps import place
from tests.orders import fill_cart
from tests.processes import Processes


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2400, stock=5)


@pytest.fixture
def buyer(as_alice: Client, alice: User, variant: Variant, standin: Standin) -> Client:
    """Alice, with two books in her cart."""
    fill_cart(alice, (variant, 2))
    return as_alice


@pytest.fixture
def order(buyer: Client) -> Order:
    """What she placed; its payment is begun."""
    place(buyer)
    return Order.objects.get()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a twentieth of the usual time, so that a test of silence is short."""
    monkeypatch.setattr(gateway, "READ_SECONDS", gateway.READ_SECONDS / 20)
    gateway._client.cache_clear()


@pytest.fixture(scope="session")
def processes(django_db_setup: Any, running_standin: Standin) -> Iterator[Processes]:
    """The shop in processes that can be killed; for tests whose rows are committed."""
    with Processes(running_standin.url) as processes:
        yield processes
