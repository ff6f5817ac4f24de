"""The shop while the cache that processes share is dead, hangs, and comes back."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client

from accounts.models import User
from checkout.models import Order
from checkout.payments import limits
from config import shared_cache
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import place
from tests.redis_server import free_port, redis_server

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/products/",
    "/cart/",
    "/checkout/",
    "/orders/",
    "/accounts/login/",
    "/fragments/personal/",
    "/readyz",
]


@pytest.fixture
def port(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Use a Redis at a free port, with all limits on."""
    port = free_port()
    settings.CACHES = {
        "default": {"BACKEND": "config.shared_cache.RedisOrMemory", "LOCATION": f"redis://127.0.0.1:{port}/0"}
    }
    settings.CACHE_IS_SHARED, settings.RATE_LIMITS = True, True
    # However slow the machine is: it is asked again only where a test says so.
    monkeypatch.setattr(shared_cache, "PAUSE", 1000)
    shared_cache._asked_again_at.clear()
    yield port
    caches.close_all()
    shared_cache._asked_again_at.clear()


@pytest.fixture
def order(alice: User, standin: Standin) -> Order:
    return place(alice, (VariantFactory(price=2000, stock=9), 1))


def walk(client: Client, order: Order, variant_id: int) -> dict[str, int]:
    """Put a book into the cart, look at every page, and pay; return the status of each answer."""
    added = client.post(
        "/cart/lines/", {"variant": variant_id, "quantity": 1}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    paths = [
        *PAGES,
        f"/checkout/{order.number}/pay/",
        f"/orders/{order.number}/",
        "/api/v1/cart",
        "/api/v1/products",
    ]
    return {"add": added.status_code} | {path: client.get(path).status_code for path in paths}


def is_well(statuses: dict[str, int]) -> bool:
    return set(statuses.values()) <= {200, 302}


def test_f21_redis_dies_and_nothing_else_does(
    as_alice: Client, order: Order, port: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    variant = VariantFactory(price=1000, stock=9).pk
    with redis_server(tmp_path, port):
        assert is_well(walk(as_alice, order, variant))
        assert as_alice.get("/readyz").json()["cache"] == "ok"
        assert not cache.is_away

    assert is_well(walk(as_alice, order, variant))  # it was killed
    assert as_alice.get("/readyz").json()["cache"] == "no answer"
    assert "Redis does not answer" in caplog.text

    with redis_server(tmp_path, port):
        shared_cache._asked_again_at.clear()  # as after PAUSE seconds
        assert is_well(walk(as_alice, order, variant))
        assert as_alice.get("/readyz").json()["cache"] == "ok"


def test_f21_who_logs_in_while_it_is_away_stays_logged_in_and_who_logs_out_stays_out(
    client: Client, alice: User, port: int, tmp_path: Path
) -> None:
    with redis_server(tmp_path, port):
        client.force_login(alice)
        assert client.get("/orders/").status_code == 200
    client.post("/accounts/logout/")
    with redis_server(tmp_path, port):
        shared_cache._asked_again_at.clear()
        assert client.get("/orders/").status_code == 302
    client.force_login(alice)
    with redis_server(tmp_path, port):
        shared_cache._asked_again_at.clear()
        assert client.get("/orders/").status_code == 200


def test_f21_limits_hold_in_each_process_while_it_is_away(
    as_alice: Client, order: Order, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All within one minute, however slow the machine is.
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_800_000_000))
    answers = [as_alice.get("/api/v1/orders").status_code for _ in range(301)]

    assert set(answers[:300]) == {200}
    assert answers[300] == 429


def test_f21_a_redis_that_hangs_is_left_alone(as_alice: Client, order: Order, port: int, caplog: Any) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", port))
        silent.listen()

        assert is_well(walk(as_alice, order, VariantFactory(price=1000, stock=9).pk))

    assert caplog.text.count("Redis does not answer") == 1


def test_f21_a_counter_that_the_cache_forgot_begins_anew(
    as_alice: Client, order: Order, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr(type(caches["default"]), "add", lambda *_args, **_named: False)

    assert as_alice.get("/api/v1/orders").status_code == 200
