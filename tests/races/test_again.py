"""Somebody orders the same again in two tabs at once: the cart holds it once. And the control."""

from typing import Any

import pytest

from accounts.models import User
from shop.cart import lines, session
from shop.cart.refill import Wanted
from shop.models import Cart, CartLine
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.orders import offer_delivery, pay, place
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def quantity_after_two_tabs(alice: User) -> int:
    offer_delivery()
    order = pay(place(alice, (VariantFactory(stock=9), 2)))
    tabs = [logged_in(alice), logged_in(alice)]
    answers = at_once(
        *(lambda tab=tab: tab.post(f"/orders/{order.number}/again/").status_code for tab in tabs)
    )
    assert answers == [302, 302]
    return CartLine.objects.get().quantity


def test_two_tabs_at_once_put_it_in_once(alice: User) -> None:
    assert quantity_after_two_tabs(alice) == 2


def test_by_adding_it_would_be_doubled(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""

    def add(cart: Cart, wanted: list[Wanted]) -> tuple[Any, ...]:
        for line in wanted:
            lines.add_within(cart, line.variant_id or 0, line.quantity)
        return ()

    monkeypatch.setattr(session, "up_to", add)
    assert quantity_after_two_tabs(alice) == 4
