import httpx
import pytest
import stripe

from stripe_standin.testing import Standin


@pytest.fixture(scope="session")
def running_standin():
    with Standin() as standin:
        yield standin


@pytest.fixture
def standin(running_standin):
    running_standin.reset()
    return running_standin


@pytest.fixture
def api(standin):
    """Plain HTTP with a secret key; forms are given as Stripe writes them."""
    with httpx.Client(
        base_url=standin.url, headers={"Authorization": f"Bearer {standin.secret_key}"}
    ) as client:
        yield client


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
