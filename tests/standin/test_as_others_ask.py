"""What other people's programs ask over HTTP, in their own ways: old SDKs, dj-stripe, dashboards and scripts."""

import httpx
import pytest

from stripe_standin.methods import REDIRECTS
from stripe_standin.settings import API_VERSION
from stripe_standin.testing import Standin
from tests.standin.typed import check, faults_of

ORDER = {"amount": 1999, "currency": "eur"}
BACK = {"return_url": "http://shop.test/"}
PAID = {**ORDER, "confirm": "true", "payment_method": "pm_card_visa", **BACK}


@pytest.fixture
def objects(api, standin):
    """One of every kind of object, by kind, as an answer shows it."""
    customer = api.post("/v1/customers", data={"email": "alice@example.org", "name": "Alice"}).json()
    intent = api.post("/v1/payment_intents", data={**PAID, "customer": customer["id"]}).json()
    refund = api.post("/v1/refunds", data={"payment_intent": intent["id"], "amount": 500}).json()
    disputed = api.post("/v1/payment_intents", data=PAID).json()
    standin.dispute(disputed["latest_charge"])
    standin.advance(60)
    method = api.post("/v1/payment_methods/pm_card_visa/attach", data={"customer": customer["id"]}).json()
    return {
        "payment_intent": intent, "customer": customer, "refund": refund, "payment_method": method,
        "charge": api.get(f"/v1/charges/{intent['latest_charge']}").json(),
        "dispute": api.get("/v1/disputes").json()["data"][0],
        "balance_transaction": api.get("/v1/balance_transactions").json()["data"][0],
    }  # fmt: skip


@pytest.mark.parametrize(("word", "status"), [("True", "succeeded"), ("true", "succeeded"),
                                              ("False", "requires_confirmation")])  # fmt: skip
def test_c04_booleans_are_taken_as_older_python_sdks_write_them(api, word, status):
    form = {**ORDER, "confirm": word, "payment_method": "pm_card_visa"}
    if status == "succeeded":
        form |= {"automatic_payment_methods[enabled]": word, **BACK}
    answer = api.post("/v1/payment_intents", data=form)
    assert (answer.status_code, answer.json().get("status")) == (200, status), answer.text


@pytest.mark.parametrize("word", ["TRUE", "yes", "1", "0", "None", "on"])
def test_c04_what_is_no_boolean_is_refused(api, word):
    error = api.post("/v1/payment_intents", data={**ORDER, "confirm": word}).json()["error"]
    assert error["message"] == f"Invalid boolean: {word}"


# Written out, not read from the stand-in: what Stripe's reference marks as expandable.
EXPANDABLE = {
    "payment_intent": "application customer latest_charge on_behalf_of payment_method payment_record review source "
    "transfer_data.destination customer.default_source",
    "charge": "application application_fee balance_transaction customer failure_balance_transaction on_behalf_of "
    "payment_intent review source_transfer transfer refunds transfer_data.destination refunds.data.balance_transaction "
    "payment_intent.payment_method payment_method_details.card.mandate outcome.rule",
    "customer": "default_source sources subscriptions tax tax_ids test_clock cash_balance invoice_credit_balance "
    "invoice_settings.default_payment_method subscriptions.data.latest_invoice",
    "refund": "balance_transaction charge failure_balance_transaction payment_intent source_transfer_reversal "
    "transfer_reversal charge.balance_transaction charge.payment_intent.customer",
    "dispute": "charge payment_intent evidence.receipt charge.balance_transaction",
    "payment_method": "customer card.generated_from.charge",
    "balance_transaction": "source",
}  # fmt: skip
PLACES = {"payment_intent": "payment_intents", "charge": "charges", "customer": "customers", "refund": "refunds",
          "dispute": "disputes", "payment_method": "payment_methods",
          "balance_transaction": "balance_transactions"}  # fmt: skip


@pytest.mark.parametrize("kind", EXPANDABLE)
def test_c05_every_expandable_field_may_be_expanded_also_where_it_is_null(api, objects, kind):
    url, one = f"/v1/{PLACES[kind]}", objects[kind]
    for path in EXPANDABLE[kind].split():
        answer = api.get(f"{url}/{one['id']}", params={"expand[]": path})
        assert answer.status_code == 200, (path, answer.text)
        form = {"expand[]": f"data.{path}"} | (
            {"customer": one["customer"]} if kind == "payment_method" else {}
        )
        listed = api.get(url, params=form)
        assert (listed.status_code, bool(listed.json().get("data"))) == (200, True), (path, listed.text)


@pytest.mark.parametrize(("kind", "path"), [
    ("payment_intent", "amount"), ("payment_intent", "charges"), ("payment_intent", "customer.email"),
    ("charge", "payment_method"), ("charge", "billing_details"), ("customer", "email"), ("customer", "default_card"),
    ("refund", "status"), ("payment_method", "card"), ("balance_transaction", "fee_details"),
])  # fmt: skip
def test_c05_what_stripe_does_not_expand_is_refused(api, objects, kind, path):
    answer = api.get(f"/v1/{PLACES[kind]}/{objects[kind]['id']}", params={"expand[]": path})
    assert answer.status_code == 400
    assert f"cannot be expanded ({path})" in answer.json()["error"]["message"]


def test_c05_lists_that_come_only_when_asked_for_are_lists(api, objects):
    asked = {"expand[]": ["sources", "subscriptions", "tax_ids"]}
    found = api.get(f"/v1/customers/{objects['customer']['id']}", params=asked).json()
    for name in asked["expand[]"]:
        url = f"/v1/customers/{found['id']}/{name}"
        assert found[name] == {"object": "list", "data": [], "has_more": False, "url": url}
        assert api.get(url).json() == found[name]
    assert "sources" not in objects["customer"]


def test_c05_a_list_in_an_object_goes_on_at_its_own_address(api):
    intent = api.post("/v1/payment_intents", data=PAID).json()
    made = [
        api.post("/v1/refunds", data={"payment_intent": intent["id"], "amount": 10}).json()["id"]
        for _ in range(12)
    ]
    url = f"/v1/charges/{intent['latest_charge']}"
    inside = api.get(url, params={"expand[]": "refunds"}).json()["refunds"]
    assert (len(inside["data"]), inside["has_more"], inside["url"]) == (10, True, f"{url}/refunds")
    rest = api.get(inside["url"], params={"starting_after": inside["data"][-1]["id"]}).json()
    assert [one["id"] for one in inside["data"] + rest["data"]] == made[::-1]


@pytest.mark.parametrize("path", ["/v1/account", "/v1/accounts/acct_standin"])
def test_c05_the_account_says_who_it_is(api, path):
    account = api.get(path).json()
    assert (account["id"], account["object"], account["charges_enabled"]) == ("acct_standin", "account", True)
    assert (account["country"], account["default_currency"]) == ("NL", "eur")
    assert api.get("/v1/accounts").json()["data"] == []
    assert api.get("/v1/accounts/acct_other").status_code == 403
    assert api.get(account["external_accounts"]["url"]).json() == account["external_accounts"]


@pytest.fixture(scope="module")
def generous():
    """A stand-in with every payment method."""
    with Standin(payment_methods=("card", *REDIRECTS, "sepa_debit")) as made:
        yield made


@pytest.mark.parametrize("kind", [*REDIRECTS, "sepa_debit"])
def test_c08_every_method_shows_all_that_stripe_always_shows(generous, kind):
    with httpx.Client(
        base_url=generous.url, auth=("sk_test_x", ""), event_hooks={"response": [check]}
    ) as api:
        data = {"payment_method_data[type]": kind, **BACK}
        if kind == "sepa_debit":
            data |= {"payment_method_data[sepa_debit][iban]": "AT611904300234573201",
                     "mandate_data[customer_acceptance][type]": "offline"}  # fmt: skip
        intent = api.post("/v1/payment_intents", data={**ORDER, "confirm": "true", **data}).json()
        if intent["status"] == "requires_action":
            generous.answer_challenge(intent["id"], passed=True)
        generous.advance(60)
        found = api.get(
            f"/v1/payment_intents/{intent['id']}?expand[]=latest_charge&expand[]=payment_method"
        ).json()
        assert (found["status"], found["latest_charge"]["payment_method_details"]["type"]) == (
            "succeeded",
            kind,
        )
        options = found["payment_method_options"]
        assert options["klarna"] == {"preferred_locale": None}
        assert options["paypal"] == {"preferred_locale": None, "reference": None}
        asked = {**ORDER, "payment_method_options[klarna][preferred_locale]": "de-DE"}
        made = api.post("/v1/payment_intents", data=asked).json()
        assert made["payment_method_options"]["klarna"] == {"preferred_locale": "de-DE"}


def search(api, kind, query, **more):
    answer = api.get(f"/v1/{kind}/search", params={"query": query, **more})
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


def test_c10_customers_are_searched_by_the_fields_that_stripe_documents(api):
    jane = {"name": "Jane Doe", "email": "Jane@Example.org", "phone": "+31201234567", "metadata[shop]": "7"}
    first = api.post("/v1/customers", data=jane).json()
    second = api.post("/v1/customers", data={"name": "Fred", "email": "fred@example.com"}).json()
    for query in (
        "name:'Jane Doe'", "name~'jane'", "email:'jane@example.org'", 'email~"example.org"', "phone:'+31201234567'",
        "metadata['shop']:'7'", "-metadata['shop']:null", "name:'fred' OR metadata['shop']:'7' OR phone:'1'",
        f"created<={first['created']} AND -name:'fred'",
    ):  # fmt: skip
        assert first["id"] in search(api, "customers", query), query
    assert search(api, "customers", "email:'jane@example.org'") == [first["id"]]
    assert search(api, "customers", "created>1") == [second["id"], first["id"]]
    assert search(api, "customers", "created>1", limit=1) == [second["id"]]
    api.delete(f"/v1/customers/{first['id']}")
    assert search(api, "customers", "name~'jane'") == []


def test_c10_charges_are_searched_by_the_fields_that_stripe_documents(api, objects):
    charge = objects["charge"]
    card = charge["payment_method_details"]["card"]
    for query in (
        "amount:1999", "amount>1000 AND amount<2000", f"created:{charge['created']}", "currency:'EUR'",
        f"customer:'{charge['customer']}'", "status:'succeeded'", "refunded:'false'", "disputed:false",
        "payment_method_details.card.last4:4242", "payment_method_details.card.last4:'4242'",
        "payment_method_details.card.brand:'visa' AND payment_method_details.card.exp_month:12",
        f"payment_method_details.card.fingerprint:'{card['fingerprint']}'",
        f"payment_method_details.card.exp_year:{card['exp_year']}", "-disputed:'true'",
        "billing_details.address.postal_code:null",
    ):  # fmt: skip
        assert charge["id"] in search(api, "charges", query), query
    assert len(search(api, "charges", "disputed:'true'")) == 1
    first = api.get("/v1/charges/search", params={"query": "amount:1999", "limit": 1}).json()
    assert (first["object"], first["url"], first["has_more"]) == ("search_result", "/v1/charges/search", True)
    assert search(api, "charges", "amount:1999", page=first["next_page"]) == [charge["id"]]


@pytest.mark.parametrize(("kind", "query"), [
    ("charges", "email:'x'"), ("customers", "amount:1"), ("charges", "amount~'1'"), ("charges", "status>'a'"),
    ("customers", "name:'a' AND name:'b' OR name:'c'"), ("charges", "nonsense"), ("customers", "created:'soon'"),
    ("charges", "payment_method_details.card.number:'4242'"), ("customers", ""),
])  # fmt: skip
def test_c10_a_query_that_stripe_refuses_is_refused(api, kind, query):
    answer = api.get(f"/v1/{kind}/search", params={"query": query})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "query")


def test_c10_a_charge_is_captured_by_its_own_address(api):
    held = api.post("/v1/payment_intents", data={**PAID, "capture_method": "manual"}).json()
    url = f"/v1/charges/{held['latest_charge']}/capture"
    assert api.post(url, data={"amount": "2000"}).json()["error"]["param"] == "amount"
    charge = api.post(url, data={"amount": "1500", "receipt_email": "a@example.org"}).json()
    assert (charge["captured"], charge["amount_captured"], charge["receipt_email"]) == (
        True,
        1500,
        "a@example.org",
    )
    intent = api.get(f"/v1/payment_intents/{held['id']}").json()
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 1500)
    again = api.post(url)
    assert (again.status_code, again.json()["error"]["code"]) == (400, "charge_already_captured")
    assert api.post("/v1/charges/ch_nobody/capture").status_code == 404


@pytest.mark.parametrize("version", [
    "nonsense", "2026-10-28.basil", "2026-13-01", "2025-09-30.acacia", "2024-09-30", "2023-10-16.acacia", "2099-01-01",
    "2026-10-28.endive, 2026-10-28.endive", "2019-2-19", "2010-01-01", "2026-10-28.endive.preview", "2026-11-25.endive",
])  # fmt: skip
def test_c11_an_impossible_version_is_refused_in_stripes_words(api, version):
    answer = api.get("/v1/payment_intents", headers={"Stripe-Version": version})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert answer.json()["error"]["message"] == f"Invalid Stripe API version: {version}"
    assert answer.headers["stripe-version"] == API_VERSION


@pytest.mark.parametrize("version", [
    "2011-01-01", "2020-08-27", "2024-06-20", "2024-09-30.acacia", "2025-02-24.acacia", "2025-08-27.basil",
    "2026-02-25.clover", "2026-08-26.dahlia", "2026-09-30.endive", API_VERSION, "2026-10-28.preview",
    "2022-08-01;orders_beta=v4", "2022-08-01; orders_beta=v4; other_beta=v1",
])  # fmt: skip
def test_c11_an_older_version_is_taken_and_answered_in_todays_shape(api, new_intent, version):
    new_intent()
    answer = api.get("/v1/payment_intents", headers={"Stripe-Version": version})
    assert (answer.status_code, answer.headers["stripe-version"]) == (200, version)
    assert faults_of(answer.json()) == []


def test_c11_two_headers_of_a_version_are_one_that_is_impossible(standin):
    twice = [
        ("Authorization", "Bearer sk_test_x"),
        ("Stripe-Version", "2020-08-27"),
        ("Stripe-Version", API_VERSION),
    ]
    answer = httpx.get(f"{standin.url}/v1/customers", headers=twice)
    assert answer.json()["error"]["message"] == f"Invalid Stripe API version: 2020-08-27, {API_VERSION}"


def test_c11_older_versions_may_name_payment_method_types(api):
    form = {**ORDER, "payment_method_types[]": "card", "confirm": "true", "payment_method": "pm_card_visa"}
    older = {"Stripe-Version": "2026-08-26.dahlia"}
    made = api.post("/v1/payment_intents", data=form, headers=older).json()
    assert (made["status"], made["payment_method_types"]) == ("succeeded", ["card"])
    assert made["automatic_payment_methods"] is None
    for headers in ({}, {"Stripe-Version": "2026-09-30.endive"}):
        error = api.post("/v1/payment_intents", data=form, headers=headers).json()["error"]
        assert error["code"] == "payment_method_types_no_longer_supported"


def test_c11_before_automatic_payment_methods_an_intent_takes_cards_and_needs_no_return_url(api):
    form = {**ORDER, "confirm": "true", "payment_method": "pm_card_visa"}
    made = api.post("/v1/payment_intents", data=form, headers={"Stripe-Version": "2022-11-15"}).json()
    assert (made["status"], made["payment_method_types"]) == ("succeeded", ["card"])
    asked = {**ORDER, "automatic_payment_methods[enabled]": "true"}
    wide = api.post("/v1/payment_intents", data=asked, headers={"Stripe-Version": "2022-11-15"}).json()
    assert len(wide["payment_method_types"]) > 1
    later = api.post("/v1/payment_intents", data=form, headers={"Stripe-Version": "2023-08-16"})
    assert later.json()["error"]["param"] == "return_url"


@pytest.mark.parametrize("name", ["acacia", "basil", "clover", "dahlia", "endive", "v3"])
def test_c12_the_script_has_every_address_that_stripe_documents(standin, name):
    for path in {"v3": ("/v3", "/v3/")}.get(name, (f"/{name}/stripe.js",)):
        answer = httpx.get(standin.url + path, follow_redirects=True)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        wanted = "3" if name == "v3" else f"'{name}'"
        assert f"const VERSION = {wanted};" in answer.text
    assert httpx.get(f"{standin.url}/fern/stripe.js").status_code == 404


def test_c01_a_token_is_made_in_browsers_and_good_for_one_payment_method(api, standin):
    card = {
        "card[number]": "4242424242424242",
        "card[exp_month]": "4",
        "card[exp_year]": "31",
        "card[cvc]": "123",
    }
    assert api.post("/v1/tokens", data=card).status_code == 402
    token = standin.request("POST", "/v1/tokens", card, key=standin.publishable_key)
    assert faults_of(token) == []
    assert api.get(f"/v1/tokens/{token['id']}").json() == token
    spend = {"type": "card", "card[token]": token["id"]}
    assert api.post("/v1/payment_methods", data=spend).json()["card"]["last4"] == "4242"
    assert api.post("/v1/payment_methods", data=spend).json()["error"]["code"] == "token_already_used"
    assert api.get(f"/v1/tokens/{token['id']}").json()["used"] is True
    for form, param in (({}, "card"), ({"card[number]": "4242424242424242"}, "card[exp_month]")):
        answer = httpx.post(f"{standin.url}/v1/tokens", data=form, auth=(standin.publishable_key, ""))
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    unknown = api.post("/v1/payment_methods", data={"type": "card", "card[token]": "tok_nobody"})
    assert unknown.status_code == 404
