"""The staff's first page: money by day, the books, and how it stands with Stripe."""

import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.admin.sales import Day, chart, round_step, sales
from checkout.management.commands import check_books
from checkout.models import Payment, Run, StripeEvent
from shop import money
from shop.models import Variant
from tests.checkout.admin.test_orders import staff_with, text_of
from tests.factories import VariantFactory
from tests.orders import pay, place, write_refund

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(price=1650, stock=50)


# --- Money taken ---


def test_each_day_has_what_was_paid_and_what_went_back(alice: User, walden: Variant) -> None:
    earlier = NOW - timedelta(days=3)
    paid = pay(place(alice, (walden, 2), now=earlier), now=earlier)
    pay(place(alice, (walden, 1), now=NOW), now=NOW)
    place(alice, (walden, 1), now=NOW)  # not paid
    for status, amount in (("succeeded", 500), ("failed", 900)):
        write_refund(
            order=paid,
            payment=paid.payments.get(),
            refund_id=f"re_{status}",
            status=status,
            amount=amount,
            currency="eur",
            created_at=NOW,
        )
    found = sales(now=NOW)
    assert len(found.days) == 30
    told = {day.day: (day.paid, day.refunded) for day in found.days if day.paid or day.refunded}
    assert told == {
        timezone.localdate(earlier): (paid.total, 0),
        timezone.localdate(NOW): (2100, 500),
    }
    assert (found.wide.bars[-1].is_today, len(found.narrow.bars)) == (True, 14)
    assert "went back" in found.summary


def test_bars_stand_on_the_line_and_refunds_hang_below_within_the_picture() -> None:
    first = date(2026, 11, 1)
    days = tuple(
        Day(first + timedelta(n), paid, back)
        for n, (paid, back) in enumerate([(900, 0), (0, 300), (450, 900)])
    )
    picture = chart(days, slot=20)
    for bar in picture.bars:
        assert bar.y + bar.height == picture.zero
        assert bar.y >= 0
        assert picture.zero + bar.hangs < picture.height
    assert picture.bars[0].height == 2 * picture.bars[2].height
    assert picture.amounts[0].words == "€0"


@pytest.mark.parametrize(
    ("highest", "step"),
    [(0, 100), (399, 100), (401, 200), (900, 500), (48620, 20000), (100000, 50000), (10**8, 5 * 10**7)],
)
def test_the_scale_is_round_and_reaches_the_highest(highest: int, step: int) -> None:
    assert round_step(highest) == step


def test_round_amounts_are_written_without_decimals(settings: Any) -> None:
    assert money.written_whole(125000) == "€1,250"
    settings.STORE_CURRENCY = "jpy"
    assert money.written_whole(1250) == "¥1,250"


def test_the_page_shows_the_bars_and_the_same_as_a_table(
    as_sam: Client, alice: User, walden: Variant
) -> None:
    assert "Nothing was paid in the last 30 days." in text_of(as_sam, "/admin/")
    pay(place(alice, (walden, 1), now=NOW), now=NOW)
    page = as_sam.get("/admin/").content.decode()
    assert page.count('<svg class="chart') == 2
    assert "Show as a table" in page
    assert len(re.findall(r'<rect class="paid today"', page)) == 2
    assert "style=" not in page[page.index("chart") : page.index("</svg>")]


# --- The books ---


def test_a_check_of_the_books_is_told_on_the_first_page(as_sam: Client) -> None:
    assert "Not checked yet" in text_of(as_sam, "/admin/")
    call_command("check_books", stdout=StringIO())
    text = text_of(as_sam, "/admin/")
    assert "All rules hold" in text
    assert re.search(r"Checked \d+ minutes? ago\.", text)


@pytest.mark.broken_books
def test_a_breach_is_counted_and_named_on_the_first_page(
    as_sam: Client, walden: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_books, "PAUSE_SECONDS", 0)
    Variant.objects.filter(pk=walden.pk).update(stock=7)
    with pytest.raises(SystemExit):
        call_command("check_books", stdout=StringIO(), stderr=StringIO())
    text = text_of(as_sam, "/admin/")
    assert "1 breach" in text
    assert f"{walden.sku} has a stock of 7" in text
    assert Run.objects.get().problems == 1


def test_a_check_of_long_ago_reassures_nobody(as_sam: Client) -> None:
    Run.objects.create(command=Run.LEDGER_AND_STRIPE, began_at=NOW - timedelta(days=3))
    assert "Checked long ago" in text_of(as_sam, "/admin/")
    Run.objects.update(began_at=NOW)
    assert "Stripe and the orders agree." in text_of(as_sam, "/admin/")


# --- Stripe ---


def test_what_is_not_finished_with_stripe_is_counted(as_sam: Client, alice: User, walden: Variant) -> None:
    place(alice, (walden, 1), now=NOW)
    for status in StripeEvent.Status.values:
        StripeEvent.objects.create(
            event_id=f"evt_{status}",
            type="refund.created",
            status=status,
            payload={},
            received_at=NOW - timedelta(days=3),
        )
    assert Payment.objects.get().status == "unknown"
    text = text_of(as_sam, "/admin/")
    for words in (
        "Last event 3 days ago",
        "Last sweep never",
        "Events not handled yet 2",
        "Open payments 1",
        "Of these without an answer 1",
    ):
        assert words in text, words


def test_who_may_not_see_orders_sees_neither_money_nor_books() -> None:
    text = text_of(staff_with("view_variant"), "/admin/")
    for words in ("Money taken", "Books", "Open payments"):
        assert words not in text
    assert "Nearly gone" in text
