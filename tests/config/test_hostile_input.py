"""Input that a resolver or parser chokes on is answered with 400 or ignored, never with 500."""

import json

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db

NO_ADDRESSES = [
    "abc",
    "shop:home",
    "a:b:c",
    "%00",
    "//",
    "/\\evil.example",
    "javascript:alert(1)",
    "http://[",
]
DEEP = ["[" * 100_000, '{"a":' * 100_000, '{"email":' + "[" * 100_000]
HEADLESS = ["auth/login", "auth/signup", "auth/password/request", "auth/email/verify"]


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_f12_a_language_is_chosen_whatever_comes_next(client: Client, address: str) -> None:
    response = client.get("/language/de/", {"next": address})

    assert response.status_code == 302
    assert response["Location"] == "/de/"


def test_f12_a_page_of_ours_comes_next(client: Client) -> None:
    assert client.get("/language/de/", {"next": "/de/cart/?a=b"})["Location"] == "/de/cart/?a=b"


@pytest.mark.parametrize("page", ["login", "signup", "logout"])
@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_f12_account_pages_go_on_to_no_name_of_a_view(
    client: Client, alice: User, page: str, address: str
) -> None:
    if page == "logout":
        client.force_login(alice)
    data = {
        "login": alice.email,
        "email": "new@example.org",
        "password": "alice-reads-books",
        "password1": "k3lp-and-foam",
    }

    shown = client.get(f"/accounts/{page}/", {"next": address})
    response = client.post(f"/accounts/{page}/", data | {"next": address})

    assert shown.status_code == 200
    assert response.status_code in {200, 302}
    assert "evil" not in response.get("Location", "")


@pytest.mark.parametrize("body", DEEP, ids=["lists", "objects", "both"])
@pytest.mark.parametrize("path", HEADLESS)
def test_f12_json_nested_too_deep_is_refused(client: Client, path: str, body: str) -> None:
    response = client.post(f"/_allauth/app/v1/{path}", body, content_type="application/json")

    assert response.status_code in {400, 401}


@pytest.mark.parametrize("body", DEEP, ids=["lists", "objects", "both"])
@pytest.mark.parametrize("path", ["cart/lines", "orders"])
def test_f12_so_is_what_is_sent_to_the_api(client: Client, path: str, body: str) -> None:
    response = client.post(
        f"/api/v1/{path}", body, content_type="application/json", headers={"Idempotency-Key": "k" * 20}
    )

    assert response.status_code in {400, 401}
    assert set(json.loads(response.content)["error"]) == {"code", "message", "fields", "lines"}


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b'"\\ud800"', b"NaN", b"1e999", b"null", b"[]", b'"text"', b""]
)
@pytest.mark.parametrize(
    "path", ["_allauth/app/v1/auth/login", "_allauth/app/v1/auth/signup", "api/v1/cart/lines"]
)
def test_f12_bytes_that_are_no_object_of_json_are_refused(client: Client, path: str, body: bytes) -> None:
    response = client.post(f"/{path}", body, content_type="application/json")

    assert response.status_code in {400, 422}
