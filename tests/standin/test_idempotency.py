import threading

FORM = {"amount": 1999, "currency": "eur"}
KEY = {"Idempotency-Key": "order-1-pi-1"}


def test_the_same_key_gives_the_same_answer_and_says_so(api):
    first = api.post("/v1/payment_intents", data=FORM, headers=KEY)
    again = api.post("/v1/payment_intents", data=FORM, headers=KEY)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["idempotency-key"] == "order-1-pi-1"
    assert len(api.get("/v1/payment_intents").json()["data"]) == 1


def test_the_same_key_with_other_parameters_is_refused(api):
    api.post("/v1/payment_intents", data=FORM, headers=KEY)
    answer = api.post("/v1/payment_intents", data={**FORM, "amount": 2000}, headers=KEY)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    assert "order-1-pi-1" in answer.json()["error"]["message"]


def test_a_decline_is_replayed_as_the_same_decline(api, new_intent):
    url = f"/v1/payment_intents/{new_intent()['id']}/confirm"
    form = {"payment_method": "pm_card_visa_chargeDeclined", "return_url": "http://shop.test/"}
    first = api.post(url, data=form, headers=KEY)
    again = api.post(url, data=form, headers=KEY)
    assert (first.status_code, again.status_code) == (402, 402)
    assert again.json() == first.json()


def test_a_refused_state_is_replayed_but_a_failed_check_is_forgotten(api, standin, new_intent):
    intent = standin.pay(new_intent()["id"])
    url = f"/v1/payment_intents/{intent['id']}/cancel"
    assert api.post(url, headers=KEY).status_code == 400
    assert api.post(url, headers=KEY).headers["idempotent-replayed"] == "true"
    other = {"Idempotency-Key": "order-2"}
    assert api.post("/v1/payment_intents", data={"amount": 1999}, headers=other).status_code == 400
    assert api.post("/v1/payment_intents", data=FORM, headers=other).status_code == 200


def test_a_key_whose_request_still_runs_is_409(api, standin):
    standin.add_fault(action="delay", seconds=0.6, path="/v1/payment_intents")
    answers = []
    first = threading.Thread(
        target=lambda: answers.append(api.post("/v1/payment_intents", data=FORM, headers=KEY))
    )
    first.start()
    while not standin.faults()[0]["used"]:
        pass
    second = api.post("/v1/payment_intents", data=FORM, headers=KEY)
    first.join()
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert answers[0].status_code == 200
    assert api.post("/v1/payment_intents", data=FORM, headers=KEY).json() == answers[0].json()


def test_a_key_is_forgotten_after_24_hours(api, standin):
    first = api.post("/v1/payment_intents", data=FORM, headers=KEY).json()
    standin.advance(24 * 60 * 60 + 1)
    assert api.post("/v1/payment_intents", data=FORM, headers=KEY).json()["id"] != first["id"]


def test_many_clients_with_one_key_make_one_intent(api, standin):
    def work():
        standin.request("POST", "/v1/payment_intents", FORM)
        api.post("/v1/payment_intents", data=FORM, headers=KEY)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(api.get("/v1/payment_intents?limit=100").json()["data"]) == 17
