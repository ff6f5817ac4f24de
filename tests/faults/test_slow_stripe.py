"""Stripe takes connections and says nothing: pages that need it say so soon, all others do not notice."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.cache.backends.redis import RedisCache
from django.test import Client

from accounts import breaker, deadline
from checkout.models import Order
from checkout.payments import gateway, waiting
from checkout.payments.gateway import StripeUnavailableError
from checkout.purchase import sweeping
from config import gunicorn
from stripe_standin.testing import Standin
from tests.clock import Clock
from tests.faults.steps import place
from tests.hanging import HangingServer, hanging_server
from tests.redis_server import free_port, redis_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(breaker, "clock", clock)
    return clock


@pytest.fixture
def stripe_at(settings: Any) -> Iterator[Callable[[str], None]]:
    """Let Stripe be at another address from now on."""

    def move(url: str) -> None:
        settings.STRIPE = replace(settings.STRIPE, api_base=url)
        gateway._client.cache_clear()

    yield move
    gateway._client.cache_clear()


@pytest.fixture
def silent(stripe_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Iterator[HangingServer]:
    """A Stripe that says nothing, for a shop that waits a fiftieth of the usual time and tries once."""
    monkeypatch.setattr(gateway, "RETRIES", 0)
    monkeypatch.setattr(gateway, "READ_SECONDS", gateway.READ_SECONDS / 50)
    with hanging_server() as server:
        stripe_at(server.url)
        yield server


def ask() -> None:
    with pytest.raises(StripeUnavailableError):
        gateway.retrieve_intent("pi_1")


def until_it_opens() -> None:
    for _call in range(3):
        ask()


def test_f19_after_three_silences_nobody_asks_stripe_for_a_while(silent: HangingServer, clock: Clock) -> None:
    until_it_opens()
    assert silent.connections == 3
    ask()
    assert silent.connections == 3


def test_f19_after_the_pause_one_call_probes_and_the_others_do_not_wait_for_it(
    silent: HangingServer, clock: Clock
) -> None:
    until_it_opens()
    clock.at += waiting.BREAKER.pause
    assert waiting.BREAKER.admits()  # the probe, which is under way
    ask()
    assert silent.connections == 3


def test_f19_a_probe_that_hears_nothing_opens_it_for_another_pause(
    silent: HangingServer, clock: Clock, stripe_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    until_it_opens()
    clock.at += waiting.BREAKER.pause
    monkeypatch.setattr(gateway, "RETRIES", 1)
    stripe_at(silent.url)
    ask()
    assert silent.connections == 4  # the second try of the same call found it open
    clock.at += waiting.BREAKER.pause - 1
    ask()
    assert silent.connections == 4


def test_f19_a_probe_that_is_answered_ends_it(
    standin: Standin, silent: HangingServer, clock: Clock, stripe_at: Callable[[str], None]
) -> None:
    until_it_opens()
    stripe_at(standin.url)
    ask()
    clock.at += waiting.BREAKER.pause
    for _call in range(2):
        gateway.server_time()


def test_f19_an_answer_ends_the_row_of_silences(
    standin: Standin, silent: HangingServer, stripe_at: Callable[[str], None]
) -> None:
    for _round in range(2):
        stripe_at(silent.url)
        ask()
        ask()
        stripe_at(standin.url)
        gateway.server_time()


def test_f19_an_error_is_an_answer(standin: Standin, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "RETRIES", 0)
    gateway._client.cache_clear()
    standin.add_fault(action="status", status=500, path="/v1/payment_intents/*", method="GET", times=0)
    for _call in range(5):
        ask()
    standin.clear_faults()
    gateway.server_time()


def test_f19_an_answer_that_stops_halfway_is_a_silence(silent: HangingServer, clock: Clock) -> None:
    silent.begin = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
    until_it_opens()
    ask()
    assert silent.connections == 3


def test_f19_other_processes_know_it_through_redis(
    settings: Any, silent: HangingServer, clock: Clock, tmp_path: Path
) -> None:
    port = free_port()
    where = f"redis://127.0.0.1:{port}/0"
    settings.CACHES = {"default": {"BACKEND": "config.shared_cache.RedisOrMemory", "LOCATION": where}}
    with redis_server(tmp_path, port):
        until_it_opens()
        # Redis alone, as a process that has nothing of this one's memory sees it.
        elsewhere = RedisCache(where, {})
        assert elsewhere.get(waiting.BREAKER.key_of_open) == clock.at + waiting.BREAKER.pause
        elsewhere._cache.get_client().connection_pool.disconnect()


def test_f19_six_threads_of_a_process_wait_for_stripe_and_no_more(
    silent: HangingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "READ_SECONDS", 30)
    monkeypatch.setattr(waiting, "TURN_SECONDS", 0.01)
    gateway._client.cache_clear()
    with ThreadPoolExecutor(waiting.AT_ONCE) as pool:
        waiters = [pool.submit(in_request, ask) for _thread in range(waiting.AT_ONCE)]
        silent.wait_for(waiting.AT_ONCE)
        in_request(ask)
        assert silent.connections == waiting.AT_ONCE
        silent.close()
        for waiter in waiters:
            waiter.result()


def in_request(call: Any) -> None:
    with deadline.of_request():
        call()


def test_f19_a_worker_has_more_threads_than_may_wait_for_stripe() -> None:
    assert gunicorn.threads > waiting.AT_ONCE


def test_f19_all_calls_of_a_request_share_its_time(
    silent: HangingServer, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(deadline, "clock", clock)
    waits = []
    session = requests.Session.request

    def request(self: Any, *args: Any, timeout: tuple[float, float], **kwargs: Any) -> Any:
        waits.append(timeout)
        clock.at += 5
        return session(self, *args, timeout=(0.1, 0.01), **kwargs)

    monkeypatch.setattr(requests.Session, "request", request)
    monkeypatch.setattr(gateway, "READ_SECONDS", 30)
    monkeypatch.setattr(waiting, "BREAKER", replace(waiting.BREAKER, failures=100))
    gateway._client.cache_clear()
    with deadline.of_request():
        ask()
        ask()
        ask()

    assert waits == [(1.5, 11.0), (1.5, 6.0), (1.0, 1.0)]
    assert deadline.left() is None


def test_f19_requests_that_have_no_time_left_close_stripe_for_nobody(
    silent: HangingServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sends form after form so slowly that a moment is left for Stripe."""
    monkeypatch.setattr(deadline, "clock", clock)
    monkeypatch.setattr(deadline, "SECONDS", gateway.READ_SECONDS / 2)
    for _request in range(5):
        in_request(ask)
    silent.wait_for(5)
    assert waiting.BREAKER.admits()


def test_f19_pages_say_so_and_keep_the_order(buyer: Client, silent: HangingServer) -> None:
    place(buyer)
    order = Order.objects.get()
    for _look in range(4):
        answer = buyer.get(f"/checkout/{order.number}/pay/")
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert buyer.get(f"/checkout/{order.number}/status/").status_code == 200
    assert order.payments.get().status == "unknown"
    assert silent.connections == 3


def test_f19_sweeps_ask_again_once_stripe_answers(
    buyer: Client, standin: Standin, silent: HangingServer, clock: Clock, stripe_at: Callable[[str], None]
) -> None:
    place(buyer)
    order = Order.objects.get()
    until_it_opens()
    stripe_at(standin.url)
    assert sweep(order) == ["stripe_unavailable"]
    clock.at += waiting.BREAKER.pause
    assert sweep(order) == [""]
    assert order.payments.get().intent_id


def sweep(order: Order) -> list[str]:
    return [one.problem for one in sweeping.reconcile_open(now=order.placed_at, workers=1)]
