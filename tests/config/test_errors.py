"""What a visitor sees when something broke, in the shop's look and without what is broken."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from shop import views
from shop.seo import views as seo
from tests.accounts.reading import Page


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def breaking(error: Exception) -> Callable[..., None]:
    def broken(*arguments: Any, **named: Any) -> None:
        raise error

    return broken


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RuntimeError("a slip"), 500, "Something broke on our side."),
        (OperationalError("database is locked"), 503, "We are closed for a moment."),
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
