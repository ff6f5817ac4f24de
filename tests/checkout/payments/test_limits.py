from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Timeline
from checkout.payments import limits
from checkout.payments.limits import Limit
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import FORM, fill_cart

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch, standin: Standin) -> None:
    day = 24 * 3600
    monkeypatch.setattr(
        limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, placing=(Limit(2, day), Limit(3, day)))
    )
    monkeypatch.setattr(
        limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, paying=(Limit(3, day), Limit(9, day)))
    )
    monkeypatch.setattr(
        limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, declines=(Limit(2, day), Limit(3, day)))
    )


def place(client: Client, user: User) -> Any:
    fill_cart(user, (VariantFactory(price=1000), 1))
    total = sum(line.variant.price for line in user.cart.lines.select_related("variant")) + 450
    return client.post("/checkout/", {**FORM, "total": total})


def test_too_many_orders_of_one_account_are_refused_and_nothing_is_lost(
    as_alice: Client, alice: User
) -> None:
    for _time in range(2):
        assert place(as_alice, alice).status_code == HTTPStatus.FOUND
    page = place(as_alice, alice)
    assert page.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(page["Retry-After"]) > 0
    assert "Oudegracht 12" in page.text
    assert "are kept" in page.text
    assert Order.objects.filter(status="placed").count() == 1
    assert alice.cart.lines.count() == 3


def test_many_accounts_at_one_address_share_a_wider_limit(
    as_alice: Client, alice: User, as_bob: Client, bob: User
) -> None:
    statuses = [place(client, user).status_code for client, user in [(as_alice, alice), (as_bob, bob)] * 2]
    assert statuses == [302, 302, 302, 429]


def test_f06_addresses_of_one_network_of_ipv6_share_it_too(alice: User, bob: User) -> None:
    clients = [(Client(REMOTE_ADDR=f"2001:db8::{user.pk}"), user) for user in (alice, bob)]
    for client, user in clients:
        client.force_login(user)
    assert [place(client, user).status_code for client, user in clients * 2] == [302, 302, 302, 429]


def test_too_many_looks_at_pay_pages_make_no_more_intents(
    as_alice: Client, alice: User, standin: Standin
) -> None:
    place(as_alice, alice)
    address = f"/checkout/{Order.objects.get().number}/pay/"
    assert [as_alice.get(address).status_code for _time in range(5)] == [200, 200, 200, 429, 429]
    assert len(standin.intents()) == 1


def test_after_too_many_declines_there_is_no_card_form_for_a_while(
    as_alice: Client, alice: User, standin: Standin
) -> None:
    place(as_alice, alice)
    order = Order.objects.get()
    for number in range(2):
        Timeline.objects.create(
            order=order, kind="declined", actor="customer", at=timezone.now(), data={"n": number}
        )
    page = as_alice.get(f"/checkout/{order.number}/pay/")
    assert page.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Too many tries." in page.text
    assert as_alice.get(f"/checkout/{order.number}/status/").status_code == HTTPStatus.OK


def test_many_accounts_at_one_address_share_a_wider_limit_of_declines(
    as_alice: Client, alice: User, as_bob: Client, bob: User
) -> None:
    def look(client: Client, user: User) -> int:
        return client.get(f"/checkout/{Order.objects.get(user=user).number}/pay/").status_code

    def decline(user: User) -> None:
        Timeline.objects.create(
            order=Order.objects.get(user=user), kind="declined", actor="webhook", at=timezone.now()
        )

    for client, user in ((as_alice, alice), (as_bob, bob)):
        place(client, user)
        decline(user)
        assert look(client, user) == HTTPStatus.OK
    decline(bob)  # two of his own are too many for him
    assert look(as_bob, bob) == HTTPStatus.TOO_MANY_REQUESTS
    assert look(as_alice, alice) == HTTPStatus.TOO_MANY_REQUESTS  # three at one address are too many for all


def test_limits_can_be_switched_off_for_load_tests(as_alice: Client, alice: User, settings: Any) -> None:
    settings.RATE_LIMITS = False
    assert {place(as_alice, alice).status_code for _time in range(4)} == {302}
