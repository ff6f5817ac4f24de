from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone

from checkout.payments import checks, gateway
from stripe_standin.testing import Standin
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


def ids(**options: Any) -> list[str | None]:
    return [message.id for message in run_checks(**options)]


def test_a_shop_that_is_set_up_has_nothing_to_mend(standin: Standin) -> None:
    assert ids(tags=["stripe"], include_deployment_checks=True) == []


def test_a_currency_that_does_not_exist_is_named(settings: Any) -> None:
    settings.STORE_CURRENCY = "euro"
    assert ids(tags=["stripe"]) == ["checkout.E001"]


def test_a_missing_webhook_secret_is_named(settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert ids(tags=["stripe"]) == ["checkout.W002"]


def test_prices_that_stripe_would_not_charge_are_named() -> None:
    VariantFactory(price=100_000_000)
    VariantFactory(price=49, is_digital=True)
    VariantFactory(price=0, is_digital=True)
    VariantFactory(price=2400)
    assert ids(tags=["database"], databases=["default"]) == ["checkout.W003", "checkout.W003"]


def test_a_wrong_key_is_told_at_start(standin: Standin, settings: Any) -> None:
    settings.STRIPE = replace(settings.STRIPE, secret_key="sk_live_wrong")
    gateway._client.cache_clear()
    assert ids(tags=["stripe"], include_deployment_checks=True) == ["checkout.E005"]


def test_a_clock_that_is_off_is_told(standin: Standin) -> None:
    assert checks.ask_stripe(now=timezone.now()) == "ok"
    assert "the clocks differ by 36" in checks.ask_stripe(now=timezone.now() + timedelta(hours=1))


def test_readiness_tells_each_part(client: Client, standin: Standin) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"database": "ok", "cache": "ok", "pages": "ok", "stripe": "ok", "webhooks": "ok"},
    )


def test_while_stripe_is_silent_the_shop_still_serves(client: Client, settings: Any) -> None:
    settings.STRIPE = replace(settings.STRIPE, api_base="http://127.0.0.1:9")
    gateway._client.cache_clear()
    answer = client.get("/readyz")
    gateway._client.cache_clear()
    assert (answer.status_code, answer.json()["stripe"]) == (200, "no answer")


def test_a_refused_key_is_not_ready(client: Client, standin: Standin, settings: Any) -> None:
    settings.STRIPE = replace(settings.STRIPE, secret_key="sk_live_wrong")
    gateway._client.cache_clear()
    assert client.get("/readyz").status_code == 503


def test_readiness_does_not_ask_stripe_each_time(
    client: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/readyz")
    monkeypatch.setattr(gateway, "server_time", lambda: pytest.fail("asked again"))
    assert client.get("/readyz").status_code == 200


def test_life_needs_neither_database_nor_stripe(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz").text == "ok\n"
