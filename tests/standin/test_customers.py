import pytest


@pytest.fixture
def customer(api):
    return api.post("/v1/customers", data={"email": "alice@example.org", "address[city]": "Oslo"}).json()


def save(api, customer, method="pm_card_visa"):
    return api.post(f"/v1/payment_methods/{method}/attach", data={"customer": customer["id"]}).json()


def test_a_customer_is_made_changed_listed_and_deleted(api, standin, customer):
    assert customer["id"].startswith("cus_")
    assert customer["address"]["city"] == "Oslo"
    url = f"/v1/customers/{customer['id']}"
    changed = api.post(url, data={"name": "Alice", "metadata[user]": "1"}).json()
    assert (changed["name"], changed["metadata"]) == ("Alice", {"user": "1"})
    assert [one["id"] for one in api.get("/v1/customers?email=alice@example.org").json()["data"]] == [
        customer["id"]
    ]
    assert api.delete(url).json() == {"id": customer["id"], "object": "customer", "deleted": True}
    assert api.get(url).json()["deleted"] is True
    assert api.get("/v1/customers").json()["data"] == []
    assert api.post(url, data={"name": "x"}).status_code == 404
    assert standin.events()[0]["type"] == "customer.deleted"


def test_payment_methods_are_attached_listed_and_detached_for_good(api, standin, customer):
    method = save(api, customer)
    url = f"/v1/customers/{customer['id']}/payment_methods"
    assert [one["id"] for one in api.get(url).json()["data"]] == [method["id"]]
    assert (
        api.get(f"/v1/payment_methods?customer={customer['id']}&type=card").json()["data"][0]["card"]["last4"]
        == "4242"
    )
    assert api.post(f"/v1/payment_methods/{method['id']}/detach").json()["customer"] is None
    assert api.get(url).json()["data"] == []
    assert save(api, customer, method["id"])["error"]["type"] == "invalid_request_error"
    assert "payment_method.detached" in [event["type"] for event in standin.events()]


def test_a_payment_saves_its_card_when_the_future_is_meant(api, standin, customer, new_intent):
    intent = new_intent(customer=customer["id"], setup_future_usage="off_session")
    standin.pay(intent["id"])
    saved = api.get(f"/v1/customers/{customer['id']}/payment_methods").json()["data"]
    assert [one["card"]["last4"] for one in saved] == ["4242"]


def test_another_customers_card_is_refused(api, customer, new_intent):
    method = save(api, customer)
    other = api.post("/v1/customers").json()
    intent = new_intent(customer=other["id"])
    form = {"payment_method": method["id"], "return_url": "http://shop.test/"}
    assert api.post(f"/v1/payment_intents/{intent['id']}/confirm", data=form).status_code == 400


def test_a_saved_card_that_always_declines_can_still_be_saved(api, customer):
    assert save(api, customer, "pm_card_chargeCustomerFail")["customer"] == customer["id"]
    assert save(api, customer, "pm_card_visa_chargeDeclined")["error"]["code"] == "card_declined"


def test_a_customer_session_shows_saved_cards_to_the_element(api, standin, customer, new_intent):
    method = save(api, customer)
    api.post(f"/v1/payment_methods/{method['id']}", data={"allow_redisplay": "always"})
    components = "components[payment_element]"
    form = {
        "customer": customer["id"],
        f"{components}[enabled]": "true",
        f"{components}[features][payment_method_redisplay]": "enabled",
        f"{components}[features][payment_method_remove]": "enabled",
    }
    made = api.post("/v1/customer_sessions", data=form).json()
    assert made["client_secret"].startswith("cuss_secret_")
    assert made["components"]["payment_element"]["features"]["payment_method_redisplay_limit"] == 3
    intent = new_intent(customer=customer["id"])
    query = {
        "client_secret": intent["client_secret"],
        "customer_session_client_secret": made["client_secret"],
    }
    browser = {"Authorization": f"Bearer {standin.publishable_key}"}
    session = api.get("/v1/elements/sessions", params=query, headers=browser).json()
    assert [one["id"] for one in session["customer"]["payment_methods"]] == [method["id"]]
    stranger = api.get(
        "/v1/elements/sessions",
        params={**query, "client_secret": new_intent()["client_secret"]},
        headers=browser,
    )
    assert stranger.status_code == 400
    form = {"customer_session_client_secret": made["client_secret"]}
    api.post(f"/v1/elements/payment_methods/{method['id']}/detach", data=form, headers=browser)
    assert (
        api.get("/v1/elements/sessions", params=query, headers=browser).json()["customer"]["payment_methods"]
        == []
    )
    standin.advance(31 * 60)
    assert api.get("/v1/elements/sessions", params=query, headers=browser).status_code == 400


def test_a_confirmation_token_is_spent_once(api, standin, new_intent):
    browser = {"Authorization": f"Bearer {standin.publishable_key}"}
    card = {"number": "4242424242424242", "exp_month": "1", "exp_year": "2040", "cvc": "123"}
    form = {f"payment_method_data[card][{name}]": value for name, value in card.items()}
    form |= {"payment_method_data[type]": "card", "return_url": "http://shop.test/"}
    token = api.post("/v1/confirmation_tokens", data=form, headers=browser).json()
    shown = api.get(f"/v1/confirmation_tokens/{token['id']}").json()
    assert shown["payment_method_preview"]["card"]["last4"] == "4242"
    url = f"/v1/payment_intents/{new_intent()['id']}/confirm"
    assert api.post(url, data={"confirmation_token": token["id"]}).json()["status"] == "succeeded"
    again = f"/v1/payment_intents/{new_intent()['id']}/confirm"
    assert (
        api.post(again, data={"confirmation_token": token["id"]}).json()["error"]["param"]
        == "confirmation_token"
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('metadata["order_id"]:"42"', 1),
        ("metadata['order_id']:'42' AND status:'succeeded'", 1),
        ('metadata["order_id"]:"42" AND status:"canceled"', 0),
        ('status:"succeeded" OR status:"requires_payment_method"', 3),
        ("amount>1999", 1),
        ("amount>=1999 AND currency:'EUR'", 2),
        ('-status:"succeeded"', 2),
        ('-metadata["order_id"]:null', 1),
    ],
)
def test_intents_are_searched(api, standin, new_intent, query, found):
    standin.pay(new_intent(**{"metadata[order_id]": "42"})["id"])
    new_intent(amount=5000)
    new_intent(amount=900, currency="usd")
    answer = api.get("/v1/payment_intents/search", params={"query": query}).json()
    assert (answer["object"], len(answer["data"])) == ("search_result", found)


def test_a_search_is_paged_and_refuses_what_it_cannot_read(api, new_intent):
    made = [new_intent()["id"] for _ in range(3)][::-1]
    first = api.get("/v1/payment_intents/search", params={"query": "amount>0", "limit": 2}).json()
    rest = api.get(
        "/v1/payment_intents/search", params={"query": "amount>0", "page": first["next_page"]}
    ).json()
    assert [one["id"] for one in first["data"] + rest["data"]] == made
    assert rest["has_more"] is False
    for query in (
        "",
        "colour:'red'",
        "status:",
        "status:'a' AND amount>1 OR amount<2",
        "status>'x'",
        "amount:'x'",
    ):
        assert api.get("/v1/payment_intents/search", params={"query": query}).status_code == 400


def test_events_are_listed_by_type(api, standin, new_intent):
    standin.pay(new_intent()["id"])
    one = api.get("/v1/events?type=charge.succeeded").json()["data"]
    assert [event["type"] for event in one] == ["charge.succeeded"]
    assert len(api.get("/v1/events?type=payment_intent.*").json()["data"]) == 2
    assert (
        len(api.get("/v1/events?types[]=charge.succeeded&types[]=payment_intent.created").json()["data"]) == 2
    )
    assert api.get("/v1/events?type=a&types[]=b").status_code == 400
    assert api.get(f"/v1/events/{one[0]['id']}").json() == one[0]
