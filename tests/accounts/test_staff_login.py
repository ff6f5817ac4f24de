"""The admin's own log-in, which is limited as the shop's is."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
TOO_MANY = "Too many tries. Wait a few minutes, then log in again"


@pytest.fixture
def limited(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/99999999m/key"}


def log_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(f"{LOGIN}?next=/admin/", {"username": email, "password": password})


def test_staff_log_in(sam: User) -> None:
    client = Client()
    assert log_in(client, sam.email)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("email", ["sam@example.org", "nobody@example.org", "alice@example.org"])
def test_a_wrong_password_an_unknown_address_and_a_customer_read_the_same(
    sam: User, alice: User, email: str
) -> None:
    answer = log_in(Client(), email, PASSWORD if email.startswith("alice") else "wrong")
    assert answer.status_code == 200
    assert "and password for a staff account." in answer.text


def test_who_fails_too_often_waits_even_with_the_right_password(sam: User, limited: None) -> None:
    for _try in range(3):
        assert TOO_MANY not in log_in(Client(), sam.email, "wrong").text
    refused = log_in(Client(), sam.email)
    assert (refused.status_code, TOO_MANY in refused.text) == (200, True)


def test_failures_at_the_shops_door_count_at_the_admins(sam: User, limited: None) -> None:
    for _try in range(3):
        Client().post("/accounts/login/", {"login": sam.email, "password": "wrong"})
    assert TOO_MANY in log_in(Client(), sam.email).text


def test_logging_in_often_is_no_failure(sam: User, limited: None) -> None:
    for _time in range(5):
        assert log_in(Client(), sam.email).status_code == 302


@pytest.mark.parametrize(
    "fields",
    [{}, {"username": "sam@example.org"}, {"password": "x"}, {"username": "a" * 5000, "password": "\x00"}],
)
def test_what_is_no_log_in_is_said(fields: dict[str, str]) -> None:
    assert Client().post(LOGIN, fields).status_code == 200
