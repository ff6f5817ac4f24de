"""A whole purchase through HTTP, as forms, with Stripe on the other side."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from checkout.models import Order, Payment
from shop.models import Variant
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import FORM, fill_cart

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant(db: None) -> Variant:
    return VariantFactory(price=2400, stock=5)


@pytest.fixture
def buyer(as_alice: Client, alice: User, variant: Variant, standin: Standin) -> Client:
    """Alice, with two books in her cart."""
    fill_cart(alice, (variant, 2))
    return as_alice


def place(client: Client, total: int = 5250, **changes: Any) -> Any:
    return client.post("/checkout/", {**FORM, "total": total, **changes})


def the_order() -> Order:
    return Order.objects.get()


def the_intent(standin: Standin) -> dict[str, Any]:
    return standin.intents()[0]


def test_from_cart_to_paid(buyer: Client, standin: Standin, variant: Variant) -> None:
    assert buyer.get("/checkout/").status_code == HTTPStatus.OK
    placed = place(buyer)
    order = the_order()
    assert (placed.status_code, placed["Location"]) == (302, f"/checkout/{order.number}/pay/")

    page = buyer.get(placed["Location"])
    assert page.status_code == HTTPStatus.OK
    assert f'data-order="{order.number}"' in page.text
    assert 'data-order-status="placed"' in page.text
    assert 'data-payment-status="requires_payment_method"' in page.text
    assert "€52.50" in page.text
    intent = the_intent(standin)
    assert intent["client_secret"] in page.text
    assert "no-store" in page["Cache-Control"]

    standin.pay(intent["id"])
    status = buyer.get(f"/checkout/{order.number}/status/")
    assert 'data-order-status="paid"' in status.text
    assert 'data-payment-status="succeeded"' in status.text
    assert "Paid. Thank you, Alice." in status.text
    assert intent["id"] in status.text
    assert variant.product.title in status.text
    assert intent["client_secret"] not in status.text


def test_stripes_return_is_cleaned_of_its_secret_first(buyer: Client, standin: Standin) -> None:
    place(buyer)
    number = the_order().number
    response = buyer.get(
        f"/checkout/{number}/status/?payment_intent=pi_x&payment_intent_client_secret=s&redirect_status=succeeded"
    )
    assert (response.status_code, response["Location"]) == (302, f"/checkout/{number}/status/")


def test_a_forged_return_address_proves_nothing(
    buyer: Client, bob: User, as_bob: Client, standin: Standin, variant: Variant
) -> None:
    place(buyer)
    number = the_order().number
    fill_cart(bob, (variant, 2))
    place(as_bob)
    paid_by_bob = standin.pay(Payment.objects.get(order__user=bob).intent_id)["id"]
    page = buyer.get(
        f"/checkout/{number}/status/?payment_intent={paid_by_bob}&redirect_status=succeeded", follow=True
    )
    assert 'data-order-status="placed"' in page.text
    assert Order.objects.get(number=number).status == "placed"


def test_a_decline_then_another_card_pays_on_the_same_intent(buyer: Client, standin: Standin) -> None:
    place(buyer)
    number, intent = the_order().number, the_intent(standin)
    standin.pay(intent["id"], "pm_card_visa_chargeDeclinedInsufficientFunds")
    declined = buyer.get(f"/checkout/{number}/status/")
    assert "There is not enough money on this card." in declined.text
    assert "You have not been charged." in declined.text
    assert "There is not enough money on this card." in buyer.get(f"/checkout/{number}/pay/").text
    standin.pay(intent["id"])
    assert "Paid. Thank you" in buyer.get(f"/checkout/{number}/status/").text
    assert Payment.objects.count() == 1


def test_a_failed_challenge_is_told_and_can_be_tried_again(buyer: Client, standin: Standin) -> None:
    place(buyer)
    number, intent = the_order().number, the_intent(standin)
    standin.pay(intent["id"], "pm_card_authenticationRequired", challenge="fail")
    assert "Your bank did not confirm it was you." in buyer.get(f"/checkout/{number}/status/").text
    standin.pay(intent["id"], "pm_card_authenticationRequired")
    assert 'data-order-status="paid"' in buyer.get(f"/checkout/{number}/status/").text


def test_an_open_challenge_is_told(buyer: Client, standin: Standin) -> None:
    place(buyer)
    standin.pay(the_intent(standin)["id"], "pm_card_authenticationRequired", challenge="leave")
    assert "Your bank asks if it is you." in buyer.get(f"/checkout/{the_order().number}/status/").text


def test_the_pay_page_of_a_paid_order_leads_to_its_status(buyer: Client, standin: Standin) -> None:
    place(buyer)
    number = the_order().number
    standin.pay(the_intent(standin)["id"])
    response = buyer.get(f"/checkout/{number}/pay/")
    assert (response.status_code, response["Location"]) == (302, f"/checkout/{number}/status/")
    assert the_order().status == "paid"


def test_reloading_anything_changes_nothing(buyer: Client, standin: Standin) -> None:
    for _time in range(2):
        place(buyer)
        buyer.get(f"/checkout/{the_order().number}/pay/")
    standin.pay(the_intent(standin)["id"])
    for _time in range(3):
        buyer.get(f"/checkout/{the_order().number}/status/")
    order = the_order()
    assert len(standin.intents()) == 1
    assert list(order.timeline.values_list("kind", flat=True)) == ["placed", "paid"]
    assert Variant.objects.get().stock == 3


def test_an_intent_cancelled_in_the_dashboard_is_replaced_by_a_new_attempt(
    buyer: Client, standin: Standin
) -> None:
    place(buyer)
    number, first = the_order().number, the_intent(standin)["id"]
    cancel(standin, first)
    page = buyer.get(f"/checkout/{number}/pay/", follow=True)
    assert page.status_code == HTTPStatus.OK
    second = the_intent(standin)
    assert second["id"] != first
    assert second["client_secret"] in page.text
    standin.pay(second["id"])
    assert 'data-order-status="paid"' in buyer.get(f"/checkout/{number}/status/").text


def cancel(standin: Standin, intent_id: str) -> None:
    from checkout.payments import gateway

    assert gateway.cancel_intent(intent_id).status == "canceled"


def test_when_stripe_times_out_but_did_create_there_is_one_intent(
    buyer: Client, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checkout.payments import gateway

    monkeypatch.setattr(gateway, "READ_SECONDS", 0.2)
    gateway._client.cache_clear()
    standin.add_fault(action="apply_then_hang", path="/v1/payment_intents", times=0)
    placed = place(buyer)
    number = the_order().number
    assert placed["Location"] == f"/checkout/{number}/pay/"
    assert Payment.objects.get().status == "unknown"

    waiting = buyer.get(f"/checkout/{number}/pay/")
    assert (waiting.status_code, waiting["Retry-After"]) == (503, "5")
    assert "you cannot be charged twice" in waiting.text

    standin.clear_faults()
    cache.clear()  # as after the pause in which a silent Stripe is left alone
    assert buyer.get(f"/checkout/{number}/pay/").status_code == HTTPStatus.OK
    assert len(standin.intents()) == 1


def test_with_a_wrong_key_the_order_is_kept_and_the_customer_told(
    buyer: Client, standin: Standin, settings: Any
) -> None:
    from checkout.payments import gateway

    settings.STRIPE = replace(settings.STRIPE, secret_key="sk_live_wrong")
    gateway._client.cache_clear()
    place(buyer)
    page = buyer.get(f"/checkout/{the_order().number}/pay/")
    assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Payments are down." in page.text
    assert the_order().status == "placed"


def test_while_stripe_is_down_the_status_page_shows_what_is_known(buyer: Client, standin: Standin) -> None:
    place(buyer)
    standin.add_fault(action="status", status=500, method="GET", path="/v1/payment_intents/*", times=0)
    page = buyer.get(f"/checkout/{the_order().number}/status/")
    assert page.status_code == HTTPStatus.OK
    assert "We could not ask Stripe just now." in page.text
    assert page.text.count("looks again by itself") == 1


def test_a_delayed_payment_is_not_called_paid(buyer: Client, standin: Standin) -> None:
    place(buyer)
    number, intent = the_order().number, the_intent(standin)
    standin.pay(intent["id"], "pm_sepaDebit_successDelayed_at")
    page = buyer.get(f"/checkout/{number}/status/")
    assert "Your bank is sending the money." in page.text
    assert 'data-order-status="processing"' in page.text
    assert buyer.get(f"/checkout/{number}/pay/")["Location"] == f"/checkout/{number}/status/"
    standin.advance(200)
    assert 'data-order-status="paid"' in buyer.get(f"/checkout/{number}/status/").text


def test_a_total_that_is_not_what_it_costs_comes_back_with_the_new_one(buyer: Client) -> None:
    page = place(buyer, total=4800)
    assert page.status_code == HTTPStatus.CONFLICT
    assert "The total is now €52.50, it was €48.00." in page.text
    assert 'value="5250"' in page.text
    assert 'value="Oudegracht 12"' in page.text
    assert not Order.objects.exists()


def test_another_delivery_than_the_total_was_for_comes_back_with_the_new_total(buyer: Client) -> None:
    page = place(buyer, delivery="courier")
    assert page.status_code == HTTPStatus.CONFLICT
    assert 'value="5700"' in page.text
    assert place(buyer, total=5700, delivery="courier").status_code == HTTPStatus.FOUND
    assert the_order().delivery_name == "Courier"


def test_a_price_raised_meanwhile_is_told_line_by_line(buyer: Client, variant: Variant) -> None:
    buyer.get("/checkout/")
    Variant.objects.update(price=2500)
    page = place(buyer)
    assert page.status_code == HTTPStatus.CONFLICT
    assert "€25.00" in page.text
    assert "€24.00" in page.text
    assert place(buyer, total=5450).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("total", ["", "abc", "-1", "1e9", "5250.0", "٣"])
def test_a_total_that_is_no_number_is_asked_for_again(buyer: Client, total: str) -> None:
    assert place(buyer, total=total).status_code == HTTPStatus.CONFLICT
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("full_name", "", "Enter your full name"),
        ("line1", "  ", "Enter the street and house number"),
        ("city", "", "Enter the city"),
        ("postal_code", "", "Enter the postal code"),
        ("postal_code", "35111", "Write the postal code as 1234 AB"),
        ("country", "", "Choose the country"),
        ("country", "XX", "XX"),
        ("delivery", "pigeon", "Choose how we send the books"),
        ("full_name", "x" * 121, "120"),
    ],
)
def test_an_address_that_cannot_be_is_told_at_its_field_and_loses_nothing(
    buyer: Client, field: str, value: str, sentence: str
) -> None:
    page = place(buyer, **{field: value})
    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert sentence in page.text
    assert f'id="id_{field}_error"' in page.text or field == "delivery"
    assert "Utrecht" in page.text or field == "city"
    assert not Order.objects.exists()


def test_an_empty_cart_is_sent_back_to_the_cart_with_a_reason(as_alice: Client) -> None:
    for response in (as_alice.get("/checkout/", follow=True), place(as_alice)):
        assert response.status_code in {HTTPStatus.OK, HTTPStatus.FOUND}
    assert "Your cart is empty" in as_alice.get("/checkout/", follow=True).text


def test_a_book_sold_out_meanwhile_is_named(buyer: Client, variant: Variant) -> None:
    from shop import stock
    from tests.orders import NOW

    stock.set_level(variant.pk, 0, reason="fell off the shelf", now=NOW)
    page = place(buyer)
    assert page.status_code == HTTPStatus.CONFLICT
    assert variant.product.title in page.text
    assert not Order.objects.exists()


def test_only_e_books_need_no_delivery(as_alice: Client, alice: User, standin: Standin) -> None:
    fill_cart(alice, (VariantFactory(price=700, is_digital=True), 1))
    page = as_alice.get("/checkout/")
    assert 'name="delivery"' not in page.text
    form = {name: value for name, value in FORM.items() if name != "delivery"}
    assert as_alice.post("/checkout/", {**form, "total": 700}).status_code == HTTPStatus.FOUND


def test_nobody_but_the_owner_sees_an_order(
    buyer: Client, as_bob: Client, client: Client, standin: Standin
) -> None:
    place(buyer)
    number = the_order().number
    for address in (f"/checkout/{number}/pay/", f"/checkout/{number}/status/", f"/orders/{number}/"):
        assert as_bob.get(address).status_code == HTTPStatus.NOT_FOUND
        assert number not in as_bob.get(address).text.replace(address, "")
        assert client.get(address).status_code == HTTPStatus.NOT_FOUND
        assert buyer.get(address).status_code == HTTPStatus.OK
    assert number not in as_bob.get("/orders/").text
    assert as_bob.get("/orders/ZZZZ-ZZZZ/").status_code == HTTPStatus.NOT_FOUND


def test_an_order_is_found_again_under_your_orders(buyer: Client, standin: Standin) -> None:
    place(buyer)
    number = the_order().number
    assert f"/orders/{number}/" in buyer.get("/orders/").text
    page = buyer.get(f"/orders/{number}/")
    assert "Oudegracht 12" in page.text


def test_a_form_from_another_site_places_nothing(alice: User, variant: Variant) -> None:
    fill_cart(alice, (variant, 2))
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert place(client).status_code == HTTPStatus.FORBIDDEN
    assert not Order.objects.exists()
