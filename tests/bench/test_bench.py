"""What the benchmark is made of works; what it finds depends on the machine, and is no test's business."""

from collections.abc import Iterator
from dataclasses import asdict

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from bench.customer import Answer, Cost, Customer, Request, WrongAnswerError, adding, steps
from bench.lines import PageLine, StepLine
from bench.meters import answer_of
from bench.probe import Probe
from config.wsgi import application
from shop.models import Product
from stripe_standin.testing import Standin
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db

LIST = Cost(cpu=0.004, instructions=8e6, statements=1)


@pytest.fixture
def probe() -> Iterator[Probe]:
    signals = (request_started, request_finished)
    for signal in signals:  # it would close the test's own connection
        signal.disconnect(close_old_connections)
    yield Probe(application)
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def customer(probe: Probe, standin: Standin) -> Customer:
    def send(request: Request, *, measured: bool) -> Answer:
        probe.prepare(asdict(request), 1, forget=False)
        probe.count() if measured else probe.go()
        return answer_of(probe.answer())

    return Customer(send, standin)


def test_a_customer_buys_and_each_of_the_five_requests_is_measured(customer: Customer) -> None:
    customer.sign_up("alice@example.org")
    customer.fill_cart([VariantFactory(stock=9).pk for _variant in range(2)])
    bought = customer.buy(webhook_first=True)
    assert tuple(bought) == steps(webhook_first=True)
    assert all(cost.cpu > 0 and cost.took > 0 and cost.statements > 0 for cost in bought.values())


def test_what_is_not_the_page_that_was_to_be_measured_is_not_measured(customer: Customer) -> None:
    variant = VariantFactory(stock=0)
    with pytest.raises(WrongAnswerError, match="/cart/lines/: 409"):
        customer.ask(adding(variant.pk))


def test_what_is_made_anew_is_made_of_a_catalogue_that_has_changed(probe: Probe) -> None:
    variant = VariantFactory(stock=9)
    shown = variant.product.title
    probe.prepare(asdict(Request("/products/")), 1, forget=True)
    probe.go()
    assert Product.objects.get().title != shown
    assert Product.objects.get().title in probe.answer()["body"]


def test_a_page_passes_by_instructions_where_they_were_counted() -> None:
    by_cpu = PageLine("cart", Cost(cpu=0.002), "list", LIST, 1.0)
    by_instructions = PageLine("cart", Cost(cpu=0.002, instructions=16e6), "list", LIST, 1.0)
    assert by_cpu.passes
    assert not by_instructions.passes


@pytest.mark.parametrize(
    ("few", "many", "passes"),
    [(14, 14, True), (15, 15, False), (13, 14, False)],
    ids=["fits", "many", "grows"],
)
def test_a_step_takes_no_more_statements_than_it_may_and_the_same_for_every_cart(
    few: int, many: int, passes: bool
) -> None:
    line = StepLine("pay page", (Cost(statements=few), Cost(statements=many)), LIST, most_statements=14)
    assert line.passes is passes
