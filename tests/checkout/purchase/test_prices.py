"""Tax, vouchers and delivery by country: what an order costs, and that it adds up to the minor unit."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from checkout.audit import ledger
from checkout.models import DeliveryOption, Order, TaxRate, Voucher
from checkout.orders import pricing, tax, vouchers
from checkout.orders.delivery import NotReachedError, UnknownDeliveryError
from checkout.orders.transitions import SWEEP
from checkout.purchase import closing, placing
from checkout.purchase.placing import Terms
from shop.models import TaxClass, Variant
from tests.factories import VariantFactory
from tests.orders import ADDRESS, NOW, fill_cart, hear, place

pytestmark = pytest.mark.django_db

PERCENT, AMOUNT, FREE = Voucher.Kind.PERCENT, Voucher.Kind.AMOUNT, Voucher.Kind.FREE_DELIVERY


@pytest.fixture
def walden() -> Variant:
    return VariantFactory(price=2000, stock=50)


@pytest.fixture
def rates() -> None:
    for country, tax_class, rate, day in (
        ("NL", "reduced", 900, date(2019, 1, 1)),
        ("NL", "reduced", 600, date(2000, 1, 1)),
        ("NL", "reduced", 2100, date(2040, 1, 1)),
        ("NL", "standard", 2100, date(2012, 1, 1)),
        ("DE", "reduced", 700, date(2021, 1, 1)),
    ):
        TaxRate.objects.create(country=country, tax_class=tax_class, rate=rate, valid_from=day)


def spring(**facts: Any) -> Voucher:
    voucher: Voucher = Voucher.objects.create(**{"code": "SPRING", "kind": PERCENT, "value": 1000, **facts})
    return voucher


# --- Tax ---


@pytest.mark.parametrize(
    ("paid", "rate", "in_it", "beside_it"),
    [(10900, 900, 900, 981), (1000, 2100, 174, 210), (0, 2100, 0, 0), (50, 100, 0, 1), (3, 10000, 2, 3)],
)
def test_tax_is_rounded_half_up(paid: int, rate: int, in_it: int, beside_it: int) -> None:
    assert tax.tax_on(paid, rate, included=True) == in_it
    assert tax.tax_on(paid, rate, included=False) == beside_it


def test_the_rate_of_the_day_and_of_the_country_counts(rates: None) -> None:
    assert tax.rates_in("NL", date(2026, 11, 14)) == {"reduced": 900, "standard": 2100}
    assert tax.rates_in("NL", date(2018, 1, 1)) == {"reduced": 600, "standard": 2100}
    assert tax.rates_in("US", date(2026, 11, 14)) == {}


def test_where_prices_include_it_the_total_stays_and_the_tax_is_in_it(
    alice: User, walden: Variant, rates: None
) -> None:
    order = place(alice, (walden, 1))
    [line] = order.lines.all()

    assert (order.tax_included, order.total) == (True, 2450)
    assert (line.tax_rate, line.tax, order.delivery_tax, order.tax) == (900, 165, 37, 202)
    assert [(part.rate, part.net, part.tax) for part in order.taxes] == [(900, 2248, 202)]


def test_where_they_do_not_it_is_added(alice: User, walden: Variant, rates: None, settings: Any) -> None:
    settings.PRICES_INCLUDE_TAX = False
    order = place(alice, (walden, 1))

    assert (order.tax_included, order.tax, order.total) == (False, 180 + 41, 2450 + 221)


def test_delivery_is_taxed_at_the_highest_rate_of_the_lines(
    alice: User, walden: Variant, rates: None
) -> None:
    mug = VariantFactory(price=1000, product__tax_class=TaxClass.STANDARD)
    order = place(alice, (walden, 1), (mug, 1))

    assert order.delivery_tax_rate == 2100
    assert order.delivery_tax == tax.tax_on(450, 2100, included=True)


def test_a_country_without_rates_is_taxed_at_none(alice: User, walden: Variant) -> None:
    order = place(alice, (walden, 1))
    assert (order.tax, order.taxes) == (0, [])


# --- Delivery by country ---


def test_only_ways_that_reach_the_country_are_offered(alice: User, walden: Variant) -> None:
    DeliveryOption.objects.filter(code="post").update(countries=["NL", "DE"])
    DeliveryOption.objects.filter(code="courier").update(countries=["NL"])
    cart = fill_cart(alice, (walden, 1))

    assert [option.code for option in placing.agree(cart, Terms("DE")).options] == ["post"]
    with pytest.raises(UnknownDeliveryError):
        placing.agree(cart, Terms("DE", "courier"))
    with pytest.raises(NotReachedError) as refused:
        placing.agree(cart, Terms("US"))
    assert refused.value.code == "unknown_delivery"


# --- Vouchers ---


@pytest.mark.parametrize(
    ("kind", "value", "discount", "total"),
    [
        (PERCENT, 1000, 200, 2250),
        (PERCENT, 333, 67, 2383),
        (AMOUNT, 500, 500, 1950),
        (AMOUNT, 9999, 2000, 450),
        (FREE, 0, 0, 2000),
    ],
)
def test_a_voucher_takes_off_what_it_is_worth(
    alice: User, walden: Variant, kind: str, value: int, discount: int, total: int
) -> None:
    voucher = spring(kind=kind, value=value)
    order = place(alice, (walden, 1), voucher=" spr ing ", total_shown=total)
    voucher.refresh_from_db()

    assert (order.voucher_code, order.discount, order.total, voucher.used) == ("SPRING", discount, total, 1)


def test_a_total_of_nothing_is_paid_at_once(alice: User) -> None:
    spring(kind=PERCENT, value=10000)
    order = place(alice, (VariantFactory(price=700, is_digital=True), 1), voucher="SPRING", total_shown=0)
    assert (order.status, order.total) == ("paid", 0)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"code": "AUTUMN"}, "unknown_voucher"),
        ({"is_active": False}, "unknown_voucher"),
        ({"starts_at": NOW + timedelta(seconds=1)}, "voucher_not_yet"),
        ({"ends_at": NOW}, "voucher_over"),
        ({"limit": 3, "used": 3}, "voucher_used_up"),
        ({"minimum": 2001}, "voucher_minimum"),
    ],
)
def test_one_that_does_not_count_is_refused_with_its_reason(
    alice: User, walden: Variant, facts: dict[str, Any], code: str
) -> None:
    voucher = spring(**facts)
    with pytest.raises(vouchers.VoucherError) as refused:
        place(alice, (walden, 1), voucher="SPRING")
    assert (refused.value.code, list(refused.value.fields)) == (code, ["voucher"])
    assert not Order.objects.exists()
    voucher.delete()  # the ledger would miss the orders of one that was used


def test_a_customer_uses_it_as_often_as_one_may(alice: User, bob: User, walden: Variant) -> None:
    spring(limit_per_customer=1)
    hear(place(alice, (walden, 1), voucher="SPRING", total_shown=2250).payments.get())
    with pytest.raises(vouchers.VoucherUsedByYouError):
        place(alice, (walden, 1), voucher="SPRING", total_shown=2250)
    assert place(bob, (walden, 1), voucher="SPRING", total_shown=2250).discount == 200


def test_placing_the_same_or_a_changed_cart_again_uses_it_once(alice: User, walden: Variant) -> None:
    voucher = spring(limit=1, limit_per_customer=1)
    first = place(alice, (walden, 1), voucher="SPRING", total_shown=2250)
    cart = fill_cart(alice)
    again = placing.place(
        user=alice, cart=cart, address=ADDRESS, delivery="", voucher="SPRING", total_shown=2250, now=NOW
    )
    assert again == first
    voucher.refresh_from_db()
    assert voucher.used == 1


def test_a_closed_order_gives_its_use_back_and_late_money_takes_it_again(
    alice: User, bob: User, walden: Variant
) -> None:
    voucher = spring(limit=1)
    order = place(alice, (walden, 1), voucher="SPRING", total_shown=2250)
    payment = order.payments.get()
    hear(payment, "canceled")
    closing.cancel(Order.objects.get(pk=order.pk), actor=SWEEP, now=NOW)
    voucher.refresh_from_db()
    assert voucher.used == 0

    other = place(bob, (walden, 1), voucher="SPRING", total_shown=2250)
    late = hear(payment)
    voucher.refresh_from_db()
    assert (late.status, other.status, voucher.used) == ("paid", "placed", 2)
    assert late.timeline.get(kind="paid").data["voucher_over_limit"] == "SPRING"
    assert ledger.breaches() == []


def test_the_ledger_counts_the_orders_of_a_voucher(alice: User, walden: Variant) -> None:
    voucher = spring()
    place(alice, (walden, 1), voucher="SPRING", total_shown=2250)
    Voucher.objects.filter(pk=voucher.pk).update(used=7)
    assert ledger.breaches() == ["Voucher SPRING counts 7 uses, but 1 orders have it."]
    Voucher.objects.filter(pk=voucher.pk).update(used=1)


# --- Locks ---


def rows_written(call: Callable[[], Any]) -> list[str]:
    """Return which of the rows that orders share were written or locked, in the order in which they were."""
    names = {"checkout_voucher": "voucher", "shop_variant": "stock", "checkout_order": "order"}
    with CaptureQueriesContext(connection) as asked:
        call()
    told = [
        re.match(r'(?:UPDATE|SELECT .*? FROM) "(\w+)"', sql["sql"])
        for sql in asked
        if sql["sql"].startswith("UPDATE") or sql["sql"].endswith("FOR UPDATE")
    ]
    return list(dict.fromkeys(names[row[1]] for row in told if row and row[1] in names))


def test_all_take_the_rows_that_orders_share_in_one_order_so_that_none_waits_for_another(
    alice: User, walden: Variant
) -> None:
    spring()
    placed: list[Order] = []
    assert rows_written(
        lambda: placed.append(place(alice, (walden, 1), voucher="SPRING", total_shown=2250))
    ) == ["voucher", "stock"]
    payment = placed[0].payments.get()
    hear(payment, "canceled")
    order = Order.objects.get(pk=placed[0].pk)
    assert rows_written(lambda: closing.cancel(order, actor=SWEEP, now=NOW)) == ["order", "voucher", "stock"]
    late = rows_written(lambda: hear(payment))
    # The order's row is locked first; SQLite has no such lock, and needs none.
    assert late[:3] == (
        ["order", "voucher", "stock"] if connection.vendor == "postgresql" else ["voucher", "order", "stock"]
    )


# --- Whatever is bought, it adds up ---

LINES = st.lists(
    st.tuples(st.integers(0, 10**6), st.sampled_from([0, 550, 700, 900, 2100])), min_size=1, max_size=8
)


@settings(deadline=None)
@given(
    LINES,
    st.sampled_from([PERCENT, AMOUNT, FREE, None]),
    st.integers(1, 10_000),
    st.integers(0, 5000),
    st.booleans(),
)
def test_every_part_adds_up_to_the_minor_unit(
    lines: list[tuple[int, int]], kind: str | None, value: int, sending: int, included: bool
) -> None:
    voucher = Voucher(kind=kind, value=value) if kind else None
    totals = pricing.price(lines, DeliveryOption(price=sending), voucher, included=included)

    assert sum(line.discount for line in totals.lines) == totals.discount <= totals.subtotal
    assert all(0 <= line.discount <= line.amount for line in totals.lines)
    assert totals.tax == sum(line.tax for line in totals.lines) + totals.delivery_tax
    added = 0 if included else totals.tax
    assert totals.total == totals.subtotal - totals.discount + totals.delivery + added >= 0
    paid = totals.subtotal - totals.discount + totals.delivery
    untaxed = sum(line.amount - line.discount for line in totals.lines if not line.tax_rate)
    untaxed += 0 if totals.delivery_tax_rate else totals.delivery
    assert sum(part.net for part in totals.taxes) + (totals.tax if included else 0) + untaxed == paid


@settings(deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=9))
def test_a_sum_is_shared_out_whole_and_nobody_is_off_by_more_than_one(whole: int, parts: list[int]) -> None:
    shares = pricing.spread(whole, parts)
    if not sum(parts):
        assert shares == [0] * len(parts)
        return
    assert sum(shares) == whole
    for share, part in zip(shares, parts, strict=True):
        assert abs(share - whole * part / sum(parts)) < 1
