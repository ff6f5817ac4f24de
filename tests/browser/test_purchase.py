"""The whole purchase, as a person makes it in a browser."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Request, expect

from accounts.models import User
from checkout.models import Mail, Order, Payment, Timeline
from checkout.orders.transitions import SWEEP
from checkout.purchase import closing
from shop.models import Cart, Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser.shopper import ASKS_THE_BANK, POOR, Shopper

pytestmark = pytest.mark.browser


def test_from_a_visitors_cart_to_a_paid_order(visitor: Shopper, standin: Standin) -> None:
    page = visitor.page
    visitor.add("middlemarch", "Hardback")
    visitor.add("walden")
    visitor.add("the-elements")
    expect(page.locator(".to-cart")).to_contain_text("3 books")

    # Change quantities, and take one out.
    visitor.go("/cart/")
    page.get_by_role("button", name="One more of Walden").click()
    expect(page.get_by_role("complementary")).to_contain_text("€58.00")
    page.get_by_role("button", name="Remove The Elements").click()
    expect(page.get_by_role("complementary")).to_contain_text("€46.00")
    expect(page.get_by_role("heading", name="The Elements")).to_have_count(0)

    # An account, on the way to checkout; the cart comes along and a notice says so.
    visitor.press("Go to checkout")
    page.get_by_role("main").get_by_role("link", name="log in").click()
    visitor.press("Make an account")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    visitor.press("Make an account")
    expect(visitor.heading).to_have_text("Where shall we send it?")
    expect(page.get_by_text("Your cart came with you.")).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text("€50.50")

    # Out and in again: it is still there.
    visitor.go("/accounts/")
    visitor.press("Log out")
    visitor.go("/cart/")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
    visitor.go("/accounts/login/")
    page.get_by_label("E-mail").fill("alice@example.org")
    page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    visitor.press("Log in")
    expect(page.locator(".to-cart")).to_contain_text("3 books")

    visitor.go("/checkout/")
    visitor.fill_address()
    order = visitor.place_order()
    expect(visitor.heading).to_have_text("Pay €50.50")
    visitor.wait_for_card_form()
    visitor.pay()
    visitor.lands_on_paid()

    intent_id = Payment.objects.get(order=order).intent_id
    expect(page.get_by_text(intent_id)).to_be_visible()
    expect(page.get_by_text("Paid with Visa ending 4242")).to_be_visible()
    summary = page.get_by_role("complementary")
    for words in ("Middlemarch", "Hardback × 1", "Walden", "Paperback × 2", "€50.50", "Oudegracht 12"):
        expect(summary).to_contain_text(words)
    assert standin.intent(intent_id)["amount_received"] == 5050
    assert Mail.objects.filter(order=order, sent_at__isnull=False).count() == 1

    visitor.go("/orders/")
    page.get_by_role("link", name=order.number).click()
    expect(visitor.heading).to_have_text(f"Order {order.number}")
    visitor.sees_order("paid", "succeeded")
    visitor.go("/cart/")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()


def test_what_was_chosen_before_logging_in_joins_the_cart_of_the_account(
    visitor: Shopper, alice: User, shelf: dict[str, Variant]
) -> None:
    orders.fill_cart(alice, (shelf["walden"], 1))
    visitor.add("walden")
    visitor.add("the-elements")
    visitor.go("/accounts/login/")
    visitor.page.get_by_label("E-mail").fill("alice@example.org")
    visitor.page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    visitor.press("Log in")
    expect(visitor.page.get_by_text("Your cart came with you.")).to_be_visible()
    visitor.go("/cart/")
    expect(visitor.page.get_by_label("Quantity of Walden")).to_have_value("2")
    expect(visitor.page.get_by_label("Quantity of The Elements")).to_have_value("1")
    assert Cart.objects.count() == 1


def test_another_way_to_send_changes_the_total_at_once(
    shopper: Shopper, alice: User, shelf: dict[str, Variant]
) -> None:
    orders.fill_cart(alice, (shelf["walden"], 1))
    shopper.go("/checkout/")
    total = shopper.page.locator(".summary .total dd")
    expect(total).to_have_text("€15.50")
    shopper.page.get_by_label("Courier").check()
    expect(total).to_have_text("€20.00")
    expect(shopper.page.locator("#live")).to_have_text("Total €20.00.")
    shopper.fill_address()
    assert shopper.place_order().total == 2000


def test_a_price_that_changed_meanwhile_is_asked_about_before_anything_is_placed(
    shopper: Shopper, alice: User, shelf: dict[str, Variant]
) -> None:
    orders.fill_cart(alice, (shelf["walden"], 1))
    shopper.go("/checkout/")
    shopper.fill_address()
    Variant.objects.filter(pk=shelf["walden"].pk).update(price=1300)
    shopper.press("Place order and go on to pay")
    slip = shopper.page.get_by_role("region", name="The total is now €17.50, it was €15.50.")
    expect(slip).to_contain_text("now €13.00, was €11.00")
    assert not Order.objects.exists()
    slip.get_by_role("button", name="Place order for €17.50").click()
    shopper.page.wait_for_url("**/pay/")
    assert shopper.order().total == 1750


def test_what_is_missing_is_said_and_the_focus_is_on_it(
    shopper: Shopper, alice: User, shelf: dict[str, Variant]
) -> None:
    orders.fill_cart(alice, (shelf["walden"], 1))
    shopper.go("/checkout/")
    shopper.fill_address()
    shopper.page.get_by_label("Street and house number").fill("")
    shopper.page.get_by_label("Postal code").fill("35111")
    shopper.press("Place order and go on to pay")
    summary = shopper.page.locator(".wrongs")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading")).to_have_text("Two things to put right")
    expect(shopper.page).to_have_title(re.compile("^Error: "))
    summary.get_by_role("link", name="Write the postal code as 1234 AB").click()
    expect(shopper.page.get_by_label("Postal code")).to_be_focused()


def test_a_declined_card_says_why_and_another_pays_the_same_intent(
    shopper: Shopper, order: Order, standin: Standin
) -> None:
    shopper.open_pay_page(order)
    with shopper.page.expect_response("**/status/"):
        shopper.pay(POOR)
    expect(shopper.notice).to_have_text(
        re.compile(r"There is not enough money on this card\.\s+You have not been charged\.")
    )
    expect(shopper.pay_button).to_have_text("Pay €39.50")
    expect(shopper.card_form.locator("[name=number]")).to_have_value("4000 0000 0000 9995")
    assert list(order.timeline.values_list("kind", flat=True)) == ["placed", "declined"]

    shopper.page.reload()
    expect(shopper.notice).to_contain_text("There is not enough money on this card.")
    shopper.wait_for_card_form()
    shopper.pay()
    shopper.lands_on_paid()
    expect(shopper.page.get_by_text("Your bank declined a card ending 9995")).to_be_visible()
    assert [intent["status"] for intent in standin.intents()] == ["succeeded"]


def test_a_lost_card_is_told_like_any_other(shopper: Shopper, order: Order) -> None:
    shopper.open_pay_page(order)
    shopper.pay("4000000000009987")
    expect(shopper.notice).to_have_text(
        re.compile(
            r"Your card was declined\.\s+Try another card, or another way to pay\. You have not been charged\."
        )
    )


def test_a_card_that_is_not_all_there_is_said_inside_the_form(shopper: Shopper, order: Order) -> None:
    shopper.open_pay_page(order)
    shopper.pay_button.click()
    expect(shopper.card_form.get_by_text("Your card number is incomplete.")).to_be_visible()
    expect(shopper.pay_button).to_have_attribute("aria-busy", "false")
    expect(shopper.notice).to_be_empty()


def test_the_banks_question_answered_well_pays(shopper: Shopper, order: Order) -> None:
    shopper.open_pay_page(order)
    shopper.pay(ASKS_THE_BANK)
    shopper.answer_bank("authorize")
    shopper.lands_on_paid()


def test_the_banks_question_failed_twice_is_told_twice_and_another_try_pays(
    shopper: Shopper, order: Order, standin: Standin
) -> None:
    shopper.open_pay_page(order)
    for _try in range(2):
        shopper.pay(ASKS_THE_BANK)
        with shopper.page.expect_response("**/status/"):
            shopper.answer_bank("fail")
        expect(shopper.notice).to_contain_text("Your bank did not confirm it was you.")
        expect(shopper.notice).to_contain_text("You have not been charged.")
    shopper.pay(ASKS_THE_BANK)
    shopper.answer_bank("authorize")
    shopper.lands_on_paid()
    assert order.timeline.filter(kind=Timeline.Kind.DECLINED).count() == 2
    assert len(standin.intents()) == 1


def test_pay_pressed_twice_charges_once(shopper: Shopper, order: Order, standin: Standin) -> None:
    confirmations: list[Request] = []
    shopper.page.on(
        "request", lambda request: confirmations.append(request) if "/confirm" in request.url else None
    )
    standin.add_fault(action="delay", seconds=0.5, path="/v1/payment_intents/*/confirm")
    shopper.open_pay_page(order)
    shopper.type_card()
    shopper.pay_button.dblclick()
    expect(shopper.pay_button).to_have_text("Paying…")
    expect(shopper.pay_button).to_have_attribute("aria-busy", "true")
    shopper.pay_button.press("Enter")
    shopper.lands_on_paid()
    assert len(confirmations) == 1
    (intent,) = standin.intents()
    assert intent["amount_received"] == order.total


def test_two_tabs_pay_once(
    shopper: Shopper, order: Order, standin: Standin, open_tab: Callable[[BrowserContext], Shopper]
) -> None:
    other = open_tab(shopper.page.context)
    shopper.open_pay_page(order)
    other.open_pay_page(order)
    shopper.pay()
    shopper.lands_on_paid()
    other.pay()
    other.lands_on_paid()
    (intent,) = standin.intents()
    assert intent["amount_received"] == order.total


def test_a_cart_changed_in_another_tab_leaves_the_order_as_it_was_placed(
    shopper: Shopper, order: Order, standin: Standin, open_tab: Callable[[BrowserContext], Shopper]
) -> None:
    shopper.open_pay_page(order)
    expect(shopper.page.get_by_text("Your cart has changed since you ordered.")).to_have_count(0)
    other = open_tab(shopper.page.context)
    other.add("the-elements")
    shopper.page.reload()
    expect(shopper.page.get_by_text("Your cart has changed since you ordered.")).to_be_visible()
    shopper.wait_for_card_form()
    shopper.pay()
    shopper.lands_on_paid()
    assert standin.intents()[0]["amount_received"] == order.total
    shopper.go("/cart/")
    expect(shopper.page.get_by_role("main").get_by_role("heading", level=2).first).to_have_text(
        "The Elements"
    )
    expect(shopper.page.locator(".line")).to_have_count(1)


def test_an_order_that_was_closed_meanwhile_takes_no_money(
    shopper: Shopper, order: Order, standin: Standin
) -> None:
    shopper.open_pay_page(order)
    shopper.type_card()
    closing.expire(order, actor=SWEEP, now=timezone.now())
    shopper.pay_button.click()
    shopper.lands_on_status()
    expect(shopper.heading).to_have_text("This order is closed.")
    expect(shopper.main).to_contain_text("You have not been charged.")
    assert standin.intents()[0]["status"] == "canceled"


def test_the_pay_page_of_a_paid_order_leads_to_its_status(shopper: Shopper, order: Order) -> None:
    shopper.open_pay_page(order)
    shopper.pay()
    shopper.lands_on_paid()
    shopper.go(f"/checkout/{order.number}/pay/")
    shopper.lands_on_paid()
    shopper.page.go_back()
    shopper.lands_on_paid()


def test_every_page_can_be_loaded_again_without_harm(
    shopper: Shopper, alice: User, shelf: dict[str, Variant], standin: Standin
) -> None:
    page = shopper.page
    orders.fill_cart(alice, (shelf["walden"], 1))
    shopper.go("/checkout/")
    page.reload()
    shopper.fill_address()
    order = shopper.place_order()
    page.reload()
    shopper.wait_for_card_form()
    page.go_back()
    shopper.fill_address()
    assert shopper.place_order() == order
    shopper.wait_for_card_form()
    shopper.pay()
    shopper.lands_on_paid()
    page.reload()
    shopper.lands_on_paid()
    shopper.go(f"/orders/{order.number}/")
    page.reload()
    shopper.sees_order("paid", "succeeded")
    assert (Order.objects.count(), Payment.objects.count(), Mail.objects.count()) == (1, 1, 1)
    assert order.timeline.filter(kind=Timeline.Kind.PAID).count() == 1
    assert len(standin.intents()) == 1


def test_a_forged_return_address_proves_nothing(shopper: Shopper, order: Order) -> None:
    shopper.open_pay_page(order)
    shopper.go(f"/checkout/{order.number}/status/?payment_intent=pi_forged&redirect_status=succeeded")
    shopper.lands_on_status()
    expect(shopper.heading).to_have_text("Not paid yet.")
    shopper.sees_order("placed", "requires_payment_method")
    shopper.press("Pay €39.50")
    shopper.wait_for_card_form()
