"""Any request that the schema allows, and many that it does not: no 500, and every answer is as the schema says.

API_EXAMPLES=500 tries more of each operation than a run of the whole suite does.
"""

import json
import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from stripe_standin.testing import Standin
from tests import orders
from tests.api.app import App
from tests.factories import ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("API_EXAMPLES", "8"))
WALKS = max(3, EXAMPLES // 4)
# What we promise of every answer. Stripe being away is ours to tell, so 503 is no error of the server's.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PLAIN = {"Accept-Encoding": "identity"}
COPY = Path(__file__).parents[2] / "docs" / "openapi.json"

shop = get_wsgi_application()


def in_the_tests_transaction(environ: dict[str, Any], start_response: Any) -> Any:
    """Answer a request on the test's own connection, and leave it open, as Django's client does."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    return shop(environ, start_response)


schema = schemathesis.openapi.from_dict(json.loads(COPY.read_text()))
schema.app = in_the_tests_transaction
bounded = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def headers(alice: User, standin: Standin, settings: Any) -> dict[str, str]:
    """Alice's tokens. She has books in her cart and an order that awaits payment."""
    settings.RATE_LIMITS = False
    variant = VariantFactory(product__slug="middlemarch", price=1100, stock=500)
    ProductImageFactory(product=variant.product)
    orders.place(alice, (variant, 1))
    orders.fill_cart(alice, (VariantFactory(stock=50), 2))
    app = App()
    app.log_in(alice)
    return {"X-Session-Token": app.session_token, **PLAIN}


@schema.parametrize()
@bounded
def test_every_operation_answers_as_the_schema_says(case: Any, headers: dict[str, str]) -> None:
    response = case.call(headers=headers)
    # An empty parameter is as if it were not there, as in the address of a form that was sent.
    may_be_wrong = "" in (case.query or {}).values()
    case.validate_response(response, checks=CHECKS if may_be_wrong else [*CHECKS, negative_data_rejection])


@schema.parametrize()
@bounded
def test_a_visitor_gets_answers_as_the_schema_says(case: Any, headers: dict[str, str]) -> None:
    case.validate_response(case.call(headers=PLAIN), checks=CHECKS)


def test_every_walk_along_the_links_answers_as_the_schema_says(headers: dict[str, str]) -> None:
    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        """Places, pays, cancels, pages on, in any order."""

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Walk.run(settings=hypothesis.settings(bounded, max_examples=WALKS, stateful_step_count=8))
