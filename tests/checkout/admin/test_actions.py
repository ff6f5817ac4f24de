"""What staff can do with an order: ask Stripe, and cancel one that awaits payment."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, Payment, Timeline
from checkout.payments import gateway
from checkout.payments.gateway import StripeRefusedError, StripeUnavailableError
from checkout.payments.stripe_types import Intent
from shop.models import Variant
from tests.checkout.admin.test_orders import ORDERS, page_of, staff_with
from tests.conftest import logged_in
from tests.factories import VariantFactory
from tests.orders import hear, intent_for, pay, place


@pytest.fixture
def walden(db: None) -> Variant:
    return VariantFactory(price=1650, stock=5)


@pytest.fixture
def order(alice: User, walden: Variant) -> Order:
    return hear(place(alice, (walden, 2)).payments.get(), "requires_payment_method")


@pytest.fixture
def stripe_says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let Stripe answer every question in one way; returns the list of what was asked."""

    def say(status: str | Exception, **changes: Any) -> list[str]:
        asked: list[str] = []

        def answer(verb: str) -> Callable[..., Intent]:
            def call(intent_id: str = "", **wanted: Any) -> Intent:
                asked.append(verb)
                if isinstance(status, Exception):
                    raise status
                wanted_id = wanted.get("payment_id")
                payment = (
                    Payment.objects.get(pk=wanted_id)
                    if wanted_id
                    else Payment.objects.get(intent_id=intent_id)
                )
                return intent_for(payment, status, **changes)

            return call

        for verb in ("retrieve_intent", "cancel_intent", "create_intent"):
            monkeypatch.setattr(gateway, verb, answer(verb))
        return asked

    return say


def ask(client: Client, order: Order, **kwargs: Any) -> Any:
    return client.post(f"{ORDERS}{order.pk}/ask-stripe/", follow=True, **kwargs)


def cancel(client: Client, order: Order, **fields: str) -> Any:
    return client.post(f"{ORDERS}{order.pk}/cancel/", fields, follow=True)


def said(response: Any) -> str:
    return " ".join(f"{message.level_tag}: {message}" for message in response.context["messages"])


def stock_of(variant: Variant) -> int:
    return Variant.objects.get(pk=variant.pk).stock


# --- Ask Stripe ---


def test_asking_pays_an_order_whose_money_has_arrived(
    as_sam: Client, sam: User, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    asked = stripe_says("succeeded")
    response = ask(as_sam, order)
    assert response.redirect_chain == [(page_of(order), 302)]
    assert said(response) == "success: Stripe says: Succeeded, €37.50 received. The order is now: Paid."
    assert Order.objects.get(pk=order.pk).status == Order.Status.PAID
    entry = Timeline.objects.get(order=order, kind=Timeline.Kind.PAID)
    assert (entry.actor, entry.user) == (Timeline.Actor.STAFF, sam)
    assert asked == ["retrieve_intent"]


def test_asking_says_when_nothing_changed(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("requires_payment_method")
    assert said(ask(as_sam, order)) == "success: Stripe says: Needs a way to pay. Nothing changed."


def test_asking_says_when_the_money_does_not_fit(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("succeeded", amount_received=1200)
    words = said(ask(as_sam, order))
    assert words.startswith("warning: Stripe says: Succeeded, €12.00 received. The order needs attention:")
    assert Order.objects.get(pk=order.pk).needs_attention


def test_asking_finds_a_payment_that_stripe_made_and_we_never_heard_of(
    as_sam: Client, alice: User, walden: Variant, stripe_says: Callable[..., list[str]]
) -> None:
    unheard = place(alice, (walden, 1), now=timezone.now())
    assert stripe_says("requires_action") == []
    assert "Waiting for the bank’s check" in said(ask(as_sam, unheard))
    assert unheard.payments.get().intent_id


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StripeUnavailableError(), "No answer from Stripe."),
        (StripeRefusedError("api_key_expired"), "Stripe refused (api_key_expired)."),
    ],
)
def test_asking_in_vain_loses_nothing(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]], error: Exception, words: str
) -> None:
    rows = [
        Order.objects.values().get(pk=order.pk),
        list(Timeline.objects.values()),
        list(Payment.objects.values()),
    ]
    stripe_says(error)
    response = ask(as_sam, order)
    assert response.status_code == 200
    assert f"error: {words}" in said(response)
    assert "Nothing is lost." in said(response)
    assert rows == [
        Order.objects.values().get(pk=order.pk),
        list(Timeline.objects.values()),
        list(Payment.objects.values()),
    ]


def test_there_is_nothing_to_ask_about_an_order_that_cost_nothing(
    as_sam: Client, alice: User, stripe_says: Callable[..., list[str]]
) -> None:
    free = place(alice, (VariantFactory(price=0, is_digital=True), 1))
    asked = stripe_says("succeeded")
    assert "There is nothing to ask" in said(ask(as_sam, free))
    assert "ask-stripe" not in as_sam.get(page_of(free)).content.decode()
    assert asked == []


def test_asking_is_a_post(as_sam: Client, order: Order, stripe_says: Callable[..., list[str]]) -> None:
    asked = stripe_says("succeeded")
    assert as_sam.get(f"{ORDERS}{order.pk}/ask-stripe/").status_code == 405
    assert as_sam.post(f"{ORDERS}999999/ask-stripe/").status_code == 404
    assert asked == []


@pytest.mark.parametrize("action", ["ask-stripe", "cancel"])
def test_only_staff_with_the_right_may_act(
    as_alice: Client, as_bob: Client, order: Order, stripe_says: Callable[..., list[str]], action: str
) -> None:
    asked = stripe_says("succeeded")
    url = f"{ORDERS}{order.pk}/{action}/"
    for client in (as_alice, as_bob, Client()):
        assert client.post(url)["Location"].startswith("/admin/login/")
    assert staff_with("view_order").post(url).status_code == 403
    assert staff_with().post(url).status_code == 403
    assert asked == []
    assert Order.objects.get(pk=order.pk).status == Order.Status.PLACED


def test_staff_need_no_more_than_the_right_to_change_orders(
    order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("succeeded")
    assert "The order is now: Paid." in said(ask(staff_with("change_order"), order))


def test_a_post_from_another_site_does_nothing(
    sam: User, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    asked = stripe_says("succeeded")
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    for action in ("ask-stripe", "cancel"):
        assert client.post(f"{ORDERS}{order.pk}/{action}/").status_code == 403
    assert asked == []


# --- Cancel ---


def test_the_page_says_what_cancelling_does_and_does_nothing_itself(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    asked = stripe_says("canceled")
    page = as_sam.get(f"{ORDERS}{order.pk}/cancel/").content.decode()
    assert "The payment is closed at Stripe first." in page
    assert "2 × " in page
    assert 'name="restock"' in page
    assert asked == []
    assert Order.objects.get(pk=order.pk).status == Order.Status.PLACED


@pytest.mark.parametrize("fields", [{"restock": "yes"}, {"restock": "on"}, {"restock": "1"}, {}])
def test_cancelling_closes_the_payment_then_gives_the_books_back(
    as_sam: Client,
    sam: User,
    order: Order,
    walden: Variant,
    stripe_says: Callable[..., list[str]],
    fields: dict[str, str],
) -> None:
    asked = stripe_says("canceled")
    assert stock_of(walden) == 3
    response = cancel(as_sam, order, **fields)
    assert "success: Cancelled." in said(response)
    assert "2 books are back in stock." in said(response)
    assert asked == ["cancel_intent"]
    assert stock_of(walden) == 5
    assert Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED
    entry = Timeline.objects.get(order=order, kind=Timeline.Kind.CANCELLED)
    assert (entry.actor, entry.user) == (Timeline.Actor.STAFF, sam)


@pytest.mark.parametrize("word", ["no", "0", "off", "false", ""])
def test_lost_books_are_written_off_where_staff_say_so(
    as_sam: Client, order: Order, walden: Variant, stripe_says: Callable[..., list[str]], word: str
) -> None:
    stripe_says("canceled")
    assert "2 books are written off." in said(cancel(as_sam, order, restock=word))
    assert stock_of(walden) == 3
    assert Order.objects.get(pk=order.pk).status == Order.Status.CANCELLED


def test_an_order_that_was_paid_meanwhile_is_not_cancelled(
    as_sam: Client, order: Order, walden: Variant, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("succeeded")
    assert "error: The order is paid, so it was not cancelled." in said(cancel(as_sam, order, restock="on"))
    assert Order.objects.get(pk=order.pk).status == Order.Status.PAID
    assert stock_of(walden) == 3


def test_an_order_whose_money_is_on_its_way_is_not_cancelled(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("processing")
    assert "error: A payment is on its way" in said(cancel(as_sam, order))
    assert Order.objects.get(pk=order.pk).status == Order.Status.PROCESSING


def test_money_that_does_not_fit_keeps_an_order_from_being_cancelled(
    as_sam: Client, order: Order, walden: Variant, stripe_says: Callable[..., list[str]]
) -> None:
    hear(order.payments.get(), amount_received=1200)
    asked = stripe_says("canceled")
    assert "error: Money has reached Stripe" in said(cancel(as_sam, order))
    assert "/cancel/" not in as_sam.get(page_of(order)).content.decode()
    assert Order.objects.get(pk=order.pk).status == Order.Status.PLACED
    assert stock_of(walden) == 3
    assert asked == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_paid_order_is_not_cancelled_here(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]], method: str
) -> None:
    pay(order)
    asked = stripe_says("canceled")
    response = getattr(as_sam, method)(f"{ORDERS}{order.pk}/cancel/", follow=True)
    assert "error: The order is paid" in said(response)
    assert asked == []


def test_an_order_is_cancelled_once(
    as_sam: Client, order: Order, walden: Variant, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("canceled")
    cancel(as_sam, order)
    assert "error: The order is cancelled already." in said(cancel(as_sam, order))
    assert stock_of(walden) == 5


@pytest.mark.parametrize("error", [StripeUnavailableError, StripeRefusedError])
def test_cancelling_without_stripe_leaves_the_order_open(
    as_sam: Client,
    order: Order,
    walden: Variant,
    stripe_says: Callable[..., list[str]],
    error: type[Exception],
) -> None:
    stripe_says(error())
    response = cancel(as_sam, order)
    assert "error: " in said(response)
    assert "The order was not cancelled." in said(response)
    assert Order.objects.get(pk=order.pk).status == Order.Status.PLACED
    assert stock_of(walden) == 3


def test_an_actor_is_named_in_the_timeline(
    as_sam: Client, order: Order, stripe_says: Callable[..., list[str]]
) -> None:
    stripe_says("succeeded")
    ask(as_sam, order)
    assert (
        "Staff, sam@example.org"
        in logged_in(User.objects.get(email="sam@example.org")).get(page_of(order)).content.decode()
    )
