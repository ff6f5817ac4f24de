"""Invoices and credit notes as people read them: words and amounts in the language that is spoken, for page and PDF.

All of it comes from what was frozen when the document was written. Only its words are today's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import countries
from checkout.models import Invoice
from shop.i18n.stored_text import translate_value
from shop.money import percent, written


@dataclass(frozen=True)
class Row:
    """A line of a document: what, how many at which price, and the amount."""

    title: str
    detail: str
    amount: str


@dataclass(frozen=True)
class Document:
    """A document in words. `facts` are labels with their values, `sums` what leads to the total, `taxes` what is in it."""

    title: str
    number: str
    facts: list[tuple[str, str]]
    seller: list[str]
    customer: list[str]
    rows: list[Row]
    sums: list[tuple[str, str]]
    total: str
    taxes: list[tuple[str, str, str]]


def read(invoice: Invoice) -> Document:
    """Return a document in the language that is spoken. Its order is best loaded."""
    content = invoice.content
    return Document(
        title=str(invoice.get_kind_display()),
        number=invoice.number,
        facts=_facts(invoice),
        seller=_seller(content["seller"]),
        customer=_customer(content["customer"]),
        rows=[_row(line, content["currency"]) for line in content.get("lines", [])],
        sums=_sums(content) if invoice.kind == Invoice.Kind.INVOICE else [],
        total=written(invoice.total, content["currency"]),
        taxes=[_tax(part, content["currency"]) for part in content["taxes"]],
    )


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    facts = [(_("Number"), invoice.number), (_("Date"), _day(invoice.issued_at))]
    facts.append((_("Order"), invoice.order.number))
    if paid_at := invoice.content.get("paid_at"):
        facts.append((_("Paid on"), _day(datetime.fromisoformat(paid_at))))
    if corrects := invoice.content.get("corrects"):
        facts.append((_("Corrects"), corrects))
    return facts


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")


def _seller(seller: Mapping[str, str]) -> list[str]:
    vat_id = _("VAT number %s") % seller["vat_id"] if seller["vat_id"] else ""
    lines = [seller["name"], *seller["address"].split(","), vat_id, seller["email"]]
    return [line.strip() for line in lines if line.strip()]


def _customer(customer: Mapping[str, str]) -> list[str]:
    town = f"{customer['postal_code']} {customer['city']}"
    lines = [
        *(customer[name] for name in ("full_name", "line1", "line2")),
        town,
        customer["region"],
        countries.name(customer["country"]),
        customer["email"],
    ]
    return [line.strip() for line in lines if line.strip()]


def _row(line: Mapping[str, Any], currency: str) -> Row:
    detail = (
        f"{translate_value(line['edition'])} · {line['quantity']} × {written(line['unit_price'], currency)}"
    )
    return Row(line["title"], detail, written(line["total"], currency))


def _sums(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    currency = content["currency"]
    sums = [(_("Subtotal"), written(content["subtotal"], currency))]
    if content["discount"]:
        words = f"{_('Voucher')} {content['voucher_code']}".strip()
        sums.append((words, written(-content["discount"], currency)))
    if content["delivery_name"]:
        sums.append((_("Delivery"), written(content["delivery"], currency)))
    if not content["tax_included"]:
        words = _("VAT %(rate)s")
        sums += [
            (words % {"rate": percent(part["rate"])}, written(part["tax"], currency))
            for part in content["taxes"]
        ]
    return sums


def _tax(part: Mapping[str, int], currency: str) -> tuple[str, str, str]:
    return percent(part["rate"]), written(part["net"], currency), written(part["tax"], currency)
