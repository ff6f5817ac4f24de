"""The script as other people's pages use it: every documented member, proxies of frameworks, events, card fields."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
# What a framework such as Vue does to objects that it keeps: whatever is read through the proxy is a proxy itself.
PROXIES = """() => { window.wrapped = (given) => new Proxy(given, { get(target, name, me) {
  const value = Reflect.get(target, name, me);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  return ['Object', 'Array', 'Map', 'Set'].includes(kind) ? wrapped(value) : value;
} }); }"""
TYPED = {"cardnumber": "4242424242424242", "exp-date": "1234", "cvc": "123", "postal": "42424"}


@pytest.fixture
def page(shop):
    """A page with the script and nothing done yet; `stripe` is there, and two boxes."""
    shop.open(secret="none")
    shop.page.evaluate(PROXIES)
    shop.page.evaluate(
        """() => { window.stripe = Stripe('pk_test_standin'); window.log = [];
        document.getElementById('element').insertAdjacentHTML('afterend', '<div id=second></div><div id=third></div>'); }"""
    )
    return shop.page


@pytest.fixture
def secret(standin):
    return standin.request("POST", "/v1/payment_intents", {"amount": 5199, "currency": "eur"})[
        "client_secret"
    ]


def fails_with(page, code):
    """Return the name and message of what a piece of script throws or rejects with."""
    return page.evaluate(
        f"(async () => {{ try {{ await ({code}); }} catch (e) {{ return [e.name, e.message]; }} }})()"
    )


def stored(standin, secret):
    return standin.intent(secret.partition("_secret_")[0])


def test_c01_every_documented_member_is_there(page, node_folder):
    typed = (node_folder / "node_modules/@stripe/stripe-js/dist/stripe-js/stripe.d.ts").read_text()
    documented = set(re.findall(r"^  (\w+)\(", typed.partition("export interface Stripe {")[2], re.MULTILINE))
    assert len(documented) > 60
    missing = page.evaluate(
        "(names) => names.filter((name) => typeof stripe[name] !== 'function')", sorted(documented)
    )
    assert missing == []
    group = (node_folder / "node_modules/@stripe/stripe-js/dist/stripe-js/elements-group.d.ts").read_text()
    names = set(
        re.findall(r"^  (\w+)\(", group.partition("export interface StripeElements {")[2], re.MULTILINE)
    )
    assert names == {"update", "on", "fetchUpdates", "submit", "create", "getElement"}
    assert (
        page.evaluate(
            "(names) => names.filter((name) => typeof stripe.elements()[name] !== 'function')", sorted(names)
        )
        == []
    )


def test_c01_every_kind_of_element_has_its_documented_methods(page, node_folder):
    made = {"payment": "{}", "address": "{mode: 'billing'}", "linkAuthentication": "{}", "expressCheckout": "{}",
            "card": "{}", "cardNumber": "{}", "cardExpiry": "{}", "cardCvc": "{}", "iban": "{supportedCountries: ['SEPA']}"}  # fmt: skip
    for kind, options in made.items():
        name = re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", kind)
        typed = (
            node_folder / f"node_modules/@stripe/stripe-js/dist/stripe-js/elements/{name}.d.ts"
        ).read_text()
        names = {"mount", "unmount", "destroy", "blur", "clear", "focus"} | set(
            re.findall(r"^  (on|once|off|update|collapse|getValue)[(:]", typed, re.MULTILINE)
        )
        absent = page.evaluate(
            f"""(names) => {{ const one = stripe.elements({{mode: 'payment', amount: 500, currency: 'eur'}})
            .create('{kind}', {options}); return names.filter((name) => typeof one[name] !== 'function'); }}""",
            sorted(names),
        )
        assert absent == [], kind


@pytest.mark.parametrize("code", [
    "stripe.confirmSetup({})", "stripe.confirmAffirmPayment('x')", "stripe.retrieveSetupIntent('x')",
    "stripe.initCheckoutElementsSdk({})", "stripe.verifyIdentity('x')", "stripe.elements().create('taxId')",
    "stripe.elements().create('card').collapse()", "stripe.elements().create('card').getValue()",
])  # fmt: skip
def test_c01_what_is_not_offered_says_so_when_it_is_called(page, code):
    name, message = fails_with(page, code)
    assert (name, message.endswith("is not offered by this test stand-in for Stripe.")) == (
        "IntegrationError",
        True,
    )


def test_c01_wrappers_may_introduce_themselves_and_ask_for_wallets(page):
    assert page.evaluate("stripe.registerAppInfo({name: 'x', version: '1', url: 'y'})") is None
    assert page.evaluate("stripe._registerWrapper({name: 'x', version: '1', startTime: 1})") is None
    asked = "stripe.paymentRequest({country: 'NL', currency: 'eur', total: {label: 'x', amount: 1}}).on('token', () => 0)"
    assert page.evaluate(f"{asked}.canMakePayment()") is None
    assert fails_with(page, "stripe.paymentRequest({})")[0] == "IntegrationError"


def test_c01_confirm_card_payment_takes_an_id_a_token_and_the_card_element(page, standin, secret):
    done = page.evaluate(
        "(secret) => stripe.confirmCardPayment(secret, {payment_method: 'pm_card_visa'})", secret
    )
    assert done["paymentIntent"]["status"] == "succeeded"
    other = standin.request("POST", "/v1/payment_intents", {"amount": 700, "currency": "eur"})[
        "client_secret"
    ]
    page.evaluate(
        """() => { window.card = stripe.elements().create('card');
        card.on('change', (event) => log.push(event)); card.mount('#element'); }"""
    )
    frame = page.frame_locator('iframe[title="Secure card payment input frame"]')
    for name, text in TYPED.items():
        frame.locator(f"[name={name}]").press_sequentially(text)
    assert page.evaluate("log.at(-1)") == {
        "elementType": "card", "empty": False, "complete": True, "error": None, "brand": "visa",
        "value": {"postalCode": "42424"},
    }  # fmt: skip
    with_element = "(secret) => stripe.confirmCardPayment(secret, {payment_method: {card, billing_details: {name: 'Al'}}})"
    assert page.evaluate(with_element, other)["paymentIntent"]["status"] == "succeeded"
    charge = standin.request("GET", f"/v1/charges/{stored(standin, other)['latest_charge']}")
    assert charge["billing_details"]["name"] == "Al"
    assert charge["billing_details"]["address"]["postal_code"] == "42424"


def test_c01_the_three_parts_of_a_card_make_one_payment_method_and_one_token(page, standin, secret):
    page.evaluate(
        """() => { const elements = stripe.elements(); window.parts = ['cardNumber', 'cardExpiry', 'cardCvc']
        .map((kind, place) => { const one = elements.create(kind); one.mount(['#element', '#second', '#third'][place]);
        return one; }); }"""
    )
    titles = {"cardnumber": "card number", "exp-date": "expiration date", "cvc": "CVC"}
    lacks = page.evaluate("stripe.createPaymentMethod({type: 'card', card: parts[0]})")
    assert lacks["error"].get("code") == "incomplete_number", lacks
    for name, title in titles.items():
        frame = page.frame_locator(f'iframe[title="Secure {title} input frame"]')
        frame.locator(f"[name={name}]").press_sequentially(TYPED[name])
    for code in ("{type: 'card', card: parts[0]}", "'card', parts[0], {billing_details: {name: 'Alice'}}"):
        made = page.evaluate(f"stripe.createPaymentMethod({code})")["paymentMethod"]
        assert (made["card"]["last4"], made["card"]["exp_month"], made["card"]["exp_year"]) == (
            "4242",
            12,
            2034,
        )
    assert made["billing_details"]["name"] == "Alice"
    token = page.evaluate("stripe.createToken(parts[0], {name: 'Alice'})")["token"]
    assert (token["object"], token["card"]["brand"], token["card"]["name"]) == ("token", "Visa", "Alice")
    pay = "([secret, token]) => stripe.confirmCardPayment(secret, {payment_method: {card: {token}}})"
    assert page.evaluate(pay, [secret, token["id"]])["paymentIntent"]["status"] == "succeeded"
    again = standin.request("POST", "/v1/payment_intents", {"amount": 700, "currency": "eur"})[
        "client_secret"
    ]
    assert page.evaluate(pay, [again, token["id"]])["error"]["code"] == "token_already_used"


def test_c01_card_fields_tell_what_is_wrong_and_the_page_shows_it(page):
    page.evaluate(
        """() => { window.card = stripe.elements().create('card', {hidePostalCode: true, style: {base: {color: 'rgb(1, 2, 3)'},
        invalid: {color: 'rgb(200, 0, 0)'}}}); card.on('change', (event) => log.push(event)).mount('#element'); }"""
    )
    frame = page.frame_locator('iframe[title="Secure card payment input frame"]')
    number = frame.locator("[name=cardnumber]")
    number.press_sequentially("4242424242424241")
    assert page.evaluate("log.at(-1).error") == {
        "type": "validation_error", "code": "incorrect_number", "message": "Your card number is invalid.",
    }  # fmt: skip
    expect(number).to_have_css("color", "rgb(200, 0, 0)")
    expect(page.locator("#element")).to_have_class(re.compile("StripeElement--invalid"))
    expect(frame.locator("[name=exp-date]")).to_have_css("color", "rgb(1, 2, 3)")
    expect(frame.locator("[name=postal]")).to_have_count(0)
    page.evaluate("card.clear()")
    expect(number).to_have_value("")
    expect(page.locator("#element")).to_have_class(re.compile("StripeElement--empty"))


def test_c01_a_label_of_the_page_leads_into_the_field_and_a_container_needs_no_id(page):
    page.evaluate(
        """() => { document.getElementById('second').insertAdjacentHTML('beforebegin', '<label for=second>Your card</label>');
        const elements = stripe.elements(); const bare = document.createElement('div'); document.body.append(bare);
        elements.create('iban', {supportedCountries: ['SEPA']}).mount(bare); elements.create('card').mount('#second'); }"""
    )
    number = page.frame_locator('iframe[title="Secure card payment input frame"]').locator(
        "[name=cardnumber]"
    )
    expect(number).to_be_visible()
    page.get_by_text("Your card").click()
    expect(number).to_be_focused()
    expect(
        page.frame_locator('iframe[title="Secure IBAN input frame"]').locator("[name=iban]")
    ).to_be_visible()


def test_c01_an_iban_field_and_redirects_are_confirmed_by_their_own_calls(page, standin, secret):
    page.evaluate(
        """() => { window.iban = stripe.elements().create('iban', {supportedCountries: ['SEPA']}); iban.mount('#element'); }"""
    )
    frame = page.frame_locator('iframe[title="Secure IBAN input frame"]')
    frame.locator("[name=iban]").press_sequentially("AT611904300234573201")
    pay = """(secret) => stripe.confirmSepaDebitPayment(secret, {payment_method: {sepa_debit: iban,
        billing_details: {name: 'Al', email: 'al@example.org'}}})"""
    assert page.evaluate(pay, secret)["paymentIntent"]["status"] == "processing"
    other = standin.request("POST", "/v1/payment_intents", {"amount": 700, "currency": "eur"})[
        "client_secret"
    ]
    page.evaluate("(secret) => { stripe.confirmIdealPayment(secret, {return_url: location.origin + '/return',"
                  " payment_method: {ideal: {}}}); }", other)  # fmt: skip
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url("**/return**redirect_status=succeeded**")


def test_c02_what_a_framework_wraps_in_proxies_works_as_the_thing_itself(page, standin, secret):
    page.evaluate(
        """(secret) => { const kept = wrapped({ stripe: Stripe('pk_test_standin') });
        kept.elements = kept.stripe.elements(wrapped({ clientSecret: secret, appearance: { variables: {}, rules: {} } }));
        kept.element = kept.elements.create('payment', wrapped({ layout: { type: 'tabs' }, fields: { billingDetails: {} } }));
        kept.element.on('ready', (event) => log.push(event)); kept.element.mount('#element');
        kept.element.update(wrapped({ layout: { type: 'accordion' } }));
        kept.elements.update(wrapped({ appearance: { variables: { colorText: '#111111' } } })); window.kept = kept; }""",
        secret,
    )
    frame = page.frame_locator('iframe[title="Secure payment input frame"]')
    expect(frame.locator("#card-panel")).to_be_visible()
    for name, text in {"number": "4242424242424242", "expiry": "1234", "cvc": "123"}.items():
        frame.locator(f"[name={name}]").press_sequentially(text)
    done = page.evaluate(
        """async () => { const { error } = await kept.elements.submit(); if (error) throw error;
        return kept.stripe.confirmPayment(wrapped({ elements: kept.elements, redirect: 'if_required',
          confirmParams: wrapped({ payment_method_data: { billing_details: { name: 'Alice' } } }) })); }"""
    )
    assert done["paymentIntent"]["status"] == "succeeded"
    assert page.evaluate("log.length") == 1
    assert page.evaluate("kept.elements.getElement('payment') !== null")
    page.evaluate("kept.element.destroy()")
    assert page.evaluate("kept.elements.getElement('payment')") is None


def test_c02_a_proxied_card_element_pays(page, secret):
    page.evaluate(
        "() => { window.kept = wrapped({ card: stripe.elements().create('card', {hidePostalCode: true}) });"
        " kept.card.mount('#element'); }"
    )
    frame = page.frame_locator('iframe[title="Secure card payment input frame"]')
    for name in ("cardnumber", "exp-date", "cvc"):
        frame.locator(f"[name={name}]").press_sequentially(TYPED[name])
    pay = "(secret) => stripe.confirmCardPayment(secret, wrapped({ payment_method: { card: kept.card } }))"
    assert page.evaluate(pay, secret)["paymentIntent"]["status"] == "succeeded"


def test_c03_the_link_authentication_element_is_an_email_field_and_its_address_goes_with_the_payment(
    page, standin, secret
):
    page.evaluate(
        """(secret) => { window.elements = stripe.elements({ clientSecret: secret });
        window.email = elements.create('linkAuthentication', { defaultValues: { email: 'al@' } });
        email.on('change', (event) => log.push(event)); email.mount('#second');
        elements.create('payment').mount('#element'); }""",
        secret,
    )
    frame = page.frame_locator('iframe[title="Secure email input frame"]')
    field = frame.get_by_label("Email")
    expect(field).to_have_value("al@")
    field.press_sequentially("example.org")
    assert page.evaluate("log.at(-1)") == {
        "elementType": "linkAuthentication", "empty": False, "complete": True, "value": {"email": "al@example.org"},
    }  # fmt: skip
    card = page.frame_locator('iframe[title="Secure payment input frame"]')
    for name, text in {"number": "4242424242424242", "expiry": "1234", "cvc": "123"}.items():
        card.locator(f"[name={name}]").press_sequentially(text)
    pay = "stripe.confirmPayment({ elements, redirect: 'if_required' })"
    assert page.evaluate(pay)["paymentIntent"]["status"] == "succeeded"
    charge = standin.request("GET", f"/v1/charges/{stored(standin, secret)['latest_charge']}")
    assert charge["billing_details"]["email"] == "al@example.org"
    page.evaluate("email.clear()")
    expect(field).to_have_value("")


@pytest.mark.parametrize("kind", ["payment", "linkAuthentication", "card", "expressCheckout"])
def test_c06_a_listener_that_comes_after_mount_hears_what_it_missed_once(page, secret, kind):
    page.evaluate(
        """async ([secret, kind]) => { window.one = stripe.elements({ clientSecret: secret }).create(kind);
        one.mount('#element'); if (kind !== 'expressCheckout') await new Promise((done) => {
          addEventListener('message', ({ data }) => { if (data.name === 'element' && data.value.name === 'ready') setTimeout(done); }); });
        const hear = (name) => () => log.push(name);
        one.on('ready', hear('ready')); one.on('ready', hear('late')); one.once('loaderstart', hear('loaderstart'));
        await new Promise((done) => setTimeout(done, 50)); }""",
        [secret, kind],
    )
    assert page.evaluate("log") == ["ready", "loaderstart"]


def test_c06_listeners_come_and_go_at_any_time(page, secret):
    page.evaluate(
        """(secret) => { window.one = stripe.elements({ clientSecret: secret }).create('payment'); one.mount('#element');
        const gone = () => log.push('gone'); one.on('focus', gone); one.once('focus', gone); one.off('focus', gone);
        for (const name of ['focus', 'blur', 'escape', 'change']) one.on(name, () => log.push(name)); }""",
        secret,
    )
    frame = page.frame_locator('iframe[title="Secure payment input frame"]')
    frame.locator("[name=number]").click()
    page.keyboard.press("Escape")
    page.keyboard.type("4242")
    page.locator("h1").click()
    page.evaluate(
        "new Promise((done) => { const look = () => (log.includes('blur') ? done() : setTimeout(look, 20)); look(); })"
    )
    heard = page.evaluate("log")
    assert [name for name in heard if name != "change"] == ["focus", "escape", "blur"]
    assert "gone" not in heard


def test_c07_a_payment_method_that_the_page_has_is_confirmed_without_an_element(page, standin, secret):
    given = "{clientSecret: secret, confirmParams: {payment_method: 'pm_card_visa'}, redirect: 'if_required'}"
    assert (
        page.evaluate(f"(secret) => stripe.confirmPayment({given})", secret)["paymentIntent"]["status"]
        == "succeeded"
    )
    other = standin.request("POST", "/v1/payment_intents", {"amount": 700, "currency": "eur"})[
        "client_secret"
    ]
    declined = given.replace("pm_card_visa", "pm_card_visa_chargeDeclined")
    answer = page.evaluate(f"(secret) => stripe.confirmPayment({declined})", other)
    assert answer["error"]["decline_code"] == "generic_decline"
    asked = given.replace("pm_card_visa", "pm_card_authenticationRequired")
    page.evaluate(f"(secret) => {{ window.done = stripe.confirmPayment({asked}); }}", other)
    bank = page.frame_locator('iframe[title="3D Secure authentication"]').frame_locator("#challengeFrame")
    bank.locator("#test-source-authorize-3ds").click()
    assert page.evaluate("done")["paymentIntent"]["status"] == "succeeded"


def test_c07_with_a_redirect_the_page_goes_to_its_return_url(page, secret):
    given = "{clientSecret: secret, confirmParams: {payment_method: 'pm_card_visa', return_url: location.origin + '/return'}}"
    page.evaluate(f"(secret) => {{ stripe.confirmPayment({given}); }}", secret)
    page.wait_for_url(
        "**/return?payment_intent=pi_*&payment_intent_client_secret=*&redirect_status=succeeded"
    )


@pytest.mark.parametrize("code", [
    "stripe.confirmPayment()", "stripe.confirmPayment({})", "stripe.confirmPayment({elements: {}})",
    "stripe.confirmPayment({clientSecret: 'x', redirect: 'if_required'})", "stripe.createPaymentMethod()",
    "stripe.confirmPayment({clientSecret: 'pi_1_secret_1'})", "stripe.createToken()", "stripe.createToken({})",
    "stripe.confirmCardPayment()", "stripe.handleNextAction()", "stripe.createConfirmationToken()",
    "stripe.confirmCardPayment('pi_1_secret_1', {payment_method: {card: stripe.elements().create('card')}})",
])  # fmt: skip
def test_c07_a_call_without_what_it_needs_is_an_integration_error(page, code):
    assert fails_with(page, code)[0] == "IntegrationError"


@pytest.mark.parametrize("name", ["click", "loaderstop", "networkschange", "confirm", "anything"])
def test_c09_any_event_may_be_listened_for(page, secret, name):
    page.evaluate(
        "([secret, name]) => { stripe.elements({ clientSecret: secret }).create('payment').on(name, () => 0)"
        ".mount('#element'); }",
        [secret, name],
    )


def test_c12_releases_before_endive_may_name_payment_method_types(page, standin):
    page.evaluate("(src) => new Promise((done) => { const one = document.createElement('script');"
                  " Object.assign(one, { src, onload: done }); document.head.append(one); })",
                  f"{standin.url}/clover/stripe.js")  # fmt: skip
    assert page.evaluate("Stripe.version") == "clover"
    page.evaluate(
        """() => { window.elements = Stripe('pk_test_standin').elements({ mode: 'payment', amount: 500, currency: 'eur',
        paymentMethodTypes: ['ideal'] }); elements.create('payment').mount('#element'); }"""
    )
    frame = page.frame_locator('iframe[title="Secure payment input frame"]')
    expect(frame.get_by_text("After this you go to a test page")).to_be_visible()
