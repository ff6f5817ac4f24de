from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from checkout.models import Order, Payment, Refund
from checkout.orders import transitions
from checkout.orders.transitions import CUSTOMER, WEBHOOK
from checkout.payments import gateway, paying, refunds
from checkout.payments.reconcile import reconcile
from checkout.payments.refunds import (
    NothingReceivedError,
    RefundAmountError,
    RefundKeyError,
    RefundRefusedError,
    RefundTooLargeError,
    UnclearRestockError,
    Wanted,
)
from shop import stock
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import NOW, place
from tests.webhook import deliver, event

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def variants(db: None) -> list[Variant]:
    return [VariantFactory(price=200, stock=10), VariantFactory(price=100, stock=10)]


def paid_order(
    alice: User, standin: Standin, *wanted: tuple[Variant, int], card: str = "pm_card_visa"
) -> Order:
    order = place(alice, *wanted)
    payment = order.payments.get()
    paying.start(payment, actor=CUSTOMER, now=NOW)
    payment.refresh_from_db()
    standin.pay(payment.intent_id, card)
    reconcile(payment, actor=CUSTOMER, now=NOW)
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def order(alice: User, standin: Standin, variants: list[Variant]) -> Order:
    """Paid: 3 at €2.00 and 1 at €1.00, and €4.50 for sending them: €11.50."""
    return paid_order(alice, standin, (variants[0], 3), (variants[1], 1))


def refund(order: Order, sam: User, amount: int, *, now: Any = LATER, **changes: Any) -> Refund:
    return refunds.refund(order, Wanted(amount, **changes), user=sam, now=now)


def at_stripe(standin: Standin, order: Order) -> list[int]:
    return sorted(fact.amount for fact in gateway.refunds_of(order.payments.get().intent_id))


def test_a_refund_is_made_at_stripe_and_told(order: Order, sam: User, standin: Standin) -> None:
    row = refund(order, sam, 1150, reason="Damaged")
    assert (row.status, row.amount, row.user, row.refund_id[:3]) == ("succeeded", 1150, sam, "re_")
    assert at_stripe(standin, order) == [1150]
    kinds = list(order.timeline.values_list("kind", "actor"))
    assert kinds[-2:] == [("refund_started", "staff"), ("refunded", "staff")]
    assert refunds.left(order) == 0
    assert order.mails.filter(kind="refunded").count() == 1


def test_several_parts_never_exceed_what_was_received(order: Order, sam: User, standin: Standin) -> None:
    refund(order, sam, 300)
    refund(order, sam, 400)
    with pytest.raises(RefundTooLargeError) as refused:
        refund(order, sam, 451)
    assert refused.value.left == 450
    assert at_stripe(standin, order) == [300, 400]


@pytest.mark.parametrize("amount", [0, -1])
def test_a_refund_of_nothing_is_refused(order: Order, sam: User, amount: int) -> None:
    with pytest.raises(RefundAmountError):
        refund(order, sam, amount)


def test_an_unpaid_order_has_nothing_to_refund(alice: User, sam: User, variants: list[Variant]) -> None:
    with pytest.raises(NothingReceivedError):
        refund(place(alice, (variants[0], 1)), sam, 1)
    assert not Refund.objects.exists()


def test_a_refund_clicked_twice_is_one_refund(order: Order, sam: User, standin: Standin) -> None:
    key = uuid4()
    first = refund(order, sam, 300, key=key)
    assert refund(order, sam, 300, key=key) == first
    assert at_stripe(standin, order) == [300]


def test_without_a_key_the_same_refund_within_seconds_is_the_same_click(
    order: Order, sam: User, standin: Standin
) -> None:
    first = refund(order, sam, 300)
    assert refund(order, sam, 300, now=LATER + timedelta(seconds=2)) == first
    assert refund(order, sam, 300, now=LATER + timedelta(seconds=60)) != first
    assert at_stripe(standin, order) == [300, 300]


def test_a_refund_that_stripe_made_and_we_did_not_hear_of_is_made_once(
    order: Order, sam: User, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "READ_SECONDS", 0.2)
    gateway._client.cache_clear()
    standin.add_fault(action="apply_then_hang", path="/v1/refunds", times=0)
    with pytest.raises(gateway.StripeUnavailableError):
        refund(order, sam, 300)
    row = Refund.objects.get()
    assert (row.status, row.refund_id) == ("unknown", "")
    assert refunds.left(order) == 850
    standin.clear_faults()
    refunds.send(row, actor=WEBHOOK, now=LATER)
    assert row.status == "succeeded"
    assert at_stripe(standin, order) == [300]


def test_a_refund_that_stripe_refuses_counts_for_nothing(order: Order, sam: User, standin: Standin) -> None:
    gateway.create_refund(
        key="dashboard", intent_id=order.payments.get().intent_id, amount=1150, refund_id=""
    )
    with pytest.raises(RefundRefusedError) as refused:
        refund(order, sam, 300)
    assert refused.value.reason == "charge_already_refunded"
    assert Refund.objects.get().status == "failed"


def test_refunds_made_in_the_dashboard_appear_even_when_a_webhook_was_lost(
    order: Order, standin: Standin
) -> None:
    intent_id = order.payments.get().intent_id
    gateway.create_refund(key="one", intent_id=intent_id, amount=300, refund_id="")
    second = gateway.create_refund(key="two", intent_id=intent_id, amount=400, refund_id="")
    told = {"id": second.id, "object": "refund", "payment_intent": intent_id}
    assert deliver(event("refund.created", told)).status_code == 200
    assert sorted(order.refunds.values_list("amount", "status", "user")) == [
        (300, "succeeded", None),
        (400, "succeeded", None),
    ]
    assert refunds.left(order) == 450


def test_a_refund_that_fails_later_is_corrected_and_staff_are_told(
    alice: User, sam: User, standin: Standin, variants: list[Variant]
) -> None:
    order = paid_order(alice, standin, (variants[0], 3), card="pm_card_refundFail")
    row = refund(order, sam, 600)
    assert row.status == "succeeded"
    standin.advance(60 * 60 * 24 * 30)
    refunds.sync(order.payments.get(), actor=WEBHOOK, now=LATER + timedelta(days=30))
    order.refresh_from_db()
    row.refresh_from_db()
    assert (row.status, order.needs_attention) == ("failed", "refund_failed")
    assert refunds.left(order) == order.total


def test_books_go_back_in_stock_by_line_and_the_rest_stays_out(
    order: Order, sam: User, variants: list[Variant]
) -> None:
    first, _second = order.lines.all()
    refund(order, sam, 200, restock=True, lines={first.pk: 1})
    assert stock.held(order.number) == {variants[0].pk: 2, variants[1].pk: 1}
    refund(order, sam, 950)
    assert stock.held(order.number) == {variants[0].pk: 2, variants[1].pk: 1}
    assert refunds.left(order) == 0


def test_the_same_book_goes_back_once(order: Order, sam: User) -> None:
    first, _second = order.lines.all()
    refund(order, sam, 200, restock=True, lines={first.pk: 2})
    with pytest.raises(UnclearRestockError):
        refund(order, sam, 400, restock=True, lines={first.pk: 2})
    refund(order, sam, 100, restock=True, lines={first.pk: 1})


def test_all_that_is_left_can_go_back_without_naming_lines(
    order: Order, sam: User, variants: list[Variant]
) -> None:
    first, _second = order.lines.all()
    refund(order, sam, 200, restock=True, lines={first.pk: 1})
    refund(order, sam, 950, restock=True)
    assert stock.held(order.number) == {}
    assert list(Variant.objects.order_by("pk").values_list("stock", flat=True)) == [10, 10]


def test_a_part_that_does_not_say_which_books_go_back_is_refused(order: Order, sam: User) -> None:
    with pytest.raises(UnclearRestockError):
        refund(order, sam, 200, restock=True)
    assert not Refund.objects.exists()


def test_of_a_single_line_an_amount_says_how_many_go_back(
    alice: User, sam: User, standin: Standin, variants: list[Variant]
) -> None:
    order = paid_order(alice, standin, (variants[0], 3))
    refund(order, sam, 400, restock=True)
    assert stock.held(order.number) == {variants[0].pk: 1}


@pytest.mark.parametrize("lines", [{0: 1}, {"first": 4}, {"first": -1}])
def test_lines_that_the_order_does_not_have_are_refused(
    order: Order, sam: User, lines: dict[Any, int]
) -> None:
    first, _second = order.lines.all()
    named = {first.pk if line == "first" else line: quantity for line, quantity in lines.items()}
    with pytest.raises(UnclearRestockError):
        refund(order, sam, 200, restock=True, lines=named)


def test_late_money_that_staff_gave_back_does_not_pay_the_order_any_more(
    order: Order, sam: User, alice: User, standin: Standin, variants: list[Variant]
) -> None:
    late = closed_with_money(alice, standin, variants[1])
    payment = late.payments.get()
    assert late.needs_attention == "late_without_stock"

    refund(late, sam, late.total)
    stock.set_level(variants[1].pk, 50, reason="reprinted", now=NOW)
    Order.objects.filter(pk=late.pk).update(needs_attention="")
    reconcile(payment, actor=WEBHOOK, now=LATER)
    late.refresh_from_db()
    assert late.status == "expired"
    assert Payment.objects.get(pk=payment.pk).status == "succeeded"


def closed_with_money(alice: User, standin: Standin, variant: Variant) -> Order:
    """Closed by hand, its books given back, and paid afterwards; the books are gone."""
    order = place(alice, (variant, 9))
    paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
    payment = order.payments.get()
    standin.pay(payment.intent_id)
    Order.objects.filter(pk=order.pk).update(status="expired")
    transitions.note(order, "expired", actor=transitions.SWEEP, now=NOW)
    stock.give_back(order.number, reason=stock.Reason.RELEASE, now=NOW)
    stock.set_level(variant.pk, 0, reason="sold", now=NOW)
    reconcile(payment, actor=WEBHOOK, now=LATER)
    return Order.objects.get(pk=order.pk)


def test_books_that_went_back_when_the_order_closed_do_not_go_back_again(
    alice: User, sam: User, standin: Standin, variants: list[Variant]
) -> None:
    order = closed_with_money(alice, standin, variants[1])
    with pytest.raises(UnclearRestockError):
        refund(order, sam, 100, restock=True, lines={order.lines.get().pk: 1})
    assert refund(order, sam, order.total, restock=True).status == "succeeded"
    assert stock.held(order.number) == {}
    assert Variant.objects.get(pk=variants[1].pk).stock == 0


def test_a_key_of_another_orders_refund_is_refused(
    order: Order, alice: User, sam: User, standin: Standin, variants: list[Variant]
) -> None:
    other = paid_order(alice, standin, (variants[0], 1))
    key = uuid4()
    refund(order, sam, 300, key=key)
    with pytest.raises(RefundKeyError):
        refund(other, sam, 300, key=key)
    assert at_stripe(standin, other) == []


def test_of_an_order_paid_twice_the_second_payment_is_given_back(
    order: Order, sam: User, standin: Standin
) -> None:
    first = order.payments.get()
    second = paying.new_payment(order, now=LATER)
    paying.start(second, actor=CUSTOMER, now=LATER)
    standin.pay(second.intent_id)
    reconcile(second, actor=WEBHOOK, now=LATER)
    with pytest.raises(RefundTooLargeError) as refused:
        refund(order, sam, order.total + 1)
    assert refused.value.left == order.total
    assert refund(order, sam, order.total).payment == second
    assert refund(order, sam, order.total, now=LATER + timedelta(minutes=1)).payment == first
