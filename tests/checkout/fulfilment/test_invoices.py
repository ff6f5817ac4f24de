"""Invoices and credit notes: who sees them, what they say, and that what was written stays."""

import io
import re
from datetime import datetime, timedelta
from http import HTTPStatus
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from checkout.models import Invoice, InvoiceSeries, Order, Refund, TaxRate, Voucher
from checkout.orders import invoices
from checkout.orders.transitions import CUSTOMER_RETURNS, WEBHOOK
from checkout.payments import paying, refunds
from checkout.payments.reconcile import settle
from checkout.payments.stripe_types import RefundFact
from checkout.purchase import closing
from tests.factories import VariantFactory
from tests.orders import NOW, hear, intent_for, pay, place, write_refund

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seller(settings: Any) -> None:
    settings.SELLER_NAME = "Folio Books B.V."
    settings.SELLER_ADDRESS = "Oudegracht 1, 3511 AA Utrecht"
    settings.SELLER_VAT_ID = "NL000099998B57"


@pytest.fixture
def rates() -> None:
    TaxRate.objects.bulk_create(
        TaxRate(country="NL", tax_class=name, rate=rate, valid_from="2020-01-01")
        for name, rate in (("standard", 2100), ("reduced", 900))
    )


@pytest.fixture
def unpaid(alice: User, rates: None) -> Order:
    """A book at 9 %, a bag at 21 %: €21.00 and €12.10, and €4.50 for sending them: €37.60."""
    book = VariantFactory(price=700, product__title="Преступление и наказание")
    bag = VariantFactory(price=1210, product__title="A bag", product__tax_class="standard")
    return place(alice, (book, 3), (bag, 1), delivery="post")


@pytest.fixture
def order(unpaid: Order) -> Order:
    return pay(unpaid)


def refunded(order: Order, amount: int, **facts: Any) -> Refund:
    payment = order.payments.get()
    facts = {"refund_id": f"re_{uuid4().hex}", "status": "succeeded", **facts}
    return write_refund(
        order=order, payment=payment, amount=amount, currency=order.currency, created_at=NOW, **facts
    )


def text(answer: Any) -> str:
    assert answer.status_code == HTTPStatus.OK
    if answer["Content-Type"] == "application/pdf":
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def addresses(order: Order) -> list[str]:
    return [f"/orders/{order.number}/{rest}" for rest in ("invoice/", "invoice.pdf", "credit-notes/1.pdf")]


@pytest.mark.parametrize("place_of_it", ["invoice/", "invoice.pdf"])
def test_an_invoice_says_who_sold_what_to_whom_with_tax_by_rate(
    order: Order, as_alice: Client, place_of_it: str
) -> None:
    said = text(as_alice.get(f"/orders/{order.number}/{place_of_it}"))
    for words in (
        *("2026-000001", order.number, "14 November 2026", "Folio Books B.V.", "3511 AA Utrecht"),
        *("VAT number NL000099998B57", "Alice Liddell", "Oudegracht 12", "Netherlands"),
        *("Преступление и наказание", "3 × €7.00", "€21.00", "Delivery", "€4.50", "Total", "€37.60"),
        *("VAT 21% on €13.72", "€2.88", "VAT 9% on €19.27", "€1.73"),
    ):
        assert words in said, words


def test_the_pdf_is_named_as_its_number_and_kept_nowhere(order: Order, as_alice: Client) -> None:
    answer = as_alice.get(f"/orders/{order.number}/invoice.pdf")
    assert answer["Content-Disposition"] == 'inline; filename="2026-000001.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert PdfReader(io.BytesIO(answer.content)).metadata.title == "Invoice 2026-000001"


@pytest.mark.parametrize("place_of_it", ["invoice/", "invoice.pdf"])
def test_an_invoice_speaks_german(order: Order, as_alice: Client, place_of_it: str) -> None:
    said = text(as_alice.get(f"/de/orders/{order.number}/{place_of_it}"))
    for words in ("Rechnung 2026-000001", "14. November 2026", "37,60 €".replace(" ", "\xa0"), "Niederlande"):
        assert words.replace("\xa0", " ") in said.replace("\xa0", " "), words


def test_strangers_and_visitors_find_nothing(order: Order, as_bob: Client, client: Client) -> None:
    refunded(order, 100)
    found = [who.get(url).status_code for who in (as_bob, client) for url in addresses(order)]
    assert found == [HTTPStatus.NOT_FOUND] * 6


def test_the_key_opens_them_and_a_wrong_one_does_not(order: Order, client: Client) -> None:
    refunded(order, 100)
    for url in addresses(order):
        assert client.get(f"{url}?key={order.key}").status_code == HTTPStatus.OK
        assert client.get(f"{url}?key={order.key[:-1]}").status_code == HTTPStatus.NOT_FOUND
    assert f"invoice.pdf?key={order.key}" in client.get(f"{addresses(order)[0]}?key={order.key}").text


def test_before_payment_there_is_none(unpaid: Order, as_alice: Client) -> None:
    assert [as_alice.get(url).status_code for url in addresses(unpaid)] == [HTTPStatus.NOT_FOUND] * 3
    assert "/invoice/" not in as_alice.get(unpaid.get_absolute_url()).text


def test_an_invoice_stays_as_it_was_written(order: Order, as_alice: Client, settings: Any) -> None:
    before = text(as_alice.get(addresses(order)[0]))
    settings.SELLER_NAME, settings.SELLER_ADDRESS = "Another shop", "Elsewhere"
    TaxRate.objects.update(rate=100)
    Order.objects.filter(pk=order.pk).update(line1="Nieuwegracht 3")
    assert text(as_alice.get(addresses(order)[0])) == before


def test_the_order_and_its_mail_lead_to_them(
    order: Order, as_alice: Client, client: Client, django_capture_on_commit_callbacks: Any, alice: User
) -> None:
    refunded(order, 100)
    page = as_alice.get(order.get_absolute_url()).text
    assert "Invoice 2026-000001" in page
    assert f"/orders/{order.number}/credit-notes/1.pdf" in page
    with django_capture_on_commit_callbacks(execute=True):
        another = pay(place(alice, (VariantFactory(price=500), 1)))
    [link] = re.findall(r"http://\S+(/orders/\S+/invoice/\S+)", mail.outbox[-1].body)
    assert "Invoice 2026-000003" in text(client.get(link))
    assert link.startswith(f"/orders/{another.number}/")


def test_a_refund_in_two_parts_takes_back_all_tax_to_the_minor_unit(order: Order, as_alice: Client) -> None:
    for amount in (1333, 2427):
        refunded(order, amount)
    invoice, *notes = order.invoices.all()
    assert [note.total for note in notes] == [1333, 2427]
    assert sum(note.tax for note in notes) == invoice.tax == order.tax
    for rate in (2100, 900):
        back = [
            part["tax"] + part["net"]
            for note in notes
            for part in note.content["taxes"]
            if part["rate"] == rate
        ]
        [sold] = [part["tax"] + part["net"] for part in invoice.content["taxes"] if part["rate"] == rate]
        assert sum(back) == sold
    for number, note in enumerate(notes, 1):
        said = text(as_alice.get(f"/orders/{order.number}/credit-notes/{number}.pdf"))
        assert f"Credit note {note.number}" in said
        assert "Corrects: 2026-000001" in said
    assert as_alice.get(f"/orders/{order.number}/credit-notes/3.pdf").status_code == HTTPStatus.NOT_FOUND
    assert as_alice.get(f"/orders/{order.number}/credit-notes/0.pdf").status_code == HTTPStatus.NOT_FOUND


def test_a_refund_that_fails_is_taken_back_by_a_document_of_its_own(order: Order, as_alice: Client) -> None:
    row = refunded(order, 1000, status="pending", refund_id="re_1")
    fact = RefundFact(
        id="re_1",
        intent_id=row.payment.intent_id,
        amount=1000,
        currency="eur",
        status="failed",
        failure_reason="expired_card",
        created=NOW,
        our_id=str(row.pk),
    )
    refunds.record(row, fact, actor=WEBHOOK, now=NOW + timedelta(days=1))
    kinds = list(order.invoices.values_list("number", "kind", "total"))
    assert kinds == [
        ("2026-000001", "invoice", 3760),
        ("2026-000002", "credit_note", 1000),
        ("2026-000003", "reversal", 1000),
    ]
    assert "Credit note" not in as_alice.get(order.get_absolute_url()).text
    refunded(order, 3760)
    assert order.invoices.last().tax == order.tax


def test_an_order_of_nothing_has_an_invoice(alice: User, as_alice: Client) -> None:
    Voucher.objects.create(code="GIFT", kind="percent", value=10000)
    ebook = VariantFactory(price=500, is_digital=True)
    order = place(alice, (ebook, 1), voucher="GIFT", total_shown=0)
    assert (order.status, order.invoices.get().total) == ("paid", 0)
    said = text(as_alice.get(f"/orders/{order.number}/invoice.pdf"))
    assert "Voucher GIFT" in said
    assert "−€5.00" in said


def test_a_late_success_has_an_invoice(unpaid: Order) -> None:
    payment = unpaid.payments.get()
    hear(payment, "canceled")
    closing.cancel(Order.objects.get(pk=unpaid.pk), actor=CUSTOMER_RETURNS, now=NOW)
    paid = hear(payment)
    assert (paid.status, paid.invoices.count()) == ("paid", 1)


def test_money_that_came_twice_goes_back_without_the_tax_of_what_stays_sold(order: Order) -> None:
    second = paying.new_payment(order, now=NOW)
    settle(second, intent_for(second), actor=CUSTOMER_RETURNS, now=NOW)
    order.refresh_from_db()
    facts = {"currency": "eur", "status": "succeeded", "created_at": NOW}
    first = write_refund(order=order, payment=second, amount=order.total, refund_id="re_2", **facts)
    assert first.credit_notes.get().tax == 0
    last = write_refund(
        order=order, payment=order.payments.first(), amount=order.total, refund_id="re_3", **facts
    )
    assert last.credit_notes.get().tax == order.tax


def test_numbers_begin_anew_each_year(alice: User) -> None:
    for day in (
        datetime(2026, 12, 31, 22, 59, tzinfo=NOW.tzinfo),
        datetime(2026, 12, 31, 23, 0, tzinfo=NOW.tzinfo),
    ):
        pay(place(alice, (VariantFactory(price=500), 1), now=day), now=day)  # midnight in Amsterdam between
    assert list(Invoice.objects.values_list("number", flat=True)) == ["2026-000001", "2027-000001"]


def test_the_first_of_a_year_without_a_row_is_number_one(alice: User) -> None:
    InvoiceSeries.objects.all().delete()
    assert pay(place(alice, (VariantFactory(price=500), 1))).invoices.get().number == "2026-000001"


def test_a_transaction_that_comes_to_nothing_gives_its_number_back(order: Order) -> None:
    with transaction.atomic():
        refunded(order, 100)
        transaction.set_rollback(True)
    assert refunded(order, 100).credit_notes.get().number == "2026-000002"


def test_what_was_paid_before_there_were_invoices_gets_its_own(order: Order, alice: User) -> None:
    pay(place(alice, (VariantFactory(price=500), 1)))
    refunded(order, 100)
    refunded(order, 100, status="failed")
    Invoice.objects.all().delete()
    InvoiceSeries.objects.update(last=0)
    for told in ("3 invoices and credit notes were written.\n", ""):
        out = StringIO()
        call_command("write_invoices", stdout=out)
        assert out.getvalue() == told
    kinds = list(Invoice.objects.values_list("number", "kind"))
    year = timezone.localdate().year
    assert kinds == [
        (f"{year}-{n:06}", kind) for n, kind in enumerate(("invoice", "invoice", "credit_note"), 1)
    ]


def test_paying_takes_three_statements_more_whatever_the_lines(alice: User, bob: User) -> None:
    def cost(user: User, number: int) -> int:
        order = place(user, *((VariantFactory(price=100), 1) for _book in range(number)))
        found = Order.objects.prefetch_related("lines").get(pk=order.pk)
        with CaptureQueriesContext(connection) as statements:
            invoices.write([found], now=NOW)
        return len(statements)

    assert [cost(alice, 1), cost(bob, 50)] == [3, 3]
