"""Why an order needs a person is a set: every reason stays open until it is settled by itself."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts.models import User
from checkout.messages import mail_text
from checkout.models import Attention, Flag, Mail, Order
from checkout.orders import transitions
from checkout.orders.transitions import SWEEP, Actor, Kind
from checkout.purchase import attention
from checkout.purchase.attention import CannotResolveError
from shop import stock
from shop.models import StockMovement
from tests.checkout.admin.test_actions import said
from tests.checkout.admin.test_orders import ORDERS, found, page_of, text_of
from tests.factories import VariantFactory
from tests.orders import NOW, hear, pay, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(alice: User) -> Order:
    return pay(place(alice, (VariantFactory(price=2400, stock=5), 1)))


def flag(order: Order, *reasons: str, about: str = "pi_1") -> list[Flag]:
    for reason in reasons:
        transitions.flag(order, Attention(reason), about, actor=SWEEP, now=NOW, data={})
    return list(order.flags.order_by("pk"))


def settle(order: Order, one: Flag | None, sam: User) -> bool:
    staff = Actor("staff", sam)
    return attention.resolve(order, "Looked", actor=staff, now=NOW, flag_id=one and one.pk)


def summary(order: Order) -> str:
    return Order.objects.get(pk=order.pk).needs_attention


def test_f30_what_is_settled_leaves_the_others_open(order: Order, sam: User) -> None:
    twice, disputed = flag(order, "paid_twice", "disputed")
    assert summary(order) == "disputed"
    assert settle(order, disputed, sam)
    assert summary(order) == "paid_twice"
    assert not settle(order, twice, sam)
    assert summary(order) == ""
    assert [(one.settled_at, one.settled_by) for one in order.flags.all()] == [(NOW, sam)] * 2


def test_f30_the_column_has_the_gravest_whatever_came_last(order: Order) -> None:
    flag(order, "disputed", "refund_failed", "paid_twice")
    assert summary(order) == order.needs_attention == "disputed"


def test_f30_two_of_one_reason_are_two(order: Order, sam: User) -> None:
    flag(order, "refund_failed", about="re_1")
    first, second = flag(order, "refund_failed", about="re_2")
    assert settle(order, first, sam)
    assert summary(order) == "refund_failed"
    assert order.flags.get(settled_at=None) == second


def test_f30_the_same_about_the_same_is_noted_once_also_when_it_is_settled(order: Order, sam: User) -> None:
    [only] = flag(order, "paid_twice", "paid_twice")
    settle(order, only, sam)
    flag(order, "paid_twice")
    assert summary(order) == ""
    assert order.timeline.filter(kind="attention").count() == 1


def test_f30_who_does_not_say_which_settles_none_of_several(order: Order, sam: User) -> None:
    flag(order, "paid_twice", "disputed")
    with pytest.raises(CannotResolveError, match="Say which"):
        settle(order, None, sam)
    assert order.flags.filter(settled_at=None).count() == 2


def test_f30_one_that_is_settled_cannot_be_again(order: Order, sam: User) -> None:
    twice, _disputed = flag(order, "paid_twice", "disputed")
    settle(order, twice, sam)
    with pytest.raises(CannotResolveError):
        settle(order, twice, sam)
    assert order.timeline.filter(kind="resolved").count() == 1


def test_f30_a_flag_of_another_order_is_not_settled(order: Order, bob: User, sam: User) -> None:
    other = pay(place(bob, (VariantFactory(price=1000, stock=1), 1)))
    flag(order, "paid_twice")
    [theirs] = flag(other, "paid_twice")
    with pytest.raises(CannotResolveError):
        settle(order, theirs, sam)
    assert (summary(order), summary(other)) == ("paid_twice", "paid_twice")


def test_f30_accepting_late_money_leaves_the_others_open(alice: User, sam: User) -> None:
    variant = VariantFactory(price=2100, stock=1)
    late = place(alice, (variant, 1))
    expired(late)
    stock.set_level(variant.pk, 0, reason="lost", now=NOW)
    hear(late.payments.get())
    assert summary(late) == "late_without_stock"
    flag(late, "refund_failed")
    stock.set_level(variant.pk, 1, reason="found", now=NOW)
    attention.accept(late, actor=Actor("staff", sam), now=NOW)
    late.refresh_from_db()
    assert (late.status, late.needs_attention) == ("paid", "refund_failed")


def expired(order: Order) -> None:
    transitions.move(order, Order.Status.EXPIRED, Kind.EXPIRED, actor=SWEEP, now=NOW)
    stock.give_back(order.number, reason=StockMovement.Reason.RELEASE, now=NOW)


def test_f30_staff_settle_each_on_the_orders_page(as_sam: Client, order: Order) -> None:
    twice, disputed = flag(order, "paid_twice", "disputed")
    text = text_of(as_sam, page_of(order))
    assert "The order was paid a second time." in text
    assert "The customer disputes the payment." in text
    page = as_sam.get(page_of(order)).content.decode()
    assert page.count(f'action="{ORDERS}{order.pk}/resolve/"') == 2

    url = f"{ORDERS}{order.pk}/resolve/"
    answer = as_sam.post(url, {"words": "Refunded the second", "flag": twice.pk}, follow=True)
    assert said(answer) == "success: Looked at. Other things are open."
    answer = as_sam.post(url, {"words": "Answered", "flag": disputed.pk}, follow=True)
    assert said(answer) == "success: Looked at. The order has left the queue."
    assert summary(order) == ""


@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "٣", "x"])
def test_f30_a_number_that_is_none_settles_nothing(as_sam: Client, order: Order, number: str) -> None:
    flag(order, "paid_twice", "disputed")
    as_sam.post(f"{ORDERS}{order.pk}/resolve/", {"words": "Mine", "flag": number})
    assert order.flags.filter(settled_at=None).count() == 2


def test_f30_lists_and_the_first_page_name_every_open_reason(as_sam: Client, order: Order) -> None:
    flag(order, "paid_twice", "disputed")
    for reason in ("paid_twice", "disputed"):
        assert found(as_sam, needs_attention=reason) == {order.number}
    assert found(as_sam, needs_attention="refund_failed") == set()
    both = "The customer disputes the payment, The order was paid a second time"
    assert both in text_of(as_sam, f"{ORDERS}?needs_attention=yes")
    assert both in text_of(as_sam, "/admin/")


def test_f30_each_mail_to_staff_is_about_its_own_reason(order: Order, sam: User) -> None:
    twice, _disputed = flag(order, "paid_twice", "disputed")
    first, second = Mail.objects.filter(order=order, kind=Mail.Kind.ATTENTION).order_by("pk")
    assert mail_text.sentence(first).text == "The order was paid a second time."
    assert mail_text.sentence(second).text == "The customer disputes the payment."
    settle(order, twice, sam)
    assert mail_text.sentence(Mail.objects.select_related("order").get(pk=first.pk)) is None


def test_f30_orders_flagged_before_have_their_flags_from_the_timeline(order: Order, sam: User) -> None:
    flag(order, "refund_failed")
    settle(order, order.flags.get(), sam)
    flag(order, "paid_twice", "disputed")
    before = list(order.flags.values_list("reason", "about", "settled_at", "settled_by"))
    Flag.objects.all().delete()
    migration = import_module("checkout.migrations.0011_raise_flags")
    migration.raise_what_the_timelines_tell(apps, connection.schema_editor())
    assert list(order.flags.values_list("reason", "about", "settled_at", "settled_by")) == before
