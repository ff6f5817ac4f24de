"""What all tests share: the cast, a stand-in for Stripe on a free port, and the books, checked after every test.

alice buys, bob is a stranger with orders of his own, sam is staff.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase

from accounts import mails
from accounts.models import User
from checkout.payments import gateway
from shop.page_cache import cached_pages
from shop.page_cache.listener import listener
from stripe_standin.testing import Standin
from tests import books, chromium, tables

PASSWORD = "correct-horse-battery"

# Playwright keeps an event loop in the main thread, beside which Django would refuse its ordinary database calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what is slow, so that no worker is left alone with it; leave out what is about another database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
    marks = ((item, item.get_closest_marker("only_on")) for item in items)
    others = [item for item, mark in marks if mark and connection.vendor not in mark.args]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End the sessions that threads and killed processes of tests left behind: PostgreSQL drops no database in use."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_by_us() -> Iterator[None]:
    """After a test with real transactions, delete the rows that are there, in place of Django's flush."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: tables.empty())
        yield


@pytest.fixture(scope="session")
def private_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("private")


@pytest.fixture(autouse=True)
def plain_settings(settings: Any, private_root: Path) -> None:
    settings.PRIVATE_ROOT = private_root
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    cache.clear()  # where the limits count
    cached_pages.memory.clear()


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the database for the catalogue's version: a connection that listens would outlive its test."""
    monkeypatch.setattr(listener, "token", lambda: None)


@pytest.fixture(autouse=True)
def mails_about_accounts_leave_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send them as after a commit where nothing but a test's own transaction is open, which is never committed."""

    def after_the_shops_own(call: Callable[[], None]) -> None:
        own = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
        if own:
            transaction.on_commit(call)
        else:
            call()

    monkeypatch.setattr(mails, "transaction", SimpleNamespace(on_commit=after_the_shops_own))


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice@example.org", PASSWORD, name="Alice Liddell")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.org", PASSWORD, name="Bob Cratchit")


@pytest.fixture
def sam(db: None) -> User:
    return User.objects.create_superuser("sam@example.org", PASSWORD, name="Sam Weller")


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice: User) -> Client:
    return logged_in(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return logged_in(bob)


@pytest.fixture
def as_sam(sam: User) -> Client:
    return logged_in(sam)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Start the Chromium that this machine has."""
    path = chromium.find()
    if path is None:
        pytest.skip("Chromium was not found. CHROMIUM= names one.")
    return {"executable_path": path, "args": chromium.FLAGS}


@pytest.fixture(scope="session")
def running_standin() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


@pytest.fixture
def standin(running_standin: Standin, settings: Any) -> Iterator[Standin]:
    """A Stripe of our own, empty, that the shop of this test talks to."""
    running_standin.reset()
    settings.STRIPE = replace(settings.STRIPE, api_base=running_standin.url, js_url=running_standin.js_url)
    origin = [running_standin.url]
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {
            **policy,
            "script-src": ["'self'", *origin],
            "frame-src": origin,
            "connect-src": ["'self'", *origin],
        }
    }
    gateway._client.cache_clear()
    yield running_standin
    running_standin.reset()  # what it would still send must not reach the next test's shop
    gateway._client.cache_clear()


@pytest.fixture(autouse=True)
def the_books_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check after every test that used the database that stock, orders and money add up."""
    marker = request.node.get_closest_marker("django_db")
    uses_database = marker or {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if not uses_database:
        yield
        return
    is_transactional = (marker and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames
    request.getfixturevalue("transactional_db" if is_transactional else "db")
    yield
    if not request.node.get_closest_marker("broken_books"):
        assert books.breaches() == []
