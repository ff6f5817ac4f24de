"""Each check finds the breach that is planted for it, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from checkout.audit import ledger, stripe_comparison
from checkout.management.commands import check_books
from checkout.models import Invoice, Mail, Order, OrderLine, Payment, Refund, Timeline
from checkout.orders.transitions import CUSTOMER
from checkout.payments import gateway, paying, refunds
from checkout.payments.reconcile import reconcile
from checkout.payments.refunds import Wanted
from shop.models import StockMovement, Variant
from stripe_standin.testing import Standin
from tests import books
from tests.factories import VariantFactory
from tests.orders import NOW, intent_for, pay, place, write_refund

pytestmark = [pytest.mark.django_db, pytest.mark.broken_books]


@pytest.fixture
def order(alice: User) -> Order:
    return pay(place(alice, (VariantFactory(price=2000, stock=5, sku="WALDEN-HB"), 2)))


def found() -> list[str]:
    breaches = ledger.breaches()
    assert books.breaches() == breaches
    return breaches


def test_a_shop_in_order_has_no_breach(order: Order) -> None:
    assert found() == []


def test_a_stock_that_its_movements_do_not_explain_is_found(order: Order) -> None:
    Variant.objects.update(stock=4)
    assert found() == ["WALDEN-HB has a stock of 4, but its movements add up to 3."]


def test_a_subtotal_that_its_lines_do_not_explain_is_found(order: Order) -> None:
    OrderLine.objects.update(unit_price=1999)
    assert found() == [f"Order {order.number} has a subtotal of 4000, but its lines cost 3998."]


def test_an_order_paid_without_money_is_found(order: Order) -> None:
    Payment.objects.update(status="processing", amount_received=0)
    assert found() == [f"Order {order.number} counts as paid, but no payment brought its total."]


@pytest.mark.parametrize("changes", [{"amount_received": 4449}, {"currency": "usd"}])
def test_an_order_paid_with_other_money_is_found(order: Order, changes: dict[str, Any]) -> None:
    Payment.objects.update(**changes)
    assert f"Order {order.number} counts as paid, but no payment brought its total." in found()


def test_money_that_nobody_decided_about_is_found(order: Order) -> None:
    Order.objects.update(status="placed")
    assert found() == [f"Order {order.number} has its money, but is neither paid nor before staff."]


def test_a_second_payment_that_staff_do_not_know_of_is_found(order: Order) -> None:
    Payment.objects.create(
        order=order,
        status="succeeded",
        amount=4450,
        amount_received=4450,
        currency="eur",
        intent_id="pi_2",
        created_at=NOW,
    )
    assert found() == [f"Order {order.number} was paid more than once, and staff do not know."]


def test_stock_that_an_order_gave_back_twice_is_found(order: Order) -> None:
    variant = Variant.objects.get()
    StockMovement.objects.create(
        variant=variant, delta=2, reason="release", reference=order.number, created_at=NOW
    )
    Variant.objects.update(stock=5)
    assert len(found()) == 1
    assert f"Order {order.number} holds 0 of WALDEN-HB" in found()[0]


def test_a_closed_order_that_still_holds_stock_is_found(alice: User) -> None:
    order = place(alice, (VariantFactory(price=2000, stock=5, sku="EMMA-PB"), 1))
    Order.objects.update(status="expired")
    Timeline.objects.create(order=order, kind="expired", actor="sweep", at=NOW)
    assert len(found()) == 1
    assert f"Order {order.number} holds 1 of EMMA-PB" in found()[0]


def test_more_refunded_than_received_is_found(order: Order) -> None:
    write_refund(
        order=order,
        payment=order.payments.get(),
        amount=4451,
        currency="eur",
        status="succeeded",
        created_at=NOW,
    )
    assert found() == [f"Order {order.number} gave back 4451 of 4450 received."]


def test_a_paid_order_without_its_confirmation_is_found(order: Order) -> None:
    Mail.objects.all().delete()
    assert found() == [f"Order {order.number} is paid, but no confirmation is queued."]


def test_a_state_that_the_timeline_does_not_tell_is_found(order: Order) -> None:
    Timeline.objects.filter(kind="paid").delete()
    assert found() == [f"Order {order.number} is paid, and its timeline does not say so."]


def given_back(order: Order) -> Refund:
    facts = {"currency": "eur", "status": "succeeded", "created_at": NOW}
    return write_refund(order=order, payment=order.payments.get(), amount=100, **facts)


def test_a_paid_order_without_its_invoice_is_found(order: Order) -> None:
    Invoice.objects.all().delete()
    assert found() == [f"Order {order.number} is paid, but has no invoice."]


def test_a_refund_without_its_credit_note_is_found(order: Order) -> None:
    row = given_back(order)
    Invoice.objects.filter(refund=row).delete()
    assert found() == [
        f"Refund {row.pk} of order {order.number} is succeeded, but 0 credit notes of it stand."
    ]


def test_a_credit_note_of_a_refund_that_failed_is_found(order: Order) -> None:
    row = given_back(order)
    Refund.objects.update(status="failed")
    assert found() == [f"Refund {row.pk} of order {order.number} is failed, but 1 credit notes of it stand."]


def test_a_gap_in_the_series_is_found(order: Order) -> None:
    Invoice.objects.update(position=3)
    assert found() == ["The invoices of 2026 go up to 3, but there are 1 of them."]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """What happens before the command looks again, which it does at once."""
    happens: list[Callable[[], Any]] = []
    monkeypatch.setattr(check_books.time, "sleep", lambda _seconds: [act() for act in happens])
    return happens


def test_what_is_right_a_moment_later_was_on_its_way(order: Order, meanwhile: list[Any]) -> None:
    Variant.objects.update(stock=4)
    meanwhile.append(lambda: Variant.objects.update(stock=3))
    out = StringIO()
    call_command("check_books", stdout=out)
    assert "Looking again …" in out.getvalue()
    assert "The ledger holds." in out.getvalue()


def test_the_command_names_each_breach_and_ends_with_1(order: Order, meanwhile: list[Any]) -> None:
    Variant.objects.update(stock=4)
    err = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_books", stdout=StringIO(), stderr=err)
    assert ended.value.code == 1
    assert "WALDEN-HB has a stock of 4" in err.getvalue()


def test_the_command_ends_with_0_when_all_holds(order: Order) -> None:
    out = StringIO()
    call_command("check_books", stdout=out)
    assert "The ledger holds." in out.getvalue()


def test_the_number_of_statements_does_not_grow_with_orders(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        pay(place(alice, (VariantFactory(price=2000), 1)))
    with django_assert_max_num_queries(30):
        found()


@pytest.fixture
def at_stripe(alice: User, standin: Standin) -> Order:
    order = place(alice, (VariantFactory(price=2000, stock=5), 2), now=timezone.now())
    payment = order.payments.get()
    paying.start(payment, actor=CUSTOMER, now=timezone.now())
    payment.refresh_from_db()
    standin.pay(payment.intent_id)
    reconcile(payment, actor=CUSTOMER, now=timezone.now())
    return Order.objects.get()


def both_ways() -> list[str]:
    return list(stripe_comparison.breaches(until=timezone.now() + timedelta(minutes=1)))


def test_stripe_and_we_have_the_same_money(at_stripe: Order, sam: User) -> None:
    refunds.refund(at_stripe, Wanted(300), user=sam, now=timezone.now())
    assert both_ways() == []


def test_money_that_no_order_knows_is_found(at_stripe: Order, standin: Standin) -> None:
    stray = gateway.create_intent(key="k", amount=1200, currency="eur", order_number="", payment_id="")
    standin.pay(stray.id)
    assert both_ways() == [f"Stripe has €12.00 with {stray.id}, and no order knows it."]


def test_an_intent_of_ours_that_no_order_knows_is_found(at_stripe: Order) -> None:
    stray = gateway.create_intent(key="k", amount=1200, currency="eur", order_number="x", payment_id="y")
    assert both_ways() == [f"{stray.id} could still be paid, and no order knows it."]


def test_money_that_we_did_not_hear_of_is_found(at_stripe: Order) -> None:
    Payment.objects.update(status="processing", amount_received=0)
    [sentence] = both_ways()
    assert f"order {at_stripe.number} says processing" in sentence


def test_an_order_that_no_money_knows_is_found(at_stripe: Order) -> None:
    Payment.objects.update(intent_id="pi_gone")
    assert any("Stripe does not know it" in sentence for sentence in both_ways())


def test_refunds_are_compared_both_ways(at_stripe: Order, sam: User) -> None:
    row = refunds.refund(at_stripe, Wanted(300), user=sam, now=timezone.now())
    Refund.objects.update(status="failed")
    assert [row.refund_id in sentence for sentence in both_ways()] == [True]
    Refund.objects.update(refund_id="re_gone", status="succeeded")
    assert len(both_ways()) == 2


def test_facts_beside_each_other_show_what_differs(alice: User) -> None:
    payment = place(alice, (VariantFactory(price=2000), 1)).payments.get()
    beside = stripe_comparison.facts(payment, intent_for(payment, amount=100, amount_received=100))
    assert {fact.name for fact in beside if fact.differs} == {"PaymentIntent", "Status", "Amount", "Received"}


def test_the_comparison_of_open_orders_is_a_command_that_changes_nothing(
    alice: User, standin: Standin
) -> None:
    order = place(alice, (VariantFactory(price=2000), 1))
    paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
    out = StringIO()
    call_command("compare_stripe", stdout=out)
    assert "1 open orders asked about, 0 differ." in out.getvalue()
    standin.pay(order.payments.get().intent_id)
    with pytest.raises(SystemExit):
        call_command("compare_stripe", stdout=out)
    assert f"{order.number}  Status: ours requires_payment_method, Stripe’s succeeded" in out.getvalue()
    assert Order.objects.get().status == "placed"
