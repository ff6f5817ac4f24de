"""Probes: whatever address an orchestrator asks by, and no page but theirs."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "[::1]:80", "shop:1337", "a_b", "", "evil.example"])
def test_f23_probes_are_answered_whatever_the_host(client: Client, path: str, host: str) -> None:
    assert client.get(path, HTTP_HOST=host).status_code == client.get(path).status_code != 400


@pytest.mark.django_db
def test_f23_no_page_is(client: Client) -> None:
    assert client.get("/", HTTP_HOST="10.1.2.3").status_code == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_only_asked(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
    assert client.post(path)["X-Content-Type-Options"] == "nosniff"


def test_that_it_lives_is_said_without_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"
