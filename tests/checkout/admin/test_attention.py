"""Orders before staff: why, the facts of both sides, and every way out with what it does."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Dispute, Mail, Order, Payment, StripeEvent, Timeline
from shop import stock
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.checkout.admin.test_actions import said, stock_of
from tests.checkout.admin.test_orders import ORDERS, found, page_of, staff_with, text_of
from tests.checkout.admin.test_refunds import late_without_stock
from tests.factories import ProductFactory, VariantFactory
from tests.orders import NOW, hear, pay, place, write_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def dracula(db: None) -> Variant:
    return VariantFactory(product=ProductFactory(title="Dracula"), price=1650, stock=3)


@pytest.fixture
def late(alice: User, standin: Standin, dracula: Variant) -> Order:
    return late_without_stock(alice, standin, dracula)


def act(client: Client, order: Order, name: str, **fields: str) -> Any:
    return client.post(f"{ORDERS}{order.pk}/{name}/", fields, follow=True)


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_the_box_says_why_what_both_sides_have_and_what_each_way_does(as_sam: Client, late: Order) -> None:
    text = text_of(as_sam, page_of(late))
    for words in (
        "The money came late, and a book is gone.",
        "State Expired Succeeded",
        "Money €21.00 to pay €21.00 received",
        "Books holds none",
        "Still missing: 1 × Dracula.",
        "€21.00 goes back to the customer",
        "Nothing moves: the order holds no books.",
        "Ask Stripe again",
        "Not while there is money that nobody decided about",
    ):
        assert words in text, words


def test_the_sum_that_stripe_named_stands_in_the_box(as_sam: Client, alice: User, dracula: Variant) -> None:
    order = hear(place(alice, (dracula, 1)).payments.get(), amount_received=1200, currency="usd")
    text = text_of(as_sam, page_of(order))
    assert "Money €21.00 to pay $12.00 received" in text


def test_an_order_that_nobody_waits_for_has_no_box(as_sam: Client, alice: User, dracula: Variant) -> None:
    page = as_sam.get(page_of(pay(place(alice, (dracula, 1))))).content.decode()
    assert "/resolve/" not in page
    assert "/accept/" not in page


def test_late_money_is_accepted_once_the_books_are_back(
    as_sam: Client, sam: User, late: Order, dracula: Variant
) -> None:
    stock.set_level(dracula.pk, 2, reason="found", now=NOW)
    assert "Every book is taken from the shelf again." in text_of(as_sam, page_of(late))
    response = act(as_sam, late, "accept")
    assert response.redirect_chain == [(page_of(late), 302)]
    assert said(response).startswith("success: Accepted.")
    order = again(late)
    assert (order.status, order.needs_attention, stock_of(dracula)) == ("paid", "", 1)
    entry = Timeline.objects.get(order=late, kind="resolved")
    assert (entry.actor, entry.user) == ("staff", sam)
    assert Mail.objects.filter(order=late, kind=Mail.Kind.PAID).count() == 1
    assert "error: This order does not wait" in said(act(as_sam, late, "accept"))


def test_late_money_is_not_accepted_while_a_book_is_missing(
    as_sam: Client, late: Order, dracula: Variant
) -> None:
    words = said(act(as_sam, late, "accept"))
    assert words == "error: The order was not accepted. Still missing: 1 × Dracula."
    assert (again(late).status, stock_of(dracula)) == ("expired", 0)


def test_money_that_nobody_decided_about_is_not_marked_as_looked_at(as_sam: Client, late: Order) -> None:
    assert "error: There is money in this order." in said(act(as_sam, late, "resolve", words="Fine"))
    assert again(late).needs_attention


def test_refunded_late_money_may_be_marked_as_looked_at(as_sam: Client, late: Order) -> None:
    act(as_sam, late, "refund", amount=str(late.total), reason="Sold out")
    assert "Given back €0.00 stays €21.00 given back" in text_of(as_sam, page_of(late))
    assert said(act(as_sam, late, "resolve", words="Wrote to Alice")).startswith("success: Looked at.")
    assert again(late).needs_attention == ""
    assert "Looked at Wrote to Alice" in text_of(as_sam, page_of(late))


def test_looking_needs_words(as_sam: Client, alice: User, dracula: Variant) -> None:
    order = flagged_and_paid(alice, dracula)
    for words in ("", "   "):
        assert "error: Write what you found" in said(act(as_sam, order, "resolve", words=words))
    assert act(as_sam, order, "resolve", words="x" * 501).status_code == 400
    assert again(order).needs_attention
    assert "success: " in said(act(as_sam, order, "resolve", words="<b>Odd\nbut fine</b>"))
    assert Timeline.objects.get(order=order, kind="resolved").data["words"] == "<b>Odd but fine</b>"
    assert "<b>Odd" not in as_sam.get(page_of(order)).content.decode()
    assert "error: Nobody waits for this order." in said(act(as_sam, order, "resolve", words="Again"))


def flagged_and_paid(alice: User, variant: Variant) -> Order:
    order = pay(place(alice, (variant, 1)))
    return hear(order.payments.get(), "paused")


def test_the_queue_is_a_list_by_reason(as_sam: Client, late: Order, bob: User, dracula: Variant) -> None:
    stock.set_level(dracula.pk, 5, reason="found", now=NOW)
    other = flagged_and_paid(bob, dracula)
    assert found(as_sam, needs_attention="yes") == {late.number, other.number}
    assert found(as_sam, needs_attention="late_without_stock") == {late.number}
    text = text_of(as_sam, f"{ORDERS}?needs_attention=yes")
    assert "The money came late, and a book is gone" in text


@pytest.mark.parametrize("name", ["accept", "resolve"])
def test_only_staff_with_the_right_decide(
    as_alice: Client, as_bob: Client, as_sam: Client, sam: User, late: Order, dracula: Variant, name: str
) -> None:
    stock.set_level(dracula.pk, 2, reason="found", now=NOW)
    url = f"{ORDERS}{late.pk}/{name}/"
    for client in (as_alice, as_bob, Client()):
        assert client.post(url, {"words": "Mine"})["Location"].startswith("/admin/login/")
    viewer = staff_with("view_order")
    assert viewer.post(url, {"words": "Mine"}).status_code == 403
    page = viewer.get(page_of(late)).content.decode()
    assert "a book is gone" in page
    assert url not in page
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(sam)
    assert careful.post(url, {"words": "Mine"}).status_code == 403
    assert as_sam.get(url).status_code == 405
    assert as_sam.post(f"{ORDERS}999999/{name}/").status_code == 404
    assert again(late).needs_attention
    assert Payment.objects.get(order=late).status == "succeeded"


# --- The first page ---


def board(client: Client) -> str:
    return client.get("/admin/").content.decode()


def test_the_first_page_offers_what_one_does_most_likely(
    as_sam: Client, late: Order, bob: User, dracula: Variant
) -> None:
    assert f'<a class="act danger" href="{ORDERS}{late.pk}/refund/">Refund' in board(as_sam)
    stock.set_level(dracula.pk, 5, reason="found", now=NOW)
    other = flagged_and_paid(bob, dracula)
    assert f'action="{ORDERS}{other.pk}/ask-stripe/"' in board(as_sam)
    Order.objects.filter(pk=other.pk).update(needs_attention="disputed")
    assert f'<a class="act" href="{page_of(other)}">Look' in board(as_sam)


def test_who_may_only_look_is_offered_only_that(late: Order) -> None:
    page = board(staff_with("view_order"))
    assert late.number in page
    assert "/refund/" not in page
    assert f'<a class="act" href="{page_of(late)}">Look' in page


def test_the_first_page_tells_what_came_wrong_from_stripe(
    as_sam: Client, alice: User, dracula: Variant, django_assert_num_queries: Any
) -> None:
    order = flagged_and_paid(alice, dracula)
    facts = {"order": order, "payment": order.payments.get(), "currency": "eur", "created_at": NOW}

    def write(number: int) -> None:
        Dispute.objects.create(
            dispute_id=f"dp_{number}", status="needs_response", amount=2100, due_by=NOW, **facts
        )
        write_refund(
            refund_id=f"re_{number}", status="failed", amount=500, failure_reason="expired_card", **facts
        )
        StripeEvent.objects.create(
            event_id=f"evt_{number}", type="refund.failed", status="failed", error="stripe_unavailable",
            payload={}, received_at=NOW,
        )  # fmt: skip

    write(1)
    text = text_of(as_sam, "/admin/")
    for words in ("Dispute · Answer needed", "due 14 Nov, 15:12", "A refund failed", "expired_card"):
        assert words in text, words
    assert "An event could not be handled refund.failed · stripe_unavailable" in text
    assert f"/stripeevent/{StripeEvent.objects.get().pk}/handle/" in board(as_sam)
    with django_assert_num_queries(19):
        as_sam.get("/admin/")
    write(2)
    write(3)
    with django_assert_num_queries(19):
        as_sam.get("/admin/")


def test_the_first_page_is_quiet_where_nothing_is_wrong(
    as_sam: Client, alice: User, dracula: Variant
) -> None:
    pay(place(alice, (dracula, 1)))
    text = text_of(as_sam, "/admin/")
    assert "No order needs a person now." in text
    assert "From Stripe" not in text
