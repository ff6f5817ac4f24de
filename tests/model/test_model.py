"""Random purchases with everything that can go wrong. A small run here; `make model` does as many as one likes."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shop.models import Variant
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.model.machine import Books, Purchases

RUNS = int(os.environ.get("MODEL_RUNS", "12"))
STEPS = int(os.environ.get("MODEL_STEPS", "30"))


@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_the_books_hold(standin: Standin) -> None:
    Purchases.standin = standin
    run_state_machine_as_test(
        Purchases,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            # The small run is the same every time; a large one looks somewhere new.
            derandomize="MODEL_RUNS" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            # A failing run is told as it is: making it shorter takes many times as long as finding it.
            phases=[Phase.generate],
        ),
    )


@pytest.mark.broken_books
@pytest.mark.django_db
def test_a_breach_is_seen_by_the_statements_that_the_model_keeps() -> None:
    variant = VariantFactory(stock=3)
    watched = Books()
    assert watched.breaches() == set()
    Variant.objects.filter(pk=variant.pk).update(stock=4)
    assert len(watched.breaches()) == 1
    watched.close()
