from dataclasses import replace
from typing import Any

import pytest

from accounts.models import User
from checkout.models import DeliveryOption, Mail, Order, Payment, Timeline
from checkout.orders import numbers
from checkout.orders.delivery import UnknownDeliveryError
from checkout.payments import gateway
from checkout.payments.stripe_types import Intent
from checkout.purchase import placing
from checkout.purchase.closing import StillBeingPaidError
from checkout.purchase.placing import (
    AmountOutOfRangeError,
    CartChangedError,
    EmptyCartError,
    TotalChangedError,
)
from shop import stock
from shop.cart import review as reviews
from shop.models import Cart, StockMovement, Variant
from tests.factories import VariantFactory
from tests.orders import ADDRESS, NOW, fill_cart, hear, intent_for, pay, place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stripe_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("Placing an order asks Stripe nothing.")

    for verb in ("create_intent", "retrieve_intent", "cancel_intent"):
        monkeypatch.setattr(gateway, verb, refuse)


@pytest.fixture
def stripe_cancels(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stripe, as far as superseding an order needs it. Returns the ids it was asked to cancel."""
    cancelled: list[str] = []

    def create(*, payment_id: str, **_kwargs: Any) -> Intent:
        return intent_for(Payment.objects.get(pk=payment_id), "requires_payment_method")

    def cancel(intent_id: str) -> Intent:
        cancelled.append(intent_id)
        return intent_for(Payment.objects.get(intent_id=intent_id), "canceled")

    monkeypatch.setattr(gateway, "create_intent", create)
    monkeypatch.setattr(gateway, "cancel_intent", cancel)
    return cancelled


def test_an_order_freezes_lines_prices_address_and_totals(alice: User) -> None:
    hardback = VariantFactory(price=2400, stock=5, name="Hardback")
    ebook = VariantFactory(price=700, stock=100, is_digital=True)
    order = place(alice, (hardback, 2), (ebook, 1))
    Variant.objects.filter(pk=hardback.pk).update(price=9900)

    lines = [
        (line.sku, line.title, line.edition, line.quantity, line.unit_price) for line in order.lines.all()
    ]
    assert lines == [
        (hardback.sku, hardback.product.title, "Hardback", 2, 2400),
        (ebook.sku, ebook.product.title, ebook.name, 1, 700),
    ]
    assert (order.subtotal, order.discount, order.delivery, order.tax, order.total) == (5500, 0, 450, 0, 5950)
    assert (order.status, order.currency, order.email) == ("placed", "eur", "alice@example.org")
    assert (order.full_name, order.country, order.delivery_name) == ("Alice Liddell", "NL", "Post")


def test_an_order_takes_its_stock_and_says_why(alice: User) -> None:
    variant = VariantFactory(stock=5)
    order = place(alice, (variant, 2))
    assert Variant.objects.get(pk=variant.pk).stock == 3
    movement = StockMovement.objects.get(reference=order.number)
    assert (movement.delta, movement.reason) == (-2, "order")


def test_an_order_has_an_attempt_to_pay_before_stripe_hears_of_it(alice: User) -> None:
    order = place(alice, (VariantFactory(price=2000), 1))
    payment = order.payments.get()
    assert (payment.status, payment.intent_id, payment.amount, payment.currency) == (
        "unknown",
        "",
        2450,
        "eur",
    )


def test_an_order_begins_its_timeline_with_the_customer(alice: User) -> None:
    entry = place(alice, (VariantFactory(), 1)).timeline.get()
    assert (entry.kind, entry.actor, entry.user) == ("placed", "customer", alice)


def test_an_order_is_kept_for_as_long_as_the_setting_says(alice: User, settings: Any) -> None:
    settings.ORDER_TTL_MINUTES = 12
    order = place(alice, (VariantFactory(), 1))
    assert (order.expires_at - order.placed_at).total_seconds() == 12 * 60


def test_what_was_ordered_stays_in_the_cart_until_it_is_paid(alice: User) -> None:
    order = place(alice, (VariantFactory(), 2))
    assert reviews.of_cart(Cart.objects.get(user=alice)).count == 2
    pay(order)
    assert reviews.of_cart(Cart.objects.get(user=alice)).count == 0


def test_what_was_added_after_the_order_stays_in_the_cart(alice: User) -> None:
    book, other = VariantFactory(stock=9), VariantFactory()
    order = place(alice, (book, 2))
    fill_cart(alice, (book, 1), (other, 1))
    pay(order)
    review = reviews.of_cart(Cart.objects.get(user=alice))
    assert {line.variant.pk: line.quantity for line in review} == {book.pk: 1, other.pk: 1}


def test_the_last_copy_is_still_ones_own_while_one_pays(alice: User) -> None:
    variant = VariantFactory(stock=1)
    place(alice, (variant, 1))
    review = reviews.of_cart(Cart.objects.get(user=alice))
    assert [line.quantity for line in review] == [1]
    assert review.changes == ()


def test_the_same_cart_placed_again_is_the_same_order(alice: User) -> None:
    variant = VariantFactory(stock=5)
    first = place(alice, (variant, 2))
    again = place(alice)
    assert again == first
    assert Variant.objects.get(pk=variant.pk).stock == 3


def test_a_changed_cart_supersedes_its_open_order_at_stripe_first(
    alice: User, stripe_cancels: list[str]
) -> None:
    variant = VariantFactory(stock=5)
    first = place(alice, (variant, 2))
    hear(first.payments.get(), "requires_payment_method")
    second = place(alice, (variant, 1))

    assert second != first
    assert stripe_cancels == [first.payments.get().intent_id]
    assert Order.objects.get(pk=first.pk).status == "cancelled"
    assert stock.held(first.number) == {}
    assert stock.held(second.number) == {variant.pk: 3}
    assert Order.objects.filter(status="placed").count() == 1


def test_a_changed_address_supersedes_the_open_order_too(alice: User, stripe_cancels: list[str]) -> None:
    variant = VariantFactory(stock=1)
    first = place(alice, (variant, 1))
    second = place(alice, address=replace(ADDRESS, line1="Oudegracht 14"))
    assert Order.objects.get(pk=first.pk).status == "cancelled"
    assert (second.line1, stock.held(second.number)) == ("Oudegracht 14", {variant.pk: 1})


def test_an_intent_nobody_heard_of_is_found_and_cancelled_when_its_order_is_superseded(
    alice: User, stripe_cancels: list[str]
) -> None:
    first = place(alice, (VariantFactory(stock=9), 1))
    assert first.payments.get().intent_id == ""
    place(alice, (VariantFactory(), 1))
    assert stripe_cancels == [first.payments.get().intent_id]


def test_an_order_that_turns_out_to_be_paid_is_not_superseded(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = VariantFactory(stock=5)
    first = place(alice, (variant, 1))
    hear(first.payments.get(), "requires_payment_method")
    monkeypatch.setattr(gateway, "cancel_intent", lambda _id: intent_for(first.payments.get(), "succeeded"))
    with pytest.raises(StillBeingPaidError) as refused:
        place(alice, (variant, 1))
    assert refused.value.order.status == "paid"
    assert Order.objects.count() == 1


def test_when_stripe_cannot_be_asked_the_open_order_stays_and_no_new_one_is_made(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_id: str) -> None:
        raise gateway.StripeUnavailableError

    variant = VariantFactory(stock=5)
    first = place(alice, (variant, 1))
    hear(first.payments.get(), "requires_payment_method")
    monkeypatch.setattr(gateway, "cancel_intent", hang)
    with pytest.raises(gateway.StripeUnavailableError):
        place(alice, (variant, 1))
    assert Order.objects.get().status == "placed"
    assert stock.held(first.number) == {variant.pk: 1}


def test_a_total_that_is_not_what_it_costs_now_is_refused_and_nothing_is_written(alice: User) -> None:
    variant = VariantFactory(price=2400, stock=5)
    with pytest.raises(TotalChangedError) as refused:
        place(alice, (variant, 1), total_shown=2400)
    assert (refused.value.shown, refused.value.total) == (2400, 2850)
    assert not Order.objects.exists()
    assert Variant.objects.get(pk=variant.pk).stock == 5


def test_a_price_that_was_raised_since_the_cart_page_is_told_line_by_line(alice: User) -> None:
    variant = VariantFactory(price=2200)
    cart = fill_cart(alice, (variant, 1))
    Variant.objects.filter(pk=variant.pk).update(price=2400)
    with pytest.raises(CartChangedError) as refused:
        placing.place(user=alice, cart=cart, address=ADDRESS, delivery="", total_shown=2650, now=NOW)
    change = refused.value.changes[0]
    assert (change.kind, change.title, change.before, change.after) == (
        "price",
        variant.full_title,
        2200,
        2400,
    )
    assert not Order.objects.exists()


def test_a_book_sold_meanwhile_is_refused_by_name(alice: User, bob: User) -> None:
    variant = VariantFactory(stock=1)
    cart = fill_cart(alice, (variant, 1))
    place(bob, (variant, 1))
    with pytest.raises(CartChangedError) as refused:
        placing.place(
            user=alice, cart=cart, address=ADDRESS, delivery="", total_shown=variant.price + 450, now=NOW
        )
    assert [(change.kind, change.title) for change in refused.value.changes] == [
        ("sold_out", variant.full_title)
    ]


def test_an_unpublished_or_deleted_book_is_refused_and_old_orders_still_name_it(
    alice: User, bob: User
) -> None:
    withdrawn, deleted = VariantFactory(stock=5), VariantFactory(stock=5)
    order = pay(place(bob, (deleted, 1)))
    title = deleted.product.title
    cart = fill_cart(alice, (withdrawn, 1), (deleted, 1))
    withdrawn.product.is_published = False
    withdrawn.product.save()
    deleted.product.delete()
    with pytest.raises(CartChangedError) as refused:
        placing.place(user=alice, cart=cart, address=ADDRESS, delivery="", total_shown=1, now=NOW)
    assert [change.kind for change in refused.value.changes] == ["gone", "gone"]
    assert [line.title for line in order.lines.all()] == [title]


def test_an_empty_cart_is_refused(alice: User) -> None:
    with pytest.raises(EmptyCartError):
        place(alice, total_shown=0)
    with pytest.raises(EmptyCartError):
        placing.place(user=alice, cart=None, address=ADDRESS, delivery="", total_shown=0, now=NOW)


def test_a_way_to_send_that_is_not_offered_is_refused(alice: User) -> None:
    DeliveryOption.objects.filter(code="courier").update(is_active=False)
    with pytest.raises(UnknownDeliveryError):
        place(alice, (VariantFactory(), 1), delivery="courier")


def test_books_that_need_no_delivery_cost_none(alice: User) -> None:
    order = place(alice, (VariantFactory(price=700, is_digital=True), 1), delivery="courier")
    assert (order.delivery, order.delivery_name, order.total) == (0, "", 700)


def test_a_total_below_stripes_least_is_refused_before_stripe(alice: User) -> None:
    with pytest.raises(AmountOutOfRangeError, match=r"€0\.50"):
        place(alice, (VariantFactory(price=49, is_digital=True), 1))


def test_a_total_above_stripes_most_is_refused_before_stripe(alice: User) -> None:
    with pytest.raises(AmountOutOfRangeError, match=r"€999,999\.99"):
        place(alice, (VariantFactory(price=100_000_000), 1))


def test_a_total_of_zero_is_paid_without_stripe_with_one_mail(alice: User) -> None:
    order = place(alice, (VariantFactory(price=0, is_digital=True), 1))
    assert (order.status, order.total, order.paid_at) == ("paid", 0, NOW)
    assert not order.payments.exists()
    assert list(order.timeline.values_list("kind", flat=True)) == ["placed", "paid"]
    assert Mail.objects.filter(order=order).count() == 1
    assert reviews.of_cart(Cart.objects.get(user=alice)).count == 0


def test_order_numbers_are_random_and_have_no_letters_that_look_alike() -> None:
    made = {numbers.new_number() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("AEIOU0125BSZL8")


def test_a_timeline_is_written_for_a_superseded_order(alice: User, stripe_cancels: list[str]) -> None:
    first = place(alice, (VariantFactory(), 1))
    place(alice, (VariantFactory(), 1))
    kinds = list(Timeline.objects.filter(order=first).values_list("kind", flat=True))
    assert kinds == ["placed", "payment_closed", "cancelled"]
