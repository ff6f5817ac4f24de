"""Kept pages without a question: PostgreSQL tells the version, and what is heard counts only while it surely is so."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from shop.models import Variant
from shop.page_cache import listener as module
from shop.page_cache import version, wsgi
from shop.page_cache.listener import Listener
from tests import statements
from tests.factories import VariantFactory
from tests.front import Front

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]

PATH = "/products/walden/"


def until(is_so: Callable[[], Any]) -> Any:
    """Return what comes of it as soon as it is so."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if found := is_so():
            return found
        time.sleep(0.01)
    raise AssertionError("It never was so.")


@pytest.fixture
def walden() -> Variant:
    return VariantFactory(product__slug="walden", price=1000)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch, walden: Variant) -> Iterator[Listener]:
    made = Listener()
    monkeypatch.setattr(wsgi, "listener", made)
    monkeypatch.setattr(module, "PROVE_EVERY", 0.1)  # and looks as often whether it shall stop
    until(made.token)
    yield made
    made.stop()
    until(lambda: not backends())


def backends() -> list[int]:
    """Return the process ids of the connections that listen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND query LIKE 'NOTIFY catalogue_version%%'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def kept(front: Front) -> bytes:
    """Return the page, made and kept."""
    front.get(PATH)
    return front.get(PATH).content


def test_a_kept_page_asks_the_database_nothing(listening: Listener) -> None:
    front = Front()
    page = kept(front)

    assert statements.count(lambda: front.get(PATH)) == 0
    assert front.get(PATH).content == page


def test_a_change_is_heard_and_the_page_made_anew(listening: Listener, walden: Variant) -> None:
    front = Front()
    assert "€10.00" in kept(front).decode()

    Variant.objects.update(price=2000)

    until(lambda: listening.token() == version.current())
    assert "€20.00" in front.get(PATH).content.decode()


def test_who_may_have_made_the_change_never_waits_for_it_to_be_heard(
    listening: Listener, walden: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = Front()
    kept(front)
    heard = listening.token()
    monkeypatch.setattr(listening, "token", lambda: heard)  # the notification is on its way for ever

    Variant.objects.update(price=2000)

    assert "€10.00" in front.get(PATH).content.decode()
    for headers in ({"HTTP_COOKIE": "a=b; sessionid=x"}, {"HTTP_X_SESSION_TOKEN": "x"}):
        assert "€20.00" in front.get(PATH, **headers).content.decode()
        kept(front)


def test_a_listener_whose_backend_is_killed_counts_no_more_and_comes_back(
    listening: Listener, walden: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_AGAIN", 0.3)
    front = Front()
    kept(front)
    [pid] = backends()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    until(lambda: listening.token() is None)
    Variant.objects.update(price=2000)

    assert "€20.00" in front.get(PATH).content.decode()
    until(listening.token)
    assert listening.token() == version.current()
    assert backends() != [pid]


def test_a_connection_that_says_nothing_is_not_believed_for_long(
    listening: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROVE_WITHIN", 0.1)
    monkeypatch.setattr(Listener, "_proves_itself", lambda *_args: False)

    until(lambda: listening.token() is None)


def test_a_pooler_that_lets_no_notification_through_is_never_believed(
    walden: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    monkeypatch.setattr(module, "CONNECT_AGAIN", 0.05)
    monkeypatch.setattr(Listener, "_proves_itself", lambda *_args: tried.append(1))
    made = Listener()
    try:
        assert made.token() is None
        until(lambda: len(tried) > 2)
        assert made.token() is None
    finally:
        made.stop()


def test_while_triggers_are_away_nothing_is_kept_and_everybody_hears_so(listening: Listener) -> None:
    front = Front()
    kept(front)

    version.take_away()
    try:
        until(lambda: listening.token() == "")
        Variant.objects.update(price=2000)
        assert "€20.00" in front.get(PATH).content.decode()
    finally:
        version.put_back()
    until(lambda: listening.token() == version.current())
