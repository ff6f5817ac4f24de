"""Input that a resolver or parser chokes on is answered with 400 or ignored, never with 500."""

import json

import pytest
from django.test import Client

from accounts.models import User
from tests.api.app import App

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


@pytest.mark.parametrize("chosen", ["", "x", "\x00", "²", "9" * 400, "1; DROP TABLE", "-1"])
@pytest.mark.parametrize("path", ["shop/variant", "accounts/user", "shop/product"])
def test_f12_rows_that_cannot_be_are_chosen_in_vain(as_sam: Client, path: str, chosen: str) -> None:
    data = {"action": "delete_selected", "_selected_action": [chosen], "index": "0"}
    assert as_sam.post(f"/admin/{path}/", data).status_code in {200, 302}


@pytest.mark.parametrize("key", ["-1", "-", "", "1", "١-x", "zzzzzzzzzzzzzzzz-x", "\x00-x", -1, None, ["-"]])
def test_f12_a_key_that_is_none_opens_no_new_password(client: Client, key: object) -> None:
    path = "/_allauth/app/v1/auth/password/reset"
    facts = {"key": key, "password": "k3lp-and-foam-in-the-sea"}
    assert client.post(path, facts, content_type="application/json").status_code == 400
    asked = client.get(path, headers={"X-Password-Reset-Key": str(key).replace("\x00", "")})
    assert asked.status_code == 400


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "head", "options"])
@pytest.mark.parametrize("path", ["account/phone", "auth/phone/verify", "auth/phone/verify/resend"])
def test_f12_nobody_has_a_telephone_number(client: Client, path: str, method: str) -> None:
    assert getattr(client, method)(f"/_allauth/app/v1/{path}").status_code == 404


def test_f12_the_admins_log_in_leads_on_who_is_logged_in(as_sam: Client) -> None:
    assert as_sam.get("/admin/login/")["Location"] == "/admin/"


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999", "9" * 400, "-1", "0.5"])
def test_f12_a_number_that_can_be_of_no_row_is_refused(alice: User, number: str) -> None:
    app = App()
    app.log_in(alice)
    token = {"X-Session-Token": app.session_token}
    path, body = "/_allauth/app/v1/account/authenticators/webauthn", f'{{"id": {number}, "name": "Phone"}}'
    assert Client().put(path, body, "application/json", headers=token).status_code in {400, 401}
