"""What a customer sees when Stripe, the network or the browser does not do its part."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from accounts.models import User
from checkout.models import Order
from checkout.pages import presentation
from shop.models import Variant
from stripe_standin.testing import Standin
from tests import orders
from tests.browser.shopper import Shopper, let_in

pytestmark = pytest.mark.browser

INTENTS = "/v1/payment_intents"


def test_while_stripe_is_down_the_order_is_kept_and_later_paid(
    shopper: Shopper, alice: User, shelf: dict[str, Variant], standin: Standin
) -> None:
    orders.fill_cart(alice, (shelf["walden"], 1))
    shopper.go("/checkout/")
    shopper.fill_address()
    standin.add_fault(action="status", path=INTENTS, times=0)
    order = shopper.place_order()
    expect(shopper.heading).to_have_text("No answer from Stripe yet.")
    expect(shopper.main).to_contain_text(
        "Your order is kept. Try again in a moment; you cannot be charged twice."
    )
    standin.clear_faults()
    shopper.press("Try again")
    shopper.wait_for_card_form()
    shopper.pay()
    shopper.lands_on_paid()
    assert shopper.order() == order
    assert len(standin.intents()) == 1


def test_while_stripe_refuses_the_shops_key_the_order_is_kept(
    shopper: Shopper, order: Order, standin: Standin
) -> None:
    standin.add_fault(action="status", status=401, path=INTENTS, times=0)
    shopper.go(f"/checkout/{order.number}/pay/")
    expect(shopper.heading).to_have_text("Payments are down.")
    expect(shopper.main).to_contain_text("Your order is kept.")
    shopper.press("Your order")
    expect(shopper.heading).to_have_text(f"Order {order.number}")
    expect(shopper.main).to_contain_text("Awaiting payment")


def test_a_status_page_that_could_not_ask_looks_again_by_itself(
    shopper: Shopper, order: Order, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presentation, "seconds_to_next_look", lambda order, now: 1)
    shopper.open_pay_page(order)
    standin.pay(order.payments.get().intent_id)
    standin.add_fault(method="GET", action="status", path=f"{INTENTS}/*", times=0)
    shopper.go(f"/checkout/{order.number}/status/")
    expect(shopper.heading).to_have_text("We could not ask Stripe just now.")
    expect(shopper.main).to_contain_text("the order was: Awaiting payment.")
    with shopper.page.expect_response("**/status/") as answer:  # still the same: only its line is answered
        pass
    assert "<main" not in answer.value.text()
    standin.clear_faults()
    expect(shopper.heading).to_have_text("Paid. Thank you, Alice.")
    expect(shopper.page).to_have_title(f"Paid · order {order.number} · Folio")
    expect(shopper.page.locator("#live")).to_have_text("Paid. Thank you, Alice.")
    shopper.sees_order("paid", "succeeded")
    expect(shopper.page.locator(".looking")).to_have_count(0)


def test_a_blocked_stripe_script_is_said_and_can_be_tried_again(shopper: Shopper, order: Order) -> None:
    blocked = "**/stripe.js"
    shopper.page.route(blocked, lambda route: route.fulfill(status=404, body=""))
    shopper.go(f"/checkout/{order.number}/pay/")
    expect(shopper.notice).to_contain_text("The card form did not load.")
    expect(shopper.pay_button).to_have_attribute("aria-disabled", "true")
    shopper.page.unroute(blocked)
    shopper.notice.get_by_role("link", name="Try again").click()
    shopper.wait_for_card_form()
    expect(shopper.notice).to_be_empty()
    shopper.troubles.clear()  # the browser's own word about the blocked script


def test_no_answer_to_the_payment_itself_promises_nothing_and_can_be_repeated(
    shopper: Shopper, order: Order, standin: Standin
) -> None:
    shopper.open_pay_page(order)
    standin.add_fault(action="apply_then_status", path=f"{INTENTS}/*/confirm")
    shopper.pay()
    expect(shopper.notice).to_contain_text("No answer from Stripe yet.")
    expect(shopper.notice).not_to_contain_text("You have not been charged")
    shopper.pay_button.click()
    shopper.lands_on_paid()
    (intent,) = standin.intents()
    assert intent["amount_received"] == order.total
    shopper.troubles.clear()  # the browser's own word about the 500


def test_too_many_tries_are_asked_to_wait(shopper: Shopper, order: Order, standin: Standin) -> None:
    shopper.open_pay_page(order)
    standin.add_fault(action="status", status=429, path=f"{INTENTS}/*/confirm", times=0)
    shopper.pay()
    expect(shopper.notice).to_contain_text("Too many tries.")
    shopper.troubles.clear()  # the browser's own word about the 429


def test_without_javascript_one_gets_as_far_as_the_card_form(
    shelf: dict[str, Variant],
    alice: User,
    standin: Standin,
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
) -> None:
    plain = open_tab(new_context(java_script_enabled=False))
    let_in(plain.page.context, alice, plain.url)
    plain.go("/products/walden/")
    plain.page.get_by_label("Quantity of Walden").fill("2")
    plain.press("Add to cart")
    expect(plain.heading).to_have_text("Your cart")
    plain.page.get_by_label("Quantity of Walden").fill("1")
    plain.press("Update")
    plain.press("Go to checkout")
    plain.fill_address()
    plain.page.get_by_label("Courier").check()
    plain.press("Place order and go on to pay")
    slip = plain.page.get_by_role("region", name="The total is now €20.00, it was €15.50.")
    expect(plain.page.get_by_label("Courier")).to_be_checked()
    slip.get_by_role("button", name="Place order for €20.00").click()
    expect(plain.heading).to_have_text("Pay €20.00")
    expect(plain.page.locator("noscript .notice")).to_contain_text("The card form needs JavaScript.")
    expect(plain.page.locator("noscript .notice")).to_be_visible()
    expect(plain.pay_button).to_be_hidden()
    assert plain.order().total == 2000


def test_f29_without_javascript_the_status_page_looks_again_too(
    alice: User,
    order: Order,
    standin: Standin,
    new_context: Callable[..., BrowserContext],
    open_tab: Callable[[BrowserContext], Shopper],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presentation, "seconds_to_next_look", lambda order, now: 1)
    standin.add_fault(method="GET", action="status", path=f"{INTENTS}/*", times=0)
    plain = open_tab(new_context(java_script_enabled=False))
    let_in(plain.page.context, alice, plain.url)
    plain.go(f"/checkout/{order.number}/pay/")
    plain.go(f"/checkout/{order.number}/status/")
    expect(plain.main).to_contain_text("This page looks again by itself.")

    standin.clear_faults()
    standin.pay(order.payments.get().intent_id)

    expect(plain.heading).to_have_text("Paid. Thank you, Alice.")
    expect(plain.page.locator("meta[http-equiv=refresh]")).to_have_count(0)
