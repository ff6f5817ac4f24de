"""What every answer tells a browser, what is served at all, and how the log writes the time."""

import json
import logging
import re
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

pytestmark = pytest.mark.django_db
ANSWERS = [
    "/", "/products/", "/products/nix/", "/cart/", "/orders/", "/checkout/", "/accounts/login/", "/admin/login/",
    "/api/v1/config", "/api/v1/nix", "/_allauth/app/v1/config", "/robots.txt", "/sitemap.xml", "/new-books.atom", "/nix",
]  # fmt: skip


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_says_how_a_browser_shall_take_it(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Accept-Language": "en"})
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    headers = {
        name: answer[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")
    }
    assert list(headers.values()) == ["nosniff", "same-origin", "DENY"]


@pytest.mark.parametrize(
    "path",
    [
        *("/.git/config", "/.env", "/var/folio.sqlite3", "/static/", "/media/", "/media/../folio.sqlite3"),
        *("/static/../.env", "/static/%2e%2e/.env", "/media/%2e%2e/folio.sqlite3", "/media//etc/passwd"),
    ],
)
def test_nothing_but_static_files_and_pictures_is_served(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_line_of_the_log_has_its_time_with_the_offset() -> None:
    formatters: dict[str, Any] = json.loads(json.dumps(configured.LOGGING["formatters"]))
    line = DictConfigurator({"version": 1}).configure_formatter(formatters["line"])
    record = logging.LogRecord("accounts", logging.INFO, "", 1, "A log-in", (), None)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO accounts: A log-in", line.format(record)
    )
