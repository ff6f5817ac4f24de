"""Making the order: before the first byte goes to Stripe."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Order, OrderLine, Payment
from checkout.payments import gateway
from shop import stock
from shop.cart import review as reviews
from shop.models import Cart, CartLine, StockMovement, Variant
from stripe_standin.testing import Standin
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.faults.steps import at_stripe, fresh, mails_of, place, status_page, trail
from tests.orders import FORM, fill_cart
from tests.races.together import at_once, elsewhere

pytestmark = pytest.mark.django_db
with_real_transactions = pytest.mark.django_db(transaction=True)


@with_real_transactions
def test_s01_order_hold_and_attempt_are_committed_before_the_first_byte_goes_to_stripe(
    alice: User, as_alice: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    hardback, ebook = VariantFactory(price=2400, stock=5), VariantFactory(price=700, is_digital=True)
    fill_cart(alice, (hardback, 2), (ebook, 1))
    ask, seen = gateway._call, []

    def rows() -> tuple[Any, ...]:
        [payment], [order] = Payment.objects.all(), Order.objects.all()
        held = stock.held(order.number)
        return (
            payment.status,
            payment.intent_id,
            payment.amount,
            order.status,
            OrderLine.objects.count(),
            held,
        )

    def look_then_ask(*args: Any, **kwargs: Any) -> Any:
        seen.append((elsewhere(rows), at_stripe(standin)))
        return ask(*args, **kwargs)

    monkeypatch.setattr(gateway, "_call", look_then_ask)
    assert place(as_alice, total=5950).status_code == 302
    held = {hardback.pk: 2, ebook.pk: 1}
    assert seen == [(("unknown", "", 5950, "placed", 2, held), [])]
    assert at_stripe(standin) == [("requires_payment_method", 0)]


@with_real_transactions
def test_s02_place_clicked_twice_at_once_is_one_order(buyer: Client, alice: User, standin: Standin) -> None:
    first, second = at_once(*[lambda: place(logged_in(alice))] * 2)
    order = Order.objects.get()
    for answer in (first, second):
        assert (answer.status_code, answer["Location"]) == (302, f"/checkout/{order.number}/pay/")
    assert at_stripe(standin) == [("requires_payment_method", 0)]
    assert Variant.objects.get().stock == 3
    assert trail(order) == ["placed by customer"]


def test_s03_the_same_form_again_is_the_same_order_and_another_supersedes_it(
    order: Order, buyer: Client, standin: Standin
) -> None:
    assert place(buyer)["Location"] == f"/checkout/{order.number}/pay/"
    assert Order.objects.get() == order
    moved = place(buyer, line1="Oudegracht 14")
    other = Order.objects.get(status="placed")
    assert moved["Location"] == f"/checkout/{other.number}/pay/"
    assert fresh(order).status == "cancelled"
    assert at_stripe(standin) == [("canceled", 0), ("requires_payment_method", 0)]
    assert (stock.held(order.number), Variant.objects.get().stock) == ({}, 3)


def test_s04_a_price_raised_since_the_cart_page_is_told_and_nothing_is_written(
    buyer: Client, standin: Standin, variant: Variant
) -> None:
    buyer.get("/checkout/")
    Variant.objects.update(price=2500)
    page = place(buyer)
    assert page.status_code == 409
    assert all(words in page.text for words in (variant.product.title, "€24.00", "€25.00", 'value="5450"'))
    assert (Order.objects.count(), Payment.objects.count(), at_stripe(standin)) == (0, 0, [])
    assert Variant.objects.get().stock == 5


@with_real_transactions
def test_s05_two_buyers_of_the_last_copy_make_one_order(alice: User, bob: User, standin: Standin) -> None:
    # The negative controls, with the condition taken away, are in tests/races/test_last_copy.py.
    variant = VariantFactory(price=2400, stock=1)
    for user in (alice, bob):
        fill_cart(user, (variant, 1))
    answers = at_once(*(lambda user=user: place(logged_in(user), total=2850) for user in (alice, bob)))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    refused = max(answers, key=lambda answer: answer.status_code)
    assert variant.full_title in refused.text
    assert "sold out" in refused.text
    assert (Order.objects.count(), Variant.objects.get().stock) == (1, 0)
    assert len(standin.intents()) == 1


@with_real_transactions
def test_s06_twenty_orders_of_the_same_two_books_in_either_sequence_all_get_them(standin: Standin) -> None:
    first, second = VariantFactory(price=1000, stock=30), VariantFactory(price=1000, stock=30)
    wanted = [((first, 1), (second, 1)), ((second, 1), (first, 1))]
    users = [User.objects.create_user(f"buyer{number}@example.org") for number in range(20)]
    for number, user in enumerate(users):
        fill_cart(user, *wanted[number % 2])
    clients = [logged_in(user) for user in users]
    answers = at_once(*(lambda client=client: place(client, total=2450) for client in clients))
    assert [getattr(answer, "status_code", answer) for answer in answers] == [302] * 20
    assert list(Variant.objects.values_list("stock", flat=True)) == [10, 10]
    assert StockMovement.objects.filter(reason="order").count() == 40
    assert Order.objects.filter(status="placed").count() == len(standin.intents()) == 20


def test_s07_a_book_withdrawn_or_deleted_is_refused_by_line_and_old_orders_still_show_it(
    as_alice: Client, alice: User, as_bob: Client, bob: User, standin: Standin
) -> None:
    withdrawn, deleted, kept = VariantFactory(), VariantFactory(price=2400), VariantFactory()
    fill_cart(bob, (deleted, 2))
    place(as_bob)
    old = Order.objects.get()
    title = deleted.product.title
    fill_cart(alice, (withdrawn, 1), (deleted, 1), (kept, 1))
    withdrawn.product.is_published = False
    withdrawn.product.save()
    deleted.product.delete()

    page = place(as_alice, total=1550)
    assert page.status_code == 409
    assert withdrawn.product.title in page.text
    assert title in page.text
    assert Order.objects.get() == old
    for address in (
        f"/orders/{old.number}/",
        f"/checkout/{old.number}/status/",
        f"/checkout/{old.number}/pay/",
    ):
        shown = as_bob.get(address)
        assert (shown.status_code, title in shown.text) == (200, True)


ODD = ["-1", "1000000000", "1e3", "1.5", "", "two", "٣", "9" * 5000, "0x1", "nan"]


@pytest.mark.parametrize("quantity", ["0", *ODD], ids=lambda text: text[:12])
def test_s08_a_quantity_that_cannot_be_is_refused_when_adding(
    client: Client, variant: Variant, quantity: str
) -> None:
    answer = client.post("/cart/lines/", {"variant": variant.pk, "quantity": quantity})
    assert answer.status_code == 400
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("quantity", ODD, ids=lambda text: text[:12])
def test_s08_a_quantity_that_cannot_be_is_refused_when_changing(buyer: Client, quantity: str) -> None:
    line = CartLine.objects.get()
    assert buyer.post(f"/cart/lines/{line.pk}/", {"quantity": quantity}).status_code == 400
    assert CartLine.objects.get().quantity == 2


def test_s08_a_quantity_of_zero_takes_a_line_out(buyer: Client) -> None:
    assert buyer.post(f"/cart/lines/{CartLine.objects.get().pk}/", {"quantity": "0"}).status_code == 302
    assert not CartLine.objects.exists()


def test_s09_a_total_of_zero_is_paid_without_stripe_and_one_mail(
    as_alice: Client, alice: User, standin: Standin
) -> None:
    fill_cart(alice, (VariantFactory(price=0, is_digital=True), 1))
    form = {name: value for name, value in FORM.items() if name != "delivery"}
    placed = as_alice.post("/checkout/", {**form, "total": 0}, follow=True)
    order = Order.objects.get()
    assert placed.redirect_chain[-1][0] == f"/checkout/{order.number}/status/"
    assert "There was nothing to pay." in placed.text
    status_page(as_alice, order)
    assert (order.status, order.total, order.payments.count()) == ("paid", 0, 0)
    assert (trail(order), mails_of(order)) == (["placed by customer", "paid by customer"], ["paid"])
    assert at_stripe(standin) == []
    assert reviews.of_cart(Cart.objects.get()).count == 0


def test_s10_a_total_below_stripes_least_is_refused_before_stripe(
    as_alice: Client, alice: User, standin: Standin
) -> None:
    variant = VariantFactory(price=49, is_digital=True)
    fill_cart(alice, (variant, 1))
    page = place(as_alice, total=49)
    assert page.status_code == 400
    assert "The smallest order we can take is €0.50." in page.text
    assert (Order.objects.count(), at_stripe(standin)) == (0, [])
    assert Variant.objects.get(pk=variant.pk).stock == 10
