"""What caches on the way, and programs that only look, may rely on."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PUBLIC = ["/api/v1/products", "/api/v1/categories", "/api/v1/config"]


@pytest.mark.parametrize("path", PUBLIC)
def test_f25_a_cookie_does_not_change_what_the_api_says(client: Client, path: str) -> None:
    client.cookies["language"] = "de"

    response = client.get(path, headers={"Accept-Language": "en"})

    assert response["Content-Language"] == "en"
    assert response.content == Client().get(path).content
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize(
    ("asked", "answered"), [("de", "de"), ("de-AT;q=0.5, fr", "de"), ("fr", "en"), ("*", "en"), ("%%%", "en")]
)
def test_the_api_speaks_the_language_it_is_asked_in(
    client: Client, path: str, asked: str, answered: str
) -> None:
    assert client.get(path, headers={"Accept-Language": asked})["Content-Language"] == answered


def test_f25_the_first_page_tells_that_it_depends_on_the_language_that_was_chosen(client: Client) -> None:
    assert {"Accept-Language", "Cookie"} <= set(client.get("/")["Vary"].replace(" ", "").split(","))
    client.cookies["language"] = "de"
    response = client.get("/")
    assert response["Location"] == "/de/"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path", [*PUBLIC, "/api/v1/cart", "/api/v1/orders", "/api/v1/nothing"])
def test_f25_head_is_answered_as_get_is(client: Client, path: str) -> None:
    asked, looked = client.get(path), client.head(path)

    assert looked.status_code == asked.status_code
    assert looked.content == b""
    for header in ("Content-Type", "Cache-Control", "Vary", "ETag"):
        assert looked.get(header) == asked.get(header)
