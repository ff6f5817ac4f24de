"""Orders as JSON: what is shown, what is paid, what is cancelled, and what each costs in statements."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from checkout.models import Order
from checkout.orders.transitions import SWEEP
from checkout.payments import gateway, limits
from checkout.payments.limits import Limit
from checkout.purchase import closing
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.api.app import App
from tests.factories import ProductImageFactory, VariantFactory
from tests.orders import ADDRESS_JSON, NOW

pytestmark = pytest.mark.django_db
TOTAL = 5250
NO_CARD = "pm_card_visa_chargeDeclinedInsufficientFunds"


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2400, stock=5)


@pytest.fixture
def app(alice: User, standin: Standin) -> App:
    app = App()
    app.log_in(alice)
    return app


@pytest.fixture
def order(app: App, alice: User, variant: Variant) -> Any:
    """An order just placed, as JSON."""
    orders.fill_cart(alice, (variant, 2))
    return place(app)


def place(app: App, total: int = TOTAL, **changes: Any) -> Any:
    body = {"address": ADDRESS_JSON, "delivery": "post", "total": total, **changes}
    return app.post("/orders", body, status=201, key=f"k{timezone.now()}".replace(" ", "-"))


def path(order: Any, *rest: str) -> str:
    return "/".join(["/orders", order["number"], *rest])


def error(answer: Any) -> str:
    return str(answer["error"]["code"])


# --- What is shown ---


def test_an_order_has_what_others_rely_on(order: Any, variant: Variant, alice: User) -> None:
    assert {name: order[name] for name in ("status", "needs_attention", "currency", "paid_at")} == {
        "status": "placed",
        "needs_attention": "",
        "currency": "eur",
        "paid_at": None,
    }
    parts = ("subtotal", "discount", "delivery", "tax", "total")
    assert [order[part] for part in parts] == [4800, 0, 450, 0, 5250]
    assert order["lines"] == [
        {
            "sku": variant.sku,
            "title": variant.product.title,
            "edition": "Paperback",
            "variant": variant.pk,
            "quantity": 2,
            "unit_price": 2400,
            "total": 4800,
            "discount": 0,
            "tax_rate": 0,
            "tax": 0,
        }
    ]
    payment = order["payment"]
    assert payment.pop("intent_id").startswith("pi_")
    assert payment == {"status": "requires_payment_method", "amount": 5250, "error": ""}
    assert (order["email"], order["address"], order["delivery_name"]) == (alice.email, ADDRESS_JSON, "Post")
    assert order["placed_at"].endswith("Z")
    assert order["expires_at"] > order["placed_at"]


def test_one_order_tells_its_story(app: App, order: Any, standin: Standin) -> None:
    standin.pay(order["payment"]["intent_id"], NO_CARD)
    app.get(path(order, "status"))
    shown = app.get(path(order))
    assert [step["words"] for step in shown["steps"]] == [
        "You placed the order",
        "Your bank declined a card ending 9995",
        "We are waiting for your payment",
        "Paid",
    ]
    standin.pay(order["payment"]["intent_id"])
    app.get(path(order, "status"))
    assert app.get(path(order))["paid_with"] == "Paid with Visa ending 4242"


def test_orders_are_listed_a_part_at_a_time_newest_first(
    app: App, alice: User, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checkout.pages import presentation

    monkeypatch.setattr(presentation, "ORDERS_PER_PAGE", 2)
    numbers = []
    for day in (0, 0, 1, 2, 2):  # two at the same instant
        placed = orders.place(alice, (variant, 1), now=NOW + timedelta(days=day))
        numbers.insert(0, orders.pay(placed, now=placed.placed_at).number)
    seen, cursor = [], ""
    while cursor is not None:
        part = app.get(f"/orders?cursor={cursor}")
        seen.append([shown["number"] for shown in part["items"]])
        cursor = part["next"]
    assert seen == [numbers[:2], numbers[2:4], numbers[4:]]


def test_the_last_address_is_there_to_begin_with(app: App, order: Any) -> None:
    assert app.get("/addresses")["items"] == [{**ADDRESS_JSON, "id": None, "is_default": False}]


def test_delivery_options_are_listed(app: App) -> None:
    [post, courier] = app.get("/delivery-options")["items"]
    assert post == {
        "code": "post", "name": "Post", "note": "2 to 4 working days", "price": 450, "free_from": 6000,
    }  # fmt: skip
    assert courier["free_from"] is None


def test_a_quote_is_for_a_way_to_send_and_a_visitor_may_have_one(variant: Variant) -> None:
    app = App()
    app.cart_token = app.post("/cart/lines", {"variant": variant.pk, "quantity": 2}, status=201)["token"]
    quotes = [app.get(f"/quote?delivery={code}") for code in ("", "post", "courier")]
    assert [(quote["delivery_code"], quote["total"]) for quote in quotes] == [
        ("post", 5250),
        ("post", 5250),
        ("courier", 5700),
    ]


def test_what_needs_no_delivery_costs_none(app: App, alice: User) -> None:
    orders.fill_cart(alice, (VariantFactory(price=900, is_digital=True), 1))
    quote = app.get("/quote")
    assert (quote["needs_delivery"], quote["delivery_code"], quote["total"]) == (False, None, 900)


# --- What is paid ---


def test_a_payment_answers_what_stripe_js_needs(app: App, order: Any, standin: Standin) -> None:
    payment = app.post(path(order, "payment"))
    [intent] = standin.intents()
    assert (payment["client_secret"], payment["intent_id"]) == (intent["client_secret"], intent["id"])
    assert payment["publishable_key"].startswith("pk_test_")
    assert (payment["amount"], payment["currency"], payment["declined"]) == (5250, "eur", "")
    assert app.post(path(order, "payment")) == payment


def test_after_a_decline_the_same_intent_goes_on_and_the_reason_is_told(
    app: App, order: Any, standin: Standin
) -> None:
    first = app.post(path(order, "payment"))
    standin.pay(first["intent_id"], NO_CARD)
    status = app.get(path(order, "status"))
    assert (status["status"], status["payment"]["error"]) == ("placed", "insufficient_funds")
    assert status["message"]["heading"] == "There is not enough money on this card."
    assert (status["can_pay"], status["look_again_after"]) == (True, None)
    again = app.post(path(order, "payment"))
    assert again["client_secret"] == first["client_secret"]
    assert again["declined"].startswith("There is not enough money on this card.")


def test_an_intent_that_stripe_closed_is_followed_by_a_new_one(
    app: App, order: Any, standin: Standin
) -> None:
    first = app.post(path(order, "payment"))["intent_id"]
    gateway.cancel_intent(first)
    second = app.post(path(order, "payment"))["intent_id"]
    assert second != first
    standin.pay(second)
    assert app.get(path(order, "status"))["status"] == "paid"


def test_a_paid_order_has_nothing_to_pay(app: App, order: Any, standin: Standin) -> None:
    standin.pay(order["payment"]["intent_id"])
    assert error(app.post(path(order, "payment"), status=409)) == "nothing_to_pay"
    # Asking was enough to hear of the money.
    assert Order.objects.get().status == "paid"


def test_a_payment_on_its_way_says_when_to_look_again(app: App, order: Any, standin: Standin) -> None:
    standin.pay(order["payment"]["intent_id"], "pm_sepaDebit_successDelayed_at")
    status = app.get(path(order, "status"))
    assert (status["status"], status["can_pay"]) == ("processing", False)
    assert status["look_again_after"] >= 4


def test_while_stripe_is_down_the_order_is_kept_and_may_be_paid_later(
    app: App, alice: User, variant: Variant, standin: Standin
) -> None:
    orders.fill_cart(alice, (variant, 2))
    standin.add_fault(action="status", status=500, path="/v1/payment_intents", times=0)
    order = place(app)
    assert order["payment"] == {"intent_id": "", "status": "unknown", "amount": 5250, "error": ""}
    waiting = app.ask("POST", path(order, "payment"))
    assert (waiting.status_code, error(waiting.json()), waiting["Retry-After"]) == (
        503, "stripe_unavailable", "5",
    )  # fmt: skip
    status = app.get(path(order, "status"))
    assert (status["status"], status["answered"]) == ("placed", False)
    assert status["look_again_after"] >= 4
    standin.clear_faults()
    assert app.post(path(order, "payment"))["client_secret"]
    assert len(standin.intents()) == 1


def test_with_a_wrong_key_the_customer_is_told_that_payments_are_down(
    app: App, order: Any, settings: Any
) -> None:
    settings.STRIPE = replace(settings.STRIPE, secret_key="sk_live_wrong")
    gateway._client.cache_clear()
    assert error(app.post(path(order, "payment"), status=503)) == "payments_down"


def test_a_total_of_nothing_is_paid_without_stripe(app: App, alice: User, standin: Standin) -> None:
    orders.fill_cart(alice, (VariantFactory(price=0, is_digital=True), 1))
    order = place(app, total=0)
    assert (order["status"], order["payment"], standin.intents()) == ("paid", None, [])
    assert app.get(path(order, "status"))["message"]["heading"] == "Paid. Thank you, Alice."


# --- What is cancelled ---


def test_a_customer_cancels_an_unpaid_order_at_stripe_first(
    app: App, order: Any, standin: Standin, variant: Variant
) -> None:
    for _time in range(2):
        assert app.post(path(order, "cancel"))["status"] == "cancelled"
    assert [intent["status"] for intent in standin.intents()] == ["canceled"]
    variant.refresh_from_db()
    assert variant.stock == 5
    row = Order.objects.get()
    assert list(row.timeline.filter(kind="cancelled").values_list("actor", "user")) == [
        ("customer", row.user_id)
    ]
    # The books are still in the cart.
    assert app.get("/cart")["count"] == 2


def test_an_order_that_is_paid_meanwhile_is_not_cancelled(app: App, order: Any, standin: Standin) -> None:
    standin.pay(order["payment"]["intent_id"])
    assert error(app.post(path(order, "cancel"), status=409)) == "order_is_being_paid"
    assert Order.objects.get().status == "paid"


def test_while_stripe_is_down_nothing_is_cancelled(app: App, order: Any, standin: Standin) -> None:
    standin.add_fault(action="status", status=500, path="/v1/payment_intents/*/cancel", times=0)
    assert error(app.post(path(order, "cancel"), status=503)) == "stripe_unavailable"
    assert Order.objects.get().status == "placed"


def test_an_expired_order_stays_expired(app: App, order: Any) -> None:
    row = Order.objects.get()
    closing.expire(row, actor=SWEEP, now=timezone.now())
    assert app.post(path(order, "cancel"))["status"] == "expired"


# --- Ordering the same again ---


def test_what_an_order_held_comes_into_the_cart_and_changes_say_what_does_not(
    app: App, order: Any, variant: Variant, standin: Standin
) -> None:
    standin.pay(order["payment"]["intent_id"])
    app.get(path(order, "status"))
    assert app.get("/cart")["count"] == 0
    Variant.objects.update(price=variant.price + 100)

    for _time in range(2):
        cart = app.post(path(order, "again"))
        assert [line["quantity"] for line in cart["lines"]] == [2]
        [change] = cart["changes"]
        assert (change["kind"], change["after"] - change["before"]) == ("price", 100)

    variant.product.is_published = False
    variant.product.save()
    cart = app.post(path(order, "again"))
    assert (cart["lines"], {change["kind"] for change in cart["changes"]}) == ([], {"gone"})


# --- What it costs ---


def count(ask: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as statements:
        ask()
    return len(statements)


def buy(user: User, number: int) -> dict[str, int]:
    """Buy a number of books and return how many statements each step took."""
    app = App()
    app.log_in(user)
    for _book in range(number):
        variant = VariantFactory(price=1100, stock=9)
        ProductImageFactory(product=variant.product)
        orders.fill_cart(user, (variant, 1))
    total = 1100 * number + (450 if 1100 * number < 6000 else 0)
    found = {"cart": count(lambda: app.get("/cart")), "quote": count(lambda: app.get("/quote?delivery=post"))}
    found["place"] = count(lambda: place(app, total))
    order = {"number": Order.objects.get(user=user).number}
    found["payment"] = count(lambda: app.post(path(order, "payment")))
    found["status"] = count(lambda: app.get(path(order, "status")))
    found["order"] = count(lambda: app.get(path(order)))
    found["orders"] = count(lambda: app.get("/orders"))
    return found


def test_a_purchase_of_twelve_books_takes_no_more_statements_than_one_of_one(
    alice: User, bob: User, standin: Standin
) -> None:
    assert buy(alice, 1) == buy(bob, 12)


# --- Limits ---


def test_limits_are_told_before_they_are_met(
    app: App, order: Any, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = 24 * 3600
    monkeypatch.setattr(
        limits, "OF_ACCOUNTS", replace(limits.OF_ACCOUNTS, paying=(Limit(2, day), Limit(9, day)))
    )
    asked = [app.ask("POST", path(order, "payment")) for _time in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 429]
    assert '"pay-account";q=2;w=86400' in asked[0]["RateLimit-Policy"]
    assert '"pay-account";r=1;t=' in asked[0]["RateLimit"]
    assert '"pay-account";r=0;t=' in asked[2]["RateLimit"]
    assert error(asked[2].json()) == "too_many_tries"
    assert 0 < int(asked[2]["Retry-After"]) <= day


def test_what_is_personal_is_limited_and_the_catalogue_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKING", (Limit(2, 24 * 3600), Limit(3, 24 * 3600)))
    assert [App().ask("GET", "/cart").status_code for _time in range(4)] == [200, 200, 200, 429]
    assert [App().ask("GET", "/products").status_code for _time in range(4)] == [200] * 4
