"""Payments and refunds at the same instant: every number once, none left out. And the proof that the test can fail."""

from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from checkout.models import Invoice, InvoiceSeries, Order, Refund, TaxRate
from checkout.orders import invoices
from stripe_standin.testing import Standin
from tests.conftest import PASSWORD
from tests.factories import VariantFactory
from tests.orders import NOW, hear, pay, place, write_refund
from tests.processes import Processes
from tests.races.together import at_once, met

pytestmark = pytest.mark.django_db(transaction=True)


def placed(count: int) -> list[Order]:
    variant = VariantFactory(price=2000, stock=99)
    users = [User.objects.create_user(f"buyer{number}@example.org", PASSWORD) for number in range(count)]
    return [place(user, (variant, 1)) for user in users]


def numbers() -> list[int]:
    return sorted(Invoice.objects.values_list("position", flat=True))


def test_payments_at_once_get_numbers_one_after_the_other() -> None:
    found = placed(6)
    at_once(*(partial(pay, order) for order in found))
    assert numbers() == [1, 2, 3, 4, 5, 6]


def test_the_first_of_a_year_are_told_apart_too() -> None:
    found = placed(4)
    InvoiceSeries.objects.all().delete()
    at_once(*(partial(pay, order) for order in found))
    assert numbers() == [1, 2, 3, 4]


def test_one_payment_heard_of_by_many_has_one_invoice() -> None:
    [order] = placed(1)
    payment = order.payments.get()
    at_once(*(partial(hear, type(payment).objects.get(pk=payment.pk)) for _listener in range(4)))
    assert numbers() == [1]


def test_parts_refunded_at_once_share_out_the_tax_once(tax: None) -> None:
    [order] = placed(1)
    pay(order)

    def give_back() -> Refund:
        return write_refund(
            order=order,
            payment=order.payments.get(),
            amount=490,
            refund_id=f"re_{uuid4().hex}",
            currency="eur",
            status="succeeded",
            created_at=NOW,
        )

    results = at_once(*[give_back] * 5)
    assert [type(result) for result in results] == [Refund] * 5
    assert numbers() == [1, 2, 3, 4, 5, 6]
    notes = Invoice.objects.filter(kind="credit_note")
    assert sum(note.tax for note in notes) == Invoice.objects.get(kind="invoice").tax > 0


@pytest.fixture
def tax() -> None:
    TaxRate.objects.create(country="NL", tax_class="reduced", rate=900, valid_from="2020-01-01")


@pytest.mark.parametrize("step", ["before commit", "after commit"])
def test_who_is_killed_with_a_number_in_hand_gives_it_back(
    step: str, standin: Standin, processes: Processes
) -> None:
    first, second = placed(2)
    processes.kill(step, "tests.races.acts.invoice", number=first.number)
    Order.objects.filter(pk=first.pk).update(phone="1")  # nothing is locked any more
    pay(second)
    assert numbers() == ([1] if step == "before commit" else [1, 2])


@pytest.mark.broken_books
def test_with_a_look_first_and_a_write_later_two_would_get_the_same_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The negative control."""
    found = placed(2)
    meet = met(lambda: None)

    def look(_year: int, count: int) -> int:
        last = max(numbers(), default=0)
        meet()
        return last + count

    monkeypatch.setattr(invoices, "_take", look)

    def write(order: Order) -> Any:
        return invoices.write([order], now=NOW)  # in no transaction: SQLite would let nobody else look

    results = at_once(*(partial(write, Order.objects.get(pk=order.pk)) for order in found))
    assert [type(result).__name__ for result in results if result] == ["IntegrityError"]
