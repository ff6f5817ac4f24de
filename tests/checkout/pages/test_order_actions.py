"""What a customer does with an order: cancel it while it is unpaid, and order the same again."""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from checkout.models import Order
from checkout.orders.transitions import SWEEP
from checkout.payments import gateway
from checkout.purchase import closing
from shop.models import Cart, CartLine, Product, Variant
from stripe_standin.testing import Standin
from tests import statements
from tests.factories import VariantFactory
from tests.faults.steps import fresh, intent_of, trail
from tests.orders import FORM, NOW, fill_cart, pay
from tests.orders import place as place_of
from tests.races.together import once_first
from tests.shop.pages import words

pytestmark = pytest.mark.django_db

GUEST = {"email": "carol@example.org", **FORM, "total": "2450"}


@pytest.fixture
def walden() -> Variant:
    return VariantFactory(product__title="Walden", name="Paperback", price=2000, stock=9)


@pytest.fixture
def order(alice: User, as_alice: Client, walden: Variant, standin: Standin) -> Order:
    """An order of alice's that awaits payment at Stripe."""
    fill_cart(alice, (walden, 1))
    as_alice.post("/checkout/", {**FORM, "total": "2450"})
    return Order.objects.get()


def cancel(order: Order) -> str:
    return f"/orders/{order.number}/cancel/"


def again(order: Order) -> str:
    return f"/orders/{order.number}/again/"


def in_cart() -> dict[str, int]:
    return {line.variant.sku: line.quantity for line in CartLine.objects.select_related("variant")}


# --- Cancel ---


def test_a_customer_is_asked_first_and_then_the_order_is_cancelled_at_stripe_too(
    order: Order, as_alice: Client, walden: Variant, standin: Standin
) -> None:
    for page in (f"/orders/{order.number}/", f"/checkout/{order.number}/status/"):
        assert f'href="{cancel(order)}"' in as_alice.get(page).text
    question = as_alice.get(cancel(order))
    assert fresh(order).status == "placed"
    assert f'<form method="post" action="{cancel(order)}">' in question.text

    answer = as_alice.post(cancel(order), follow=True)

    assert answer.redirect_chain == [(f"/orders/{order.number}/", 302)]
    assert f"Order {order.number} is cancelled." in words(answer)
    assert [intent["status"] for intent in standin.intents()] == ["canceled"]
    walden.refresh_from_db()
    assert (fresh(order).status, walden.stock) == ("cancelled", 9)
    assert trail(order) == ["placed by customer", "payment_closed by customer", "cancelled by customer"]
    assert f'href="{cancel(order)}"' not in answer.text


def test_pressed_twice_it_is_cancelled_once(order: Order, as_alice: Client) -> None:
    for _time in range(2):
        assert as_alice.post(cancel(order)).status_code == 302
    assert trail(order) == ["placed by customer", "payment_closed by customer", "cancelled by customer"]
    assert as_alice.get(cancel(order)).headers["Location"] == f"/orders/{order.number}/"


def test_a_guest_cancels_in_the_browser_that_placed(
    client: Client, walden: Variant, standin: Standin
) -> None:
    client.post("/cart/lines/", {"variant": walden.pk, "quantity": 1})
    client.post("/checkout/", GUEST)
    order = Order.objects.get()
    assert Client().post(cancel(order)).status_code == 404

    assert client.post(cancel(order)).status_code == 302
    assert fresh(order).status == "cancelled"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("action", [cancel, again])
def test_a_strangers_order_is_as_if_it_were_not(
    order: Order, as_bob: Client, client: Client, method: str, action: Any
) -> None:
    for stranger in (as_bob, client):
        assert getattr(stranger, method)(action(order)).status_code == 404
        assert getattr(stranger, method)("/orders/ZZZZ-ZZZZ/again/").status_code == 404
    assert (fresh(order).status, Cart.objects.exclude(user=order.user).count()) == ("placed", 0)


@pytest.mark.parametrize("action", [cancel, again])
def test_only_a_form_of_ours_may_ask(order: Order, alice: User, action: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(action(order)).status_code == 403
    assert fresh(order).status == "placed"


def test_an_order_that_was_paid_a_moment_ago_is_not_cancelled_and_the_page_says_so(
    order: Order, as_alice: Client, standin: Standin
) -> None:
    standin.pay(intent_of(order))

    answer = as_alice.post(cancel(order))

    assert (answer.status_code, fresh(order).status) == (409, "paid")
    assert 'data-error="order_is_being_paid"' in answer.text
    assert f'action="{cancel(order)}"' not in answer.text
    assert f'href="/checkout/{order.number}/status/"' in answer.text


def test_money_that_arrives_while_stripe_is_asked_to_cancel_wins(
    order: Order, as_alice: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = intent_of(order)
    racing = once_first(gateway.cancel_intent, lambda: standin.pay(intent))
    monkeypatch.setattr(gateway, "cancel_intent", racing)

    assert as_alice.post(cancel(order)).status_code == 409
    assert (fresh(order).status, Variant.objects.get().stock) == ("paid", 8)


def test_while_stripe_is_down_nothing_is_cancelled_and_one_may_try_again(
    order: Order, as_alice: Client, standin: Standin
) -> None:
    standin.add_fault(action="status", status=500, path="/v1/payment_intents/*/cancel", times=0)

    answer = as_alice.post(cancel(order))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert 'data-error="stripe_unavailable"' in answer.text
    assert f'action="{cancel(order)}"' in answer.text
    assert fresh(order).status == "placed"


def test_an_expired_order_stays_expired(order: Order, as_alice: Client) -> None:
    closing.expire(order, actor=SWEEP, now=NOW)
    assert as_alice.post(cancel(order)).status_code == 302
    assert fresh(order).status == "expired"


def test_a_paid_order_offers_no_cancelling(order: Order, as_alice: Client) -> None:
    pay(order)
    assert cancel(order) not in as_alice.get(f"/orders/{order.number}/").text
    assert as_alice.get(cancel(order)).status_code == 302


# --- Again ---


def test_all_that_is_still_sold_comes_into_the_cart(alice: User, as_alice: Client) -> None:
    walden, emma = VariantFactory(sku="WALDEN", stock=9), VariantFactory(sku="EMMA", stock=9)
    order = pay(place_of(alice, (walden, 2), (emma, 1)))
    assert in_cart() == {}
    assert f'action="{again(order)}"' in as_alice.get(f"/orders/{order.number}/").text

    answer = as_alice.post(again(order), follow=True)

    assert answer.redirect_chain == [("/cart/", 302)]
    assert f"All of order {order.number} is in your cart." in words(answer)
    assert in_cart() == {"WALDEN": 2, "EMMA": 1}


def test_asked_twice_or_with_some_of_it_in_the_cart_it_is_not_doubled(alice: User, as_alice: Client) -> None:
    walden, emma = VariantFactory(sku="WALDEN", stock=9), VariantFactory(sku="EMMA", stock=9)
    order = pay(place_of(alice, (walden, 2), (emma, 1)))
    fill_cart(alice, (walden, 1), (emma, 3))

    for _time in range(2):
        assert as_alice.post(again(order)).status_code == 302
    assert in_cart() == {"WALDEN": 2, "EMMA": 3}


def test_what_is_not_as_it_was_is_said_line_by_line(
    alice: User, as_alice: Client, settings: Any, standin: Standin
) -> None:
    names = ("Emma", "Walden", "Ulysses", "Persuasion", "Dracula", "Middlemarch")
    books = {
        name: VariantFactory(product__title=name, name="Paperback", sku=name, price=1000, stock=20)
        for name in names
    }
    order = pay(place_of(alice, *((book, 5) for book in books.values())))
    Variant.objects.filter(sku="Walden").update(price=1200)
    for name, left in (("Ulysses", 2), ("Persuasion", 0)):
        call_command("set_stock", name, str(left), "--reason", "Counted")
    Product.objects.filter(title="Dracula").update(is_published=False)
    settings.MAX_LINE_QUANTITY = 4

    page = words(as_alice.post(again(order)))

    assert "Not all of it is in your cart" in page
    assert "Walden, paperback : now €12.00, was €10.00." in page
    assert "Ulysses, paperback : 2 in your cart, was 5. There are only 2 left." in page
    assert "Persuasion, paperback : sold out." in page
    assert "Dracula, paperback : not sold any more." in page
    assert in_cart() == {"Emma": 4, "Walden": 4, "Ulysses": 2, "Middlemarch": 4}


def test_where_nothing_can_be_had_the_page_says_so_and_no_cart_is_made(
    client: Client, walden: Variant, standin: Standin
) -> None:
    client.post("/cart/lines/", {"variant": walden.pk, "quantity": 1})
    client.post("/checkout/", GUEST)
    order = Order.objects.get()
    pay(order)
    Cart.objects.all().delete()
    del client.cookies[settings.CART_COOKIE_NAME]
    Product.objects.update(is_published=False)

    answer = client.post(again(order))

    assert "None of it can be had any more" in words(answer)
    assert settings.CART_COOKIE_NAME not in answer.cookies
    assert not Cart.objects.exists()


def test_a_guest_orders_again_into_a_new_cart(client: Client, walden: Variant, standin: Standin) -> None:
    client.post("/cart/lines/", {"variant": walden.pk, "quantity": 1})
    client.post("/checkout/", GUEST)
    order = Order.objects.get()
    pay(order)
    del client.cookies[settings.CART_COOKIE_NAME]

    answer = client.post(again(order), follow=True)

    assert "Walden" in words(answer)
    assert in_cart() == {walden.sku: 1}


def test_of_a_cancelled_order_whose_books_are_in_the_cart_yet_nothing_doubles(
    order: Order, as_alice: Client, walden: Variant
) -> None:
    as_alice.post(cancel(order))
    assert in_cart() == {walden.sku: 1}
    as_alice.post(again(order))
    assert in_cart() == {walden.sku: 1}


def test_it_takes_as_many_statements_for_ten_lines_as_for_one(alice: User, as_alice: Client) -> None:
    counted = []
    for lines in (1, 10):
        order = pay(place_of(alice, *((VariantFactory(stock=9), 1) for _line in range(lines))))
        counted.append(statements.count(lambda order=order: as_alice.post(again(order))))
        CartLine.objects.all().delete()
    assert counted[0] == counted[1]
