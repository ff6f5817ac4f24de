import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
FAILED = "We are unable to authenticate your payment method. Please choose a different payment method and try again."


def test_a_good_card_pays_and_leads_back_with_stripes_parameters(shop):
    shop.open()
    shop.type()
    shop.pay()
    intent = shop.intent
    assert shop.back() == (
        f"{shop.shop_url}/return?order=1&payment_intent={intent['id']}"
        f"&payment_intent_client_secret={intent['client_secret']}&redirect_status=succeeded"
    )
    assert shop.stored()["status"] == "succeeded"


def test_a_declined_card_says_why_and_another_pays_on_the_same_intent(shop):
    shop.open()
    shop.type("4000000000009995")
    shop.pay()
    assert shop.message() == "Your card has insufficient funds."
    assert shop.field("number").input_value() == "4000 0000 0000 9995"
    shop.type()
    shop.pay()
    shop.back()
    assert shop.stored()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("button", "status"), [("authorize", "succeeded"), ("fail", "requires_payment_method")]
)
def test_the_banks_challenge_is_passed_or_failed(shop, button, status):
    shop.open(redirect="if_required")
    shop.type("4000002760003184")
    shop.pay()
    shop.bank.locator(f"#test-source-{button}-3ds").click()
    assert shop.message() == (FAILED if button == "fail" else "succeeded")
    assert shop.stored()["status"] == status


@pytest.mark.parametrize("way", ["Escape", "Close"])
def test_closing_the_challenge_is_a_no(shop, way):
    shop.open()
    shop.type("4000002760003184")
    shop.pay()
    expect(shop.bank.locator("#test-source-authorize-3ds")).to_be_focused()
    if way == "Escape":
        shop.page.keyboard.press("Escape")
    else:
        shop.page.frame_locator('iframe[title="3D Secure authentication"]').get_by_role(
            "button", name="Close"
        ).click()
    assert shop.message() == FAILED


def test_the_keyboard_stays_inside_the_challenge(shop):
    shop.open(redirect="if_required")
    shop.type("4000002760003184")
    shop.page.keyboard.press("Enter")
    complete = shop.bank.locator("#test-source-authorize-3ds")
    # On a busy machine Chromium hands the focus over to a frame in its own time: this walk begins where it ends up.
    expect(complete).to_be_visible()
    complete.focus()
    expect(complete).to_be_focused()
    for _ in range(3):
        shop.page.keyboard.press("Tab")
    expect(complete).to_be_focused()
    shop.page.keyboard.press("Shift+Tab")
    shop.page.keyboard.press("Shift+Tab")
    shop.page.keyboard.press("Enter")
    assert shop.message() == FAILED


def test_the_card_is_formatted_recognised_and_checked_while_typing(shop):
    shop.open()
    shop.type("378282246310005", "434", "1234")
    assert shop.field("number").input_value() == "3782 822463 10005"
    assert shop.field("expiry").input_value() == "04 / 34"
    assert shop.field("cvc").input_value() == "1234"
    expect(shop.frame.locator(".Brand")).to_have_text("Amex")


@pytest.mark.parametrize(
    ("card", "field", "text"),
    [
        ({"number": "4242424242424241"}, "number", "Your card number is invalid."),
        ({"number": "4242"}, "number", "Your card number is incomplete."),
        ({"expiry": "1320"}, "expiry", "Your card's expiration month is invalid."),
        ({"expiry": "1220"}, "expiry", "Your card's expiration year is in the past."),
        ({"expiry": ""}, "expiry", "Your card's expiration date is incomplete."),
        ({"cvc": "12"}, "cvc", "Your card's security code is incomplete."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_sent(shop, card, field, text):
    shop.open()
    shop.type(**card)
    shop.pay()
    assert shop.message() == text
    told = shop.field(field)
    expect(told).to_have_attribute("aria-invalid", "true")
    expect(told).to_be_focused()
    described = told.get_attribute("aria-describedby")
    expect(shop.frame.locator(f"#{described}")).to_have_text(text)
    assert shop.stored() == shop.intent


def test_labels_names_and_placeholders_are_stripes(shop):
    shop.open(options={"defaultValues": {"billingDetails": {"address": {"country": "US"}}}})
    for label, name in {
        "Card number": "number",
        "Expiration date": "expiry",
        "Security code": "cvc",
        "Country": "country",
        "ZIP": "postalCode",
    }.items():
        expect(shop.frame.get_by_label(label, exact=True)).to_have_attribute("name", name)
        expect(shop.field(name)).to_have_attribute("id", f"payment-{name}Input")
    expect(shop.field("number")).to_have_attribute("placeholder", "1234 1234 1234 1234")
    expect(shop.field("expiry")).to_have_attribute("placeholder", "MM / YY")
    expect(shop.field("cvc")).to_have_attribute("placeholder", "CVC")
    assert shop.page.locator("iframe").first.get_attribute("name").startswith("__privateStripeFrame")


def test_the_zip_is_asked_in_the_us_and_needed(shop):
    shop.open(redirect="if_required")
    expect(shop.field("postalCode")).to_be_hidden()
    shop.field("country").select_option("US")
    shop.type()
    shop.pay()
    assert shop.message() == "Your postal code is incomplete."
    shop.field("postalCode").fill("94107")
    shop.forget()
    shop.pay()
    assert shop.message() == "succeeded"


def test_hidden_billing_fields_are_not_asked(shop):
    shop.open(options={"fields": {"billingDetails": {"address": "never"}}}, redirect="if_required")
    shop.type()
    expect(shop.field("country")).to_have_count(0)
    shop.pay()
    assert shop.message() == "succeeded"


def test_the_events_tell_what_the_shopper_does(shop):
    shop.open()
    expect(shop.field("number")).to_be_visible()
    shop.type()
    expect(shop.page.locator("#element")).to_have_class(re.compile("StripeElement--complete"))
    assert shop.events("loaderstart") == [{"elementType": "payment"}]
    assert shop.events("ready") == [{"elementType": "payment"}]
    changes = shop.events("change")
    assert (changes[0]["empty"], changes[0]["complete"], changes[0]["value"]) == (
        True,
        False,
        {"type": "card"},
    )
    assert (changes[-1]["empty"], changes[-1]["complete"]) == (False, True)
    assert "error" not in changes[-1]
    shop.page.keyboard.press("Escape")
    shop.page.click("h1")
    shop.page.wait_for_timeout(50)
    assert (
        shop.events("focus") == shop.events("blur") == shop.events("escape") == [{"elementType": "payment"}]
    )


def test_a_finished_intent_is_refused_by_the_element(shop, standin, new_intent):
    paid = standin.pay(new_intent()["id"])
    shop.open(secret=paid["client_secret"])
    expect(shop.frame.locator("#problem")).to_be_visible()
    error = shop.events("loaderror")[0]["error"]
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "succeeded"


def test_the_frame_says_it_is_a_test_stand_in(shop):
    shop.open()
    expect(shop.frame.get_by_text("Test stand-in")).to_be_visible()


def test_the_frame_grows_with_its_errors(shop):
    shop.open()
    expect(shop.field("number")).to_be_visible()
    shop.page.wait_for_timeout(50)
    before = shop.page.locator("iframe").first.bounding_box()["height"]
    shop.pay()
    shop.message()
    shop.page.wait_for_timeout(50)
    assert shop.page.locator("iframe").first.bounding_box()["height"] > before


def test_a_double_press_is_one_charge(shop):
    shop.open(redirect="if_required")
    shop.type()
    results = shop.page.evaluate(
        """async () => {
          const go = () => stripe.confirmPayment({ elements, confirmParams: {}, redirect: 'if_required' });
          return Promise.all([go(), go()]);
        }"""
    )
    assert [("error" in result) for result in results] == [False, True]
    assert shop.stored()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("Stripe('')", "publishable key"),
        ("Stripe('sk_test_abc')", "secret key"),
        ("Stripe('pk_live_abc')", "test stand-in"),
        ("stripe.elements({ clientSecret: 'x' })", "client secret"),
        (
            "stripe.elements({ clientSecret: secret, paymentMethodTypes: ['card'] })",
            "allowedPaymentMethodTypes",
        ),
        ("elements.update({ paymentMethodTypes: ['card'] })", "allowedPaymentMethodTypes"),
        ("elements.create('paymentRequestButton')", "Express Checkout"),
        ("elements.create('payment')", "one Element"),
        ("stripe.elements({ clientSecret: secret }).create('payment').mount('#nowhere')", "#nowhere"),
        ("stripe.confirmPayment({ elements, confirmParams: {} })", "return_url"),
        ("stripe.confirmPayment({ elements, confirmParams: { return_url: 'javascript:1' } })", "return_url"),
    ],
)
def test_a_mistake_of_the_page_is_an_integration_error(shop, code, words):
    shop.open()
    problem = shop.page.evaluate(
        f"(async () => {{ try {{ await ({code}); }} catch (e) {{ return [e.name, e.message]; }} }})()"
    )
    assert problem[0] == "IntegrationError"
    assert words in problem[1]


def test_the_script_names_its_train_and_reads_an_intent(shop):
    shop.open()
    assert shop.page.evaluate("Stripe.version") == "endive"
    answer = shop.page.evaluate("stripe.retrievePaymentIntent(secret)")
    assert answer["paymentIntent"]["id"] == shop.intent["id"]
    wrong = shop.page.evaluate("stripe.retrievePaymentIntent(secret + 'x')")
    assert wrong["error"]["type"] == "invalid_request_error"


def test_a_new_amount_on_the_server_is_fetched(shop):
    shop.open()
    expect(shop.field("number")).to_be_visible()
    assert shop.page.evaluate("elements.fetchUpdates()") == {}
    shop.standin.pay(shop.intent["id"])
    assert "error" in shop.page.evaluate("elements.fetchUpdates()")


def test_an_unmounted_element_can_be_mounted_again_and_a_destroyed_one_cannot(shop):
    shop.open()
    expect(shop.field("number")).to_be_visible()
    shop.page.evaluate("element.unmount()")
    assert shop.page.locator("iframe").count() == 0
    shop.page.evaluate("element.mount('#element')")
    expect(shop.field("number")).to_be_visible()
    assert "destroyed" in shop.page.evaluate(
        "element.destroy(), (() => { try { element.mount('#element'); } catch (e) { return e.message; } })()"
    )
    shop.page.evaluate("elements.create('payment').mount('#element')")
    expect(shop.field("number")).to_be_visible()


def test_the_appearance_is_taken_over_and_cannot_smuggle_styles(shop):
    rules = {
        ".Label": {"fontWeight": "700", "display": "none"},
        "body": {"color": "red"},
        ".Input": {"backgroundImage": "url(x)"},
    }
    shop.open(
        plain=1,
        elements={"appearance": {"theme": "night", "variables": {"borderRadius": "9px"}, "rules": rules}},
    )
    number = shop.field("number")
    expect(number).to_have_css("border-radius", "9px")
    expect(number).to_have_css("background-color", "rgb(48, 49, 61)")
    expect(number).to_have_css("background-image", "none")
    label = shop.frame.get_by_text("Card number")
    expect(label).to_have_css("font-weight", "700")
    expect(label).to_be_visible()


def test_the_page_around_never_sees_the_card(shop):
    seen = []
    shop.page.on("request", lambda request: seen.append((request.frame.url, request.post_data or "")))
    shop.open()
    shop.page.evaluate(
        "window.addEventListener('message', (e) => log.push(['message', JSON.stringify(e.data)]))"
    )
    shop.type()
    shop.pay()
    shop.back()
    holders = {url.partition("/frames/")[0] for url, body in seen if "4242424242424242" in body}
    assert holders == {shop.standin.url}
