"""Staff send what is paid, and note that it arrived."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Attention, Dispute, Flag, Mail, Order, Timeline
from checkout.orders import transitions
from checkout.orders.transitions import SWEEP, Actor
from checkout.purchase import attention
from shop.models import Variant
from tests.checkout.admin.test_actions import said
from tests.checkout.admin.test_orders import ORDERS, found, page_of, staff_with, text_of
from tests.factories import VariantFactory
from tests.orders import NOW, pay, place, write_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(price=1650, stock=5)


@pytest.fixture
def order(alice: User, walden: Variant) -> Order:
    return pay(place(alice, (walden, 2)))


def ship(client: Client, order: Order, **fields: str) -> Any:
    return client.post(f"{ORDERS}{order.pk}/ship/", fields, follow=True)


def deliver(client: Client, order: Order) -> Any:
    return client.post(f"{ORDERS}{order.pk}/deliver/", follow=True)


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def dispute(order: Order, status: str = "needs_response") -> None:
    Dispute.objects.create(
        dispute_id=f"dp_{order.pk}",
        order=order,
        payment=order.payments.get(),
        status=status,
        amount=order.total,
        currency=order.currency,
        created_at=NOW,
    )


def test_a_paid_order_is_sent_with_its_number_and_the_customer_is_told(
    as_sam: Client, sam: User, order: Order
) -> None:
    response = ship(as_sam, order, tracking=" 3S ABC\n123 ")
    assert response.redirect_chain == [(page_of(order), 302)]
    assert said(response) == "success: Sent. The customer is told by mail."
    sent = Order.objects.get(pk=order.pk)
    assert (sent.status, sent.tracking) == ("shipped", "3S ABC 123")
    entry = Timeline.objects.get(order=order, kind="shipped")
    assert (entry.actor, entry.user) == ("staff", sam)
    assert Mail.objects.filter(order=order, kind=Mail.Kind.SHIPPED).count() == 1


def test_a_number_is_not_needed(as_sam: Client, order: Order) -> None:
    ship(as_sam, order)
    assert status_of(order) == "shipped"


@pytest.mark.parametrize("tracking", ["x" * 121, "9" * 10_000])
def test_a_number_that_is_none_is_a_bad_request(as_sam: Client, order: Order, tracking: str) -> None:
    assert ship(as_sam, order, tracking=tracking).status_code == 400
    assert status_of(order) == "paid"


def test_it_is_sent_once(as_sam: Client, order: Order) -> None:
    ship(as_sam, order)
    assert "error: Only a paid order can be sent. This one is: Sent." in said(ship(as_sam, order))
    assert Timeline.objects.filter(order=order, kind="shipped").count() == 1


def test_what_is_not_paid_is_not_sent(as_sam: Client, bob: User, walden: Variant) -> None:
    unpaid = place(bob, (walden, 1))
    assert "error: Only a paid order can be sent." in said(ship(as_sam, unpaid))
    assert "/ship/" not in as_sam.get(page_of(unpaid)).content.decode()
    assert status_of(unpaid) == "placed"


def test_f30_nothing_passes_an_open_dispute(as_sam: Client, order: Order) -> None:
    dispute(order)
    text = text_of(as_sam, page_of(order))
    assert "The customer disputes this payment. It can be sent once the dispute is decided." in text
    assert "Send it all the same" not in text
    assert "Mark as sent" not in text
    assert "error: The customer disputes this payment." in said(ship(as_sam, order, anyway="yes"))
    assert status_of(order) == "paid"


@pytest.mark.parametrize("reason", ["disputed", "mode_differs", "closed_after_paid"])
def test_f30_nothing_passes_a_reason_to_doubt_the_money_until_it_is_settled(
    as_sam: Client, sam: User, order: Order, reason: str
) -> None:
    for why in ("paid_twice", reason):
        transitions.flag(order, Attention(why), "pi_1", actor=SWEEP, now=NOW, data={})
    assert "Settle that before it is sent." in said(ship(as_sam, order, anyway="yes"))
    assert status_of(order) == "paid"
    grave = Flag.objects.get(reason=reason)
    attention.resolve(order, "It is ours", actor=Actor("staff", sam), now=NOW, flag_id=grave.pk)
    assert "Tick that you send it all the same." in said(ship(as_sam, order))
    ship(as_sam, order, anyway="yes")
    assert status_of(order) == "shipped"


def test_what_needs_attention_is_sent_only_when_that_is_said(as_sam: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(needs_attention=Attention.PAID_TWICE)
    why = "This order needs attention: The order was paid a second time."
    text = text_of(as_sam, page_of(order))
    assert why in text
    assert "Send it all the same" in text
    assert said(ship(as_sam, order)) == f"error: {why} Tick that you send it all the same."
    assert status_of(order) == "paid"
    ship(as_sam, order, anyway="yes")
    assert status_of(order) == "shipped"


def test_a_decided_dispute_warns_no_more(as_sam: Client, order: Order) -> None:
    dispute(order, "won")
    assert "Send it all the same" not in text_of(as_sam, page_of(order))
    ship(as_sam, order)
    assert status_of(order) == "shipped"


def test_what_was_sent_arrives_once(as_sam: Client, order: Order) -> None:
    assert "error: Only an order that was sent can arrive." in said(deliver(as_sam, order))
    ship(as_sam, order, tracking="3SABC")
    assert "3SABC" in text_of(as_sam, page_of(order))
    assert said(deliver(as_sam, order)) == "success: Delivered. No mail is sent."
    assert status_of(order) == "delivered"
    assert "error: Only an order that was sent can arrive." in said(deliver(as_sam, order))


@pytest.mark.parametrize("act", ["ship", "deliver"])
def test_only_staff_with_the_right_send(
    as_alice: Client, as_bob: Client, as_sam: Client, sam: User, order: Order, act: str
) -> None:
    url = f"{ORDERS}{order.pk}/{act}/"
    for client in (as_alice, as_bob, Client()):
        assert client.post(url)["Location"].startswith("/admin/login/")
    viewer = staff_with("view_order")
    assert viewer.post(url).status_code == 403
    assert url not in viewer.get(page_of(order)).content.decode()
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(sam)
    assert careful.post(url).status_code == 403
    assert as_sam.get(url).status_code == 405
    assert as_sam.post(f"{ORDERS}999999/{act}/").status_code == 404
    assert status_of(order) == "paid"


def test_what_waits_to_be_sent_is_listed(
    as_sam: Client, alice: User, bob: User, order: Order, walden: Variant
) -> None:
    place(bob, (walden, 1))
    digital = pay(place(alice, (VariantFactory(price=500, is_digital=True), 1)))
    back = pay(place(alice, (walden, 1)))
    write_refund(
        order=back,
        payment=back.payments.get(),
        refund_id="re_1",
        status="succeeded",
        amount=back.total,
        currency="eur",
        created_at=NOW,
    )
    assert found(as_sam, to_send="yes") == {order.number}
    assert digital.delivery_name == ""
    ship(as_sam, order)
    assert found(as_sam, to_send="yes") == set()
