"""What a visitor sees when something broke, in the shop's look and without what is broken."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, InternalError, OperationalError
from django.db.transaction import TransactionManagementError
from django.test import Client

from shop import views
from shop.seo import views as seo
from tests.accounts.reading import Page


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def caused(error: Exception, cause: Exception) -> Exception:
    """Return an error as `raise error from cause` would leave it."""
    error.__cause__ = cause
    return error


def of_postgresql(sqlstate: str) -> Exception:
    cause = Exception("what psycopg says")
    cause.sqlstate = sqlstate  # type: ignore[attr-defined]
    return cause


GONE = OperationalError("terminating connection due to administrator command")
# All that a database may say while it is restarted, or while another one takes its place.
AWAY = [
    OperationalError("database is locked"),
    InterfaceError("connection already closed"),
    caused(InternalError("cannot execute UPDATE in a read-only transaction"), of_postgresql("25006")),
    caused(TransactionManagementError("An error occurred in the current transaction."), GONE),
]
OF_OURS = [
    RuntimeError("a slip"),
    caused(TransactionManagementError("An error occurred in the current transaction."), IntegrityError()),
    caused(InternalError("current transaction is aborted"), of_postgresql("25P02")),
]


def breaking(error: Exception) -> Callable[..., None]:
    def broken(*arguments: Any, **named: Any) -> None:
        raise error

    return broken


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        *((error, 500, "Something broke on our side.") for error in OF_OURS),
        *((error, 503, "We are closed for a moment.") for error in AWAY),
    ],
)
def test_a_broken_page_says_so_without_the_database(
    visitor: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, said: str
) -> None:
    """No `db` fixture: every statement would fail this test."""
    settings.STORE_NAME = "Wren & Daughters"
    monkeypatch.setattr(seo, "by_slug", breaking(error))

    response = visitor.get("/social/walden/0123456789abcdef.jpg")

    page = Page(response)
    assert response.status_code == status
    assert page.one("h1").text == said
    assert page.one("title").text == f"Error: {said} · Wren & Daughters"
    assert page.one("meta", name="robots").attrs["content"] == "noindex"
    assert response.headers.get("Retry-After") == ("60" if status == 503 else None)
    assert str(error) not in response.content.decode()


def test_a_broken_german_page_is_german(visitor: Client, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr(views, "product_page", breaking(RuntimeError("a slip")))

    response = visitor.get("/de/products/walden/")

    assert response.status_code == 500
    assert Page(response).one("html").attrs["lang"] == "de"
