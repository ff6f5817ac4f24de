"""The dashboard over plain HTTP: each button does what it says, and nobody else can press it."""

import pytest

FOREIGN = {"Sec-Fetch-Site": "cross-site"}


def press(api, path, /, **form):
    answer = api.post(path, data=form)
    assert answer.status_code == 303, answer.text
    return api.get(answer.headers["location"]).text


def test_payments_are_listed_and_filtered_by_status(api, standin, new_intent):
    assert "No payments yet" in api.get("/").text
    paid, waiting = standin.pay(new_intent()["id"]), new_intent(**{"metadata[order]": "<b>FQ7K</b>"})
    page = api.get("/").text
    assert paid["id"] in page
    assert "order &lt;b&gt;FQ7K&lt;/b&gt;" in page
    page = api.get("/?status=succeeded").text
    assert paid["id"] in page
    assert waiting["id"] not in page


def test_a_payment_shows_its_history_and_no_client_secret(api, standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_visa_chargeDeclined")
    page = api.get(f"/payments/{intent['id']}").text
    assert "payment_intent.payment_failed" in page
    assert "generic_decline" in page
    assert intent["client_secret"] not in page
    event = next(one for one in standin.events() if one["type"] == "payment_intent.payment_failed")
    assert intent["client_secret"] not in api.get(f"/events/{event['id']}").text


@pytest.mark.parametrize(
    ("method", "challenge", "button", "status"),
    [
        ("pm_sepaDebit_successDelayed_at", "leave", "settle", "succeeded"),
        ("pm_sepaDebit_successDelayed_at", "leave", "fail", "requires_payment_method"),
        ("pm_card_authenticationRequired", "leave", "authorize", "succeeded"),
        ("pm_card_authenticationRequired", "leave", "refuse", "requires_payment_method"),
        ("pm_card_authenticationRequired", "leave", "cancel", "canceled"),
    ],
)
def test_a_button_moves_a_payment_on(api, standin, new_intent, method, challenge, button, status):
    intent = standin.pay(new_intent()["id"], method, challenge=challenge)
    press(api, f"/payments/{intent['id']}/{button}")
    assert standin.intent(intent["id"])["status"] == status


def test_a_hold_is_captured_and_a_payment_refunded_in_part_and_disputed(api, standin, new_intent):
    intent = standin.pay(new_intent(capture_method="manual")["id"])
    press(api, f"/payments/{intent['id']}/capture")
    assert "refunded €5.00" in press(api, f"/payments/{intent['id']}/refund", amount="500")
    press(api, f"/payments/{intent['id']}/dispute")
    dispute = api.get("/v1/disputes").json()["data"][0]
    assert "won" in press(api, f"/disputes/{dispute['id']}/won")
    assert api.post(f"/payments/{intent['id']}/refund", data={"amount": "999999"}).status_code == 400


def test_a_button_that_no_longer_fits_changes_nothing(api, standin, new_intent):
    intent = standin.pay(new_intent()["id"])
    for button in ("settle", "capture", "cancel", "nonsense"):
        press(api, f"/payments/{intent['id']}/{button}")
    assert standin.intent(intent["id"]) == intent


def test_endpoints_and_faults_are_added_and_removed(api, standin):
    assert "http://127.0.0.1:9/x" in press(api, "/webhooks", url="http://127.0.0.1:9/x", secret="whsec_x")
    endpoint = api.get("/v1/webhook_endpoints").json()["data"][0]
    assert "Enable" in press(api, f"/webhooks/{endpoint['id']}/disable")
    assert "No endpoints" in press(api, f"/webhooks/{endpoint['id']}/delete")
    press(
        api,
        "/faults",
        action="delay",
        method="GET",
        path="/v1/**",
        nth="2",
        times="0",
        status="500",
        seconds="0.5",
    )
    rule = standin.faults()[0]
    assert (rule["action"], rule["nth"], rule["times"], rule["seconds"]) == ("delay", 2, 0, 0.5)
    assert "No rules" in press(api, f"/faults/{rule['id']}/remove")
    assert api.post("/faults", data={"action": "delay", "path": "/", "nth": "x"}).status_code == 400


def test_customers_and_events_have_pages(api, standin, new_intent):
    customer = api.post("/v1/customers", data={"email": "alice@example.org"}).json()
    standin.pay(new_intent(customer=customer["id"], setup_future_usage="on_session")["id"])
    assert "alice@example.org" in api.get("/customers").text
    assert "Visa •••• 4242" in api.get(f"/customers/{customer['id']}").text
    assert "payment_method.attached" in api.get("/events").text
    event = standin.events()[0]
    assert event["type"] in press(api, f"/events/{event['id']}/resend")
    assert api.get("/customers/cus_nobody").status_code == 404


def test_foreign_pages_and_foreign_names_are_turned_away(api, new_intent):
    intent = new_intent()
    assert api.post(f"/payments/{intent['id']}/cancel", headers=FOREIGN).status_code == 403
    assert api.get("/", headers={"Host": "rebound.example.org"}).status_code == 403
    assert api.post("/_standin/reset", headers={"Host": "rebound.example.org"}).status_code == 403
    assert api.get("/", headers=FOREIGN).status_code == 200
