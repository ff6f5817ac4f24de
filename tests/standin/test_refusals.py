import pytest

VALID = {"amount": 1999, "currency": "eur"}
METHODS = "allowed_payment_method_types[0]"


@pytest.mark.parametrize(
    ("form", "status", "code", "param"),
    [
        ({"amount": "1999"}, 400, "parameter_missing", "currency"),
        ({"currency": "eur"}, 400, "parameter_missing", "amount"),
        ({**VALID, "amount": "12.50"}, 400, "parameter_invalid_integer", "amount"),
        ({**VALID, "amount": "abc"}, 400, "parameter_invalid_integer", "amount"),
        ({**VALID, "amount": ""}, 400, "parameter_invalid_empty", "amount"),
        ({**VALID, "amount": "0"}, 400, "parameter_invalid_integer", "amount"),
        ({**VALID, "amount": "-5"}, 400, "parameter_invalid_integer", "amount"),
        ({**VALID, "amount": "49"}, 400, "amount_too_small", "amount"),
        ({**VALID, "amount": "100000000"}, 400, "amount_too_large", "amount"),
        ({**VALID, "currency": "xxx"}, 400, None, "currency"),
        ({**VALID, "colour": "red"}, 400, "parameter_unknown", "colour"),
        ({**VALID, "shipping[nom]": "x"}, 400, "parameter_unknown", "shipping[nom]"),
        ({**VALID, "shipping[name]": "x"}, 400, "parameter_missing", "shipping[address]"),
        ({**VALID, "confirm": "yes"}, 400, None, "confirm"),
        ({**VALID, "capture_method": "later"}, 400, None, "capture_method"),
        (
            {**VALID, "payment_method_types[]": "card"},
            400,
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        (
            {**VALID, METHODS: "card", "automatic_payment_methods[enabled]": "true"},
            400,
            None,
            "automatic_payment_methods",
        ),
        ({**VALID, METHODS: "card", "excluded_payment_method_types[]": "link"}, 400, None, None),
        ({**VALID, "return_url": "http://shop.test/"}, 400, None, "return_url"),
        ({**VALID, "customer": "cus_nobody"}, 404, "resource_missing", "customer"),
        ({**VALID, "payment_method": "pm_nobody"}, 404, "resource_missing", "payment_method"),
        ({**VALID, "statement_descriptor_suffix": "1234567"}, 400, None, "statement_descriptor_suffix"),
        ({**VALID, "metadata[k]": "x" * 501}, 400, None, "metadata[k]"),
        ({**VALID, "expand[]": "amount"}, 400, None, "expand"),
    ],
)
def test_a_wrong_request_is_refused_as_stripe_does_and_makes_nothing(api, form, status, code, param):
    answer = api.post("/v1/payment_intents", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error.get("code")) == (status, "invalid_request_error", code)
    if param:
        assert error["param"] == param
    assert answer.headers["request-id"].startswith("req_")
    assert api.get("/v1/payment_intents").json()["data"] == []


def test_payment_method_types_is_refused_on_update_and_confirm_too(api, new_intent):
    for path in ("", "/confirm"):
        answer = api.post(
            f"/v1/payment_intents/{new_intent()['id']}{path}", data={"payment_method_types[0]": "card"}
        )
        assert answer.json()["error"]["code"] == "payment_method_types_no_longer_supported"


def test_an_unknown_intent_is_404_and_names_the_parameter(api):
    answer = api.get("/v1/payment_intents/pi_nobody")
    error = answer.json()["error"]
    assert answer.status_code == 404
    assert (error["code"], error["param"]) == ("resource_missing", "intent")
    assert error["message"] == "No such payment_intent: 'pi_nobody'"


@pytest.mark.parametrize("path", ["/cancel", "/confirm", ""])
def test_a_paid_intent_refuses_every_verb_and_shows_itself(api, standin, new_intent, path):
    intent = standin.pay(new_intent()["id"])
    form = {"": {"amount": 500}}.get(path, {})
    answer = api.post(f"/v1/payment_intents/{intent['id']}{path}", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "payment_intent_unexpected_state")
    assert error["payment_intent"] == intent


def test_a_confirmation_without_a_payment_method_is_refused(api, new_intent):
    answer = api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm")
    assert answer.json()["error"]["code"] == "payment_intent_unexpected_state"


def test_a_canceled_intent_cannot_be_paid(api, standin, new_intent):
    intent = new_intent()
    api.post(f"/v1/payment_intents/{intent['id']}/cancel")
    form = {"payment_method": "pm_card_visa", "return_url": "http://shop.test/"}
    answer = api.post(f"/v1/payment_intents/{intent['id']}/confirm", data=form)
    assert answer.json()["error"]["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "nonsense",
        "sk_live_51Habcdefghijklmnop",
        "rk_live_51Habcdefghijklmnop",
        "pk_live_51Habcdefghijklmnop",
        "sk_test_",
    ],
)
def test_no_key_a_strange_key_and_every_live_key_are_401_and_never_shown_whole(api, key):
    answer = api.get("/v1/payment_intents", headers={"Authorization": f"Bearer {key}".strip()})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")
    assert len(key) < 9 or key not in answer.text


def test_basic_auth_and_restricted_keys_are_taken(api, standin):
    assert api.get("/v1/payment_intents", auth=("sk_test_basic", "")).status_code == 200
    assert api.get("/v1/payment_intents", headers={"Authorization": "Bearer rk_test_x1y2"}).status_code == 200


def test_card_numbers_are_not_taken_from_servers(api, new_intent):
    form = {"payment_method_data[type]": "card", "payment_method_data[card][number]": "4242424242424242"}
    answer = api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm", data=form)
    assert answer.status_code in (400, 402)
    assert "4242424242424242" not in answer.text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "starting_after=pi_x", "starting_after=a&ending_before=b"]
)
def test_a_wrong_page_is_refused(api, query):
    assert api.get(f"/v1/payment_intents?{query}").status_code in (400, 404)


def test_an_unknown_path_is_404_in_stripes_shape(api):
    answer = api.post("/v1/unicorns")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")


def test_a_body_that_is_not_a_form_is_refused_without_a_traceback(api):
    for body in (b"\xff\xfe", b"a[b=1&amount=1", b"amount=1&amount[x]=2", b"[]=1", b"a[][b]=1&a[][c][d]=2"):
        answer = api.post("/v1/payment_intents", content=body)
        assert answer.status_code in (400, 413)


def test_every_answer_carries_version_and_request_id(api):
    answer = api.get("/v1/payment_intents", headers={"Stripe-Version": "2026-10-28.endive"})
    assert answer.headers["stripe-version"] == "2026-10-28.endive"
    assert answer.headers["request-id"].startswith("req_")
