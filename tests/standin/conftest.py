from pathlib import Path

import httpx
import pytest
import stripe

from tests.standin import node_packages
from tests.standin.shop_page import ShopPage
from tests.standin.typed import check
from tests.standin.walk import Walk


@pytest.fixture
def standin(running_standin):
    running_standin.reset()
    return running_standin


@pytest.fixture(scope="session")
def http(running_standin):
    with httpx.Client(
        base_url=running_standin.url,
        headers={"Authorization": f"Bearer {running_standin.secret_key}"},
        event_hooks={"response": [check]},
    ) as client:
        yield client


@pytest.fixture
def api(standin, http):
    """Plain HTTP with a secret key; forms are given as Stripe writes them."""
    return http


@pytest.fixture
def sdk(standin):
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        standin.secret_key,
        stripe_version="2026-10-28.endive",
        max_network_retries=0,
        base_addresses={"api": standin.url},
        http_client=stripe.RequestsClient(timeout=(3, 10)),
    )


@pytest.fixture
def new_intent(api):
    def make(**fields):
        answer = api.post("/v1/payment_intents", data={"amount": 1999, "currency": "eur", **fields})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return make


@pytest.fixture(scope="session")
def shop_page(running_standin):
    page = ShopPage(running_standin.js_url)
    yield page
    page.stop()


@pytest.fixture
def shop(browser, shop_page, standin):
    """A shop's payment page in Chromium; any breach of its content policy or script error fails the test."""
    with browser.new_context(locale="en-US", viewport={"width": 1000, "height": 900}) as context:
        walk = Walk(context.new_page(), shop_page.url, standin)
        yield walk
    assert walk.troubles == []


@pytest.fixture(scope="session")
def node_folder():
    """A folder with the official Node packages and our scripts for them."""
    return node_packages.installed(Path(__file__).parent / "node", "node")
