import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
TABS = {"layout": "tabs"}


@pytest.fixture
def customer(api, standin):
    """A customer with two saved cards, and what the page needs to show them."""
    customer = api.post("/v1/customers").json()["id"]
    for method in ("pm_card_visa", "pm_card_mastercard"):
        saved = api.post(f"/v1/payment_methods/{method}/attach", data={"customer": customer}).json()
        api.post(f"/v1/payment_methods/{saved['id']}", data={"allow_redisplay": "always"})
    element = "components[payment_element]"
    form = {"customer": customer, f"{element}[enabled]": "true"}
    for feature in ("redisplay", "save", "remove"):
        form[f"{element}[features][payment_method_{feature}]"] = "enabled"
    secret = api.post("/v1/customer_sessions", data=form).json()["client_secret"]
    intent = api.post(
        "/v1/payment_intents", data={"amount": 5199, "currency": "eur", "customer": customer}
    ).json()
    return customer, secret, intent


def test_tabs_are_a_tab_list_that_the_arrows_walk(shop):
    shop.open(options=TABS)
    tabs = shop.frame.get_by_role("tab")
    expect(tabs).to_have_text(["Card", "iDEAL", "Bancontact", "SEPA debit"])
    expect(tabs.first).to_have_attribute("aria-selected", "true")
    tabs.first.focus()
    shop.page.keyboard.press("ArrowRight")
    expect(tabs.nth(1)).to_be_focused()
    expect(tabs.nth(1)).to_have_attribute("aria-selected", "true")
    expect(shop.field("number")).to_have_count(0)
    shop.page.keyboard.press("End")
    expect(shop.field("iban")).to_be_visible()
    assert shop.events("change")[-1]["value"] == {"type": "sepa_debit"}


def test_what_was_typed_stays_when_another_tab_is_looked_at(shop):
    shop.open(options=TABS)
    shop.type()
    shop.frame.get_by_role("tab", name="iDEAL").click()
    shop.frame.get_by_role("tab", name="Card").click()
    expect(shop.field("number")).to_have_value("4242 4242 4242 4242")


def test_the_accordion_is_the_default_and_may_begin_closed(shop):
    shop.open(options={"layout": {"type": "accordion", "defaultCollapsed": True}}, redirect="if_required")
    card = shop.frame.get_by_role("button", name="Card")
    expect(card).to_have_attribute("aria-expanded", "false")
    shop.pay()
    assert shop.message() == "Please select a payment method."
    shop.forget()
    card.click()
    expect(card).to_have_attribute("aria-expanded", "true")
    shop.type()
    shop.pay()
    assert shop.message() == "succeeded"
    assert shop.events("change")[0]["collapsed"] is True


def test_one_method_alone_needs_no_choice(shop):
    shop.open(currency="usd")
    expect(shop.field("number")).to_be_visible()
    expect(shop.frame.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize(("button", "word", "status"), [
    ("Authorize test payment", "succeeded", "succeeded"), ("Fail test payment", "failed", "requires_payment_method"),
])  # fmt: skip
def test_ideal_leads_to_the_bank_and_back(shop, button, word, status):
    shop.open(options=TABS, redirect="if_required")
    shop.frame.get_by_role("tab", name="iDEAL").click()
    shop.pay()
    shop.page.get_by_role("button", name=button).click()
    assert shop.back().endswith(f"redirect_status={word}")
    assert shop.stored()["status"] == status


def test_bancontact_wants_a_name(shop):
    shop.open(options=TABS)
    shop.frame.get_by_role("tab", name="Bancontact").click()
    shop.pay()
    assert shop.message() == "Your name is incomplete."
    shop.field("name").fill("Alice Liddell")
    shop.pay()
    shop.page.get_by_role("button", name="Authorize test payment").click()
    shop.back()
    assert shop.stored()["status"] == "succeeded"


def test_a_sepa_debit_is_on_its_way_when_the_shopper_comes_back(shop):
    shop.open(
        options={**TABS, "defaultValues": {"billingDetails": {"name": "Alice", "email": "a@example.org"}}}
    )
    shop.frame.get_by_role("tab", name="SEPA debit").click()
    shop.field("iban").fill("AT611904300234573202")
    shop.pay()
    assert shop.message() == "Your IBAN is invalid."
    shop.field("iban").fill("AT611904300234573201")
    shop.pay()
    assert shop.back().endswith("redirect_status=pending")
    assert shop.stored()["status"] == "processing"
    shop.standin.advance(5)
    assert shop.stored()["status"] == "succeeded"


def test_a_saved_card_pays_with_one_press(shop, customer):
    _, secret, intent = customer
    shop.intent = intent
    shop.open(
        secret=intent["client_secret"],
        elements={"customerSessionClientSecret": secret},
        redirect="if_required",
    )
    expect(shop.frame.get_by_role("radio")).to_have_count(2)
    expect(shop.frame.get_by_role("radio", name=re.compile("Mastercard •••• 4444"))).to_be_checked()
    shop.frame.get_by_role("radio", name=re.compile("Visa •••• 4242")).check()
    assert shop.events("change")[-1]["value"]["payment_method"]["card"]["last4"] == "4242"
    shop.pay()
    assert shop.message() == "succeeded"


def test_a_saved_card_can_be_removed_and_a_new_one_saved(shop, api, customer):
    owner, secret, intent = customer
    shop.intent = intent
    shop.open(
        secret=intent["client_secret"],
        elements={"customerSessionClientSecret": secret},
        redirect="if_required",
    )
    shop.frame.get_by_role("button", name=re.compile("Remove Mastercard")).click()
    expect(shop.frame.get_by_role("radio")).to_have_count(1)
    shop.frame.get_by_role("button", name="Card", exact=True).click()
    shop.type("378282246310005", cvc="1234")
    shop.frame.get_by_label("Save payment details for future purchases").check()
    shop.pay()
    assert shop.message() == "succeeded"
    saved = api.get(f"/v1/customers/{owner}/payment_methods").json()["data"]
    assert [(one["card"]["last4"], one["allow_redisplay"]) for one in saved] == [
        ("0005", "always"),
        ("4242", "always"),
    ]


def test_elements_can_come_before_the_intent(shop, new_intent):
    shop.open(secret="none")
    shop.page.evaluate(
        "window.elements = Stripe('pk_test_standin').elements({ mode: 'payment', amount: 1999, currency: 'eur' });"
        "elements.create('payment').mount('#element')"
    )
    shop.type()
    go = "(clientSecret) => stripe.confirmPayment({ elements, clientSecret, confirmParams: {}, redirect: 'if_required' })"
    shop.page.evaluate("window.stripe = Stripe('pk_test_standin')")
    early = shop.page.evaluate(f"({go})('pi_1_secret_2').catch((error) => error.message)")
    assert "elements.submit()" in early
    assert shop.page.evaluate("elements.submit()") == {"selectedPaymentMethod": "card"}
    other = shop.page.evaluate(go, new_intent(amount=2000)["client_secret"])
    assert other["error"]["type"] == "invalid_request_error"
    assert shop.page.evaluate(go, new_intent()["client_secret"])["paymentIntent"]["status"] == "succeeded"


def test_a_confirmation_token_lets_the_server_confirm(shop, api):
    shop.open()
    shop.type()
    made = shop.page.evaluate(
        "stripe.createConfirmationToken({ elements, params: { return_url: location.origin } })"
    )
    token = made["confirmationToken"]
    assert token["payment_method_preview"]["card"]["last4"] == "4242"
    url = f"/v1/payment_intents/{shop.intent['id']}/confirm"
    assert api.post(url, data={"confirmation_token": token["id"]}).json()["status"] == "succeeded"


def test_handle_next_action_shows_the_challenge_of_a_server_side_confirmation(shop, standin):
    shop.open()
    standin.pay(shop.intent["id"], "pm_card_authenticationRequired", challenge="leave")
    shop.page.evaluate("window.done = stripe.handleNextAction({ clientSecret: secret }); 0")
    shop.bank.locator("#test-source-authorize-3ds").click()
    assert shop.page.evaluate("window.done")["paymentIntent"]["status"] == "succeeded"


def test_the_address_element_tells_and_sends_its_address(shop):
    shop.open(redirect="if_required")
    shop.page.evaluate(
        "document.querySelector('h1').insertAdjacentHTML('afterend', '<div id=address></div>');"
        "window.where = elements.create('address', { mode: 'shipping', fields: { phone: 'always' } });"
        "where.on('change', (event) => log.push(['address', event])); where.mount('#address')"
    )
    frame = shop.page.frame_locator('iframe[title="Secure address input frame"]')
    expect(frame.get_by_label("City")).to_be_visible()
    shop.type()
    shop.pay()
    assert shop.message() == "This field is incomplete."
    for label, text in {
        "Full name": "Alice Liddell", "Address line 1": "Oudegracht 12", "City": "Utrecht", "Postal code": "3511 AB",
    }.items():  # fmt: skip
        frame.get_by_label(label).fill(text)
    frame.get_by_label("Country or region").select_option("NL")
    value = shop.page.evaluate("where.getValue()")
    assert value["complete"] is True
    assert value["value"]["address"]["city"] == "Utrecht"
    assert shop.events("address")[-1]["value"] == value["value"]
    shop.forget()
    shop.pay()
    assert shop.message() == "succeeded"
    assert shop.stored()["shipping"]["address"]["postal_code"] == "3511 AB"


def test_express_checkout_says_that_nothing_is_available(shop):
    shop.open()
    ready = shop.page.evaluate(
        "new Promise((done) => { const e = elements.create('expressCheckout'); e.on('ready', (event) => done(Object.keys(event)"
        ".concat(String(event.availablePaymentMethods)))); e.mount(document.createElement('div')); })"
    )
    assert ready == ["elementType", "availablePaymentMethods", "undefined"]


def test_everything_can_be_reached_by_keyboard(shop):
    shop.open(options=TABS)
    expect(shop.field("number")).to_be_visible()
    shop.page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    shop.page.keyboard.press("Tab")
    expect(shop.frame.get_by_role("tab", name="Card")).to_be_focused()
    for name in ("number", "expiry", "cvc", "country"):
        shop.page.keyboard.press("Tab")
        expect(shop.field(name)).to_be_focused()
    shop.page.keyboard.press("Tab")
    expect(shop.page.locator("#pay")).to_be_focused()


@pytest.mark.parametrize("options", [TABS, {}], ids=["tabs", "accordion"])
def test_axe_finds_nothing_wrong_in_the_frames(shop, options):
    from axe_playwright_python.sync_playwright import Axe

    shop.open(options=options)
    expect(shop.field("number")).to_be_visible()
    shop.pay()
    shop.message()
    frame = next(frame for frame in shop.page.frames if "/frames/payment" in frame.url)
    found = Axe().run(frame, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.response["violations"] == []


def test_an_update_of_the_options_is_shown_at_once(shop):
    shop.open(options=TABS)
    expect(shop.frame.get_by_role("tab")).to_have_count(4)
    shop.page.evaluate("element.update({ layout: 'accordion', readOnly: true })")
    expect(shop.frame.get_by_role("tab")).to_have_count(0)
    expect(shop.field("number")).to_be_disabled()
    shop.page.evaluate("element.update({ readOnly: false })")
    expect(shop.field("number")).to_be_enabled()
    shop.page.evaluate("elements.update({ appearance: { theme: 'night' } })")
    expect(shop.field("number")).to_have_css("background-color", "rgb(48, 49, 61)")
