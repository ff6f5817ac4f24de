"""Staff give money back: by the form with its preview, or by one POST."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.audit import ledger
from checkout.models import Order, Payment, Refund
from checkout.orders import transitions
from checkout.orders.transitions import CUSTOMER, WEBHOOK
from checkout.payments import gateway, paying, refunds
from checkout.payments.reconcile import reconcile
from shop import stock
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.checkout.admin.test_actions import said, stock_of
from tests.checkout.admin.test_orders import ORDERS, page_of, staff_with, text_of
from tests.factories import ProductFactory, VariantFactory
from tests.orders import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(product=ProductFactory(title="Walden"), price=1650, stock=10)


@pytest.fixture
def emma(db: None) -> Variant:
    return VariantFactory(product=ProductFactory(title="Emma"), price=900, stock=10)


def paid_order(user: User, standin: Standin, *wanted: tuple[Variant, int]) -> Order:
    now = timezone.now() - timedelta(hours=1)
    order = place(user, *wanted, now=now)
    payment = order.payments.get()
    paying.start(payment, actor=CUSTOMER, now=now)
    standin.pay(payment.intent_id)
    reconcile(payment, actor=CUSTOMER, now=now)
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def order(alice: User, standin: Standin, walden: Variant, emma: Variant) -> Order:
    """Paid: two of Walden and one of Emma, €42.00, and €4.50 for sending them."""
    return paid_order(alice, standin, (walden, 2), (emma, 1))


def url_of(order: Order) -> str:
    return f"{ORDERS}{order.pk}/refund/"


def refund(client: Client, order: Order, **fields: Any) -> Any:
    return client.post(url_of(order), fields)


def preview(client: Client, order: Order, **fields: Any) -> str:
    response = client.get(url_of(order), fields)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def at_stripe(order: Order) -> list[int]:
    return sorted(fact.amount for fact in gateway.refunds_of(order.payments.get().intent_id))


def test_one_post_refunds_at_once(as_sam: Client, sam: User, order: Order) -> None:
    response = refund(as_sam, order, amount="1650", reason="Damaged on the way")
    assert (response.status_code, response["Location"]) == (302, page_of(order))
    page = as_sam.get(page_of(order))
    assert said(page) == "success: Refunded €16.50. Of what was received, €30.00 is left."
    row = Refund.objects.get()
    assert (row.amount, row.reason, row.user, row.status) == (1650, "Damaged on the way", sam, "succeeded")
    assert at_stripe(order) == [1650]


def test_a_refund_restocks_only_where_that_is_said(as_sam: Client, order: Order, walden: Variant) -> None:
    refund(as_sam, order, amount="4650", restock="no")
    assert stock_of(walden) == 8


def test_a_whole_refund_with_restock_brings_every_book_back(
    as_sam: Client, order: Order, walden: Variant, emma: Variant
) -> None:
    assert refund(as_sam, order, amount="4650", restock="on").status_code == 302
    assert (stock_of(walden), stock_of(emma)) == (10, 10)


def test_a_part_names_its_books_line_by_line(as_sam: Client, order: Order, walden: Variant) -> None:
    line = order.lines.get(variant=walden)
    assert refund(as_sam, order, amount="1650", restock="1", **{f"line_{line.pk}": "1"}).status_code == 302
    assert stock_of(walden) == 9
    assert "1 × Walden, back in stock" in text_of(as_sam, page_of(order))


def test_a_part_that_does_not_say_which_books_is_asked_which(as_sam: Client, order: Order) -> None:
    response = refund(as_sam, order, amount="1650", restock="on")
    assert response.status_code == 400
    assert "Say which books go back in stock" in response.content.decode()
    assert not Refund.objects.exists()


def test_two_clicks_are_one_refund(as_sam: Client, order: Order) -> None:
    key = str(uuid4())
    for _click in range(2):
        assert refund(as_sam, order, amount="1650", key=key).status_code == 302
    assert at_stripe(order) == [1650]
    refund(as_sam, order, amount="1650", key=str(uuid4()))
    assert at_stripe(order) == [1650, 1650]


def test_more_than_is_left_is_refused_and_said(as_sam: Client, order: Order) -> None:
    refund(as_sam, order, amount="4000")
    response = refund(as_sam, order, amount="651")
    assert response.status_code == 302
    assert "error: There is €6.50 left to refund." in said(as_sam.get(page_of(order)))
    assert at_stripe(order) == [4000]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"amount": ""},
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "16.50"},
        {"amount": "1e3"},
        {"amount": "١٢"},
        {"amount": "9" * 5000},
        {"money": "sixteen"},
        {"money": "16.505"},
        {"money": "1,650.00"},
        {"amount": "100", "key": "not a key"},
        {"amount": "100", "reason": "x" * 201},
        {"amount": "100", "restock": "on", "line_0": "1"},
        {"amount": "100", "restock": "on", "line_x": "1"},
        {"amount": "100", "line_1": "-1"},
    ],
)
def test_what_is_no_refund_is_a_bad_request(as_sam: Client, order: Order, fields: dict[str, str]) -> None:
    response = refund(as_sam, order, **fields)
    assert response.status_code == 400
    assert "Nothing was refunded." in response.content.decode()
    assert not Refund.objects.exists()


def test_a_key_of_another_orders_refund_is_a_bad_request(
    as_sam: Client, bob: User, standin: Standin, order: Order, walden: Variant
) -> None:
    key = str(uuid4())
    refund(as_sam, order, amount="100", key=key)
    other = paid_order(bob, standin, (walden, 1))
    assert refund(as_sam, other, amount="100", key=key).status_code == 400
    assert at_stripe(other) == []


def test_an_unpaid_order_has_nothing_to_refund(as_sam: Client, alice: User, walden: Variant) -> None:
    unpaid = place(alice, (walden, 1))
    assert refund(as_sam, unpaid, amount="100").status_code == 302
    page = as_sam.get(page_of(unpaid))
    assert "error: No money was received for this order." in said(page)
    assert url_of(unpaid) not in page.content.decode()


def test_silence_keeps_the_refund_and_says_so(
    as_sam: Client, order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "READ_SECONDS", 0.2)
    gateway._client.cache_clear()
    standin.add_fault(action="apply_then_hang", path="/v1/refunds", times=0)
    assert refund(as_sam, order, amount="1650").status_code == 302
    page = as_sam.get(page_of(order))
    assert "warning: No answer from Stripe. The refund is kept" in said(page)
    assert "No answer yet" in page.content.decode()
    standin.clear_faults()
    refunds.send(Refund.objects.get(), actor=WEBHOOK, now=timezone.now())
    assert at_stripe(order) == [1650]


def test_a_refund_that_stripe_refuses_is_said(as_sam: Client, order: Order) -> None:
    gateway.create_refund(key="x", intent_id=order.payments.get().intent_id, amount=4650, refund_id="")
    assert refund(as_sam, order, amount="100").status_code == 302
    assert "Stripe refused the refund: charge_already_refunded." in said(as_sam.get(page_of(order)))


# --- The form and its preview ---


def test_the_form_offers_all_that_is_left_and_the_books_still_out(
    as_sam: Client, order: Order, walden: Variant
) -> None:
    line = order.lines.get(variant=walden)
    refund(as_sam, order, amount="1650", restock="on", **{f"line_{line.pk}": "1"})
    box = as_sam.get(page_of(order)).context["box"]
    assert (box.received, box.returned, box.left, box.money) == (4650, 1650, 3000, "30.00")
    assert [(row.line.title, row.out, row.chosen) for row in box.lines] == [("Walden", 1, 1), ("Emma", 1, 1)]


@pytest.mark.parametrize("typed", [{"money": "16.50"}, {"money": "16,5"}, {"amount": "1650"}])
def test_the_preview_says_what_it_does_to_money_stock_and_mail_and_does_nothing(
    as_sam: Client, order: Order, typed: dict[str, str]
) -> None:
    line = order.lines.first()
    text = preview(as_sam, order, **typed, restock="yes", **{f"line_{line.pk}": "1"})
    for words in (
        "Refund €16.50?",
        "€16.50 goes back to the customer, through Stripe (Visa ending 4242). €30.00 stays.",
        "Back on the shelf: 1 × Walden, paperback.",
        "alice@example.org is told by mail",
    ):
        assert words in text, words
    assert not Refund.objects.exists()


def test_what_the_preview_sends_is_what_it_said(as_sam: Client, order: Order, walden: Variant) -> None:
    line = order.lines.get(variant=walden)
    typed = {"money": "33", "reason": "Torn", "restock": "yes", f"line_{line.pk}": "2"}
    page = as_sam.get(url_of(order), typed).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)">', page))
    assert refund(as_sam, order, **fields).status_code == 302
    assert refund(as_sam, order, **fields).status_code == 302
    row = Refund.objects.get()
    assert (row.amount, row.reason, str(row.pk)) == (3300, "Torn", fields["key"])
    assert stock_of(walden) == 10


def test_the_preview_refuses_as_the_refund_would(as_sam: Client, order: Order) -> None:
    text = preview(as_sam, order, money="100")
    assert "Nothing was refunded. There is €46.50 left to refund." in text
    assert "Refund €100.00" not in text


def test_an_order_paid_twice_offers_what_is_too_much(as_sam: Client, order: Order, standin: Standin) -> None:
    second = paying.new_payment(order, now=timezone.now())
    paying.start(second, actor=CUSTOMER, now=timezone.now())
    standin.pay(second.intent_id)
    reconcile(second, actor=WEBHOOK, now=timezone.now())
    page = as_sam.get(page_of(order))
    assert (page.context["box"].left, page.context["box"].money) == (9300, "46.50")
    refund(as_sam, order, amount="4650")
    assert Refund.objects.get().payment == second


def test_of_late_money_no_book_is_offered_to_go_back(
    as_sam: Client, alice: User, standin: Standin, walden: Variant
) -> None:
    order = late_without_stock(alice, standin, walden)
    assert as_sam.get(page_of(order)).context["box"].lines == ()
    assert refund(as_sam, order, amount=str(order.total), restock="on").status_code == 302
    assert stock_of(walden) == 0
    assert refunds.left(order) == 0


def late_without_stock(alice: User, standin: Standin, variant: Variant) -> Order:
    """Expired, its last copies sold, and then paid."""
    now = timezone.now() - timedelta(hours=2)
    order = place(alice, (variant, 1), now=now)
    payment = order.payments.get()
    paying.start(payment, actor=CUSTOMER, now=now)
    standin.pay(payment.intent_id)
    Order.objects.filter(pk=order.pk).update(status=Order.Status.EXPIRED)
    transitions.note(order, "expired", actor=transitions.SWEEP, now=now)
    stock.give_back(order.number, reason=stock.Reason.RELEASE, now=now)
    stock.set_level(variant.pk, 0, reason="sold", now=now)
    reconcile(payment, actor=WEBHOOK, now=now + timedelta(minutes=1))
    return Order.objects.get(pk=order.pk)


# --- Tags ---


def test_lists_and_pages_tell_what_went_back(as_sam: Client, order: Order) -> None:
    refund(as_sam, order, amount="1650")
    assert "Partly refunded, €16.50" in text_of(as_sam, ORDERS)
    refund(as_sam, order, amount="3000")
    for url in (ORDERS, page_of(order)):
        assert "Refunded, €46.50" in text_of(as_sam, url)


# --- Who may ---


def test_who_may_only_look_sees_refunds_and_no_way_to_make_one(order: Order, as_sam: Client) -> None:
    refund(as_sam, order, amount="1650", reason="Torn")
    viewer = staff_with("view_order")
    page = viewer.get(page_of(order)).content.decode()
    assert "Torn" in page
    assert url_of(order) not in page
    for method in (viewer.get, viewer.post):
        assert method(url_of(order), {"amount": "100"}).status_code == 403
    assert at_stripe(order) == [1650]


def test_customers_and_visitors_refund_nothing(as_alice: Client, as_bob: Client, order: Order) -> None:
    for client in (as_alice, as_bob, Client()):
        for method in (client.get, client.post):
            response = method(url_of(order), {"amount": "100"})
            assert response.status_code == 302
            assert response["Location"].startswith("/admin/login/")
    assert at_stripe(order) == []


def test_a_refund_from_another_site_is_refused(sam: User, order: Order) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    assert refund(client, order, amount="100").status_code == 403
    assert at_stripe(order) == []


def test_there_is_no_refund_of_no_order_and_none_by_other_methods(as_sam: Client, order: Order) -> None:
    assert as_sam.post(f"{ORDERS}999999/refund/", {"amount": "1"}).status_code == 404
    assert as_sam.put(url_of(order)).status_code == 405


def test_the_page_of_a_refunded_order_takes_the_same_statements_for_one_refund_and_for_many(
    as_sam: Client, order: Order, django_assert_num_queries: Any
) -> None:
    line = order.lines.first()
    refund(as_sam, order, amount="100", restock="on", **{f"line_{line.pk}": "1"})
    as_sam.get(page_of(order))
    with django_assert_num_queries(12):
        as_sam.get(page_of(order))
    for amount in ("200", "300", "400"):
        refund(as_sam, order, amount=amount)
    as_sam.get(page_of(order))
    with django_assert_num_queries(12):
        as_sam.get(page_of(order))


def test_money_that_does_not_fit_goes_back_and_the_order_may_then_be_cancelled(
    as_sam: Client, alice: User, standin: Standin, walden: Variant
) -> None:
    now = timezone.now()
    order = place(alice, (walden, 1), now=now)
    payment = order.payments.get()
    Payment.objects.filter(pk=payment.pk).update(amount=100)
    payment.refresh_from_db()
    paying.start(payment, actor=CUSTOMER, now=now)
    standin.pay(payment.intent_id)
    reconcile(payment, actor=WEBHOOK, now=timezone.now())
    cancel = f"{ORDERS}{order.pk}/cancel/"
    assert "Refund it first." in said(as_sam.post(cancel, follow=True))
    refund(as_sam, order, amount="100")
    assert "success: Cancelled." in said(as_sam.post(cancel, follow=True))
    assert Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED
    assert stock_of(walden) == 10
    assert ledger.breaches() == []
