import resource
import subprocess
import sys
import threading

import pytest

from stripe_standin.testing import Standin, StandinError

ALWAYS = """
    allowed_payment_method_types amount amount_capturable amount_received application
    application_fee_amount automatic_payment_methods canceled_at cancellation_reason capture_method
    client_secret confirmation_method created currency customer customer_account description
    excluded_payment_method_types id last_payment_error latest_charge livemode managed_payments metadata
    next_action object on_behalf_of payment_method payment_method_configuration_details
    payment_method_options payment_method_types payment_record processing receipt_email review
    setup_future_usage shipping source statement_descriptor statement_descriptor_suffix status
    transfer_group
"""
CONFIRM = {"payment_method": "pm_card_visa", "return_url": "http://shop.test/return"}


def test_a_new_intent_has_all_42_fields_and_waits_for_a_payment_method(new_intent):
    intent = new_intent()
    assert len(ALWAYS.split()) == 42
    assert set(intent) >= set(ALWAYS.split())
    assert intent["status"] == "requires_payment_method"
    assert intent["livemode"] is False
    assert intent["client_secret"].startswith(intent["id"] + "_secret_")
    assert intent["automatic_payment_methods"] == {"enabled": True, "allow_redirects": "always"}


def test_an_intent_made_with_a_payment_method_waits_for_confirmation(new_intent):
    assert new_intent(payment_method="pm_card_visa")["status"] == "requires_confirmation"


def test_an_intent_made_and_confirmed_at_once_succeeds_and_has_a_charge(new_intent):
    intent = new_intent(confirm="true", **CONFIRM, **{"expand[]": "latest_charge"})
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 1999)
    charge = intent["latest_charge"]
    assert (charge["paid"], charge["captured"], charge["balance_transaction"]) == (True, True, None)
    assert charge["payment_method_details"]["card"]["brand"] == "visa"
    assert charge["payment_method_details"]["card"]["last4"] == "4242"


def test_metadata_is_copied_to_the_charge_once(api, new_intent):
    intent = new_intent(**{"metadata[order]": "FQ7K"}, confirm="true", **CONFIRM)
    api.post(f"/v1/payment_intents/{intent['id']}", data={"metadata[order]": "other"})
    shown = api.get(f"/v1/payment_intents/{intent['id']}?expand[0]=latest_charge").json()
    assert shown["metadata"] == {"order": "other"}
    assert shown["latest_charge"]["metadata"] == {"order": "FQ7K"}


def test_an_update_changes_amount_metadata_and_shipping(api, new_intent):
    intent = new_intent(**{"metadata[a]": "1", "metadata[b]": "2"})
    form = {"amount": 500, "metadata[a]": "", "shipping[name]": "Alice", "shipping[address][city]": "Oslo"}
    changed = api.post(f"/v1/payment_intents/{intent['id']}", data=form).json()
    assert changed["amount"] == 500
    assert changed["metadata"] == {"b": "2"}
    assert changed["shipping"]["address"]["city"] == "Oslo"
    assert api.post(f"/v1/payment_intents/{intent['id']}", data={"metadata": ""}).json()["metadata"] == {}


def test_a_payment_method_given_later_moves_the_intent_to_requires_confirmation(api, new_intent):
    answer = api.post(f"/v1/payment_intents/{new_intent()['id']}", data={"payment_method": "pm_card_visa"})
    assert answer.json()["status"] == "requires_confirmation"


def test_a_decline_answers_402_and_the_same_intent_can_be_paid_afterwards(api, new_intent):
    url = f"/v1/payment_intents/{new_intent()['id']}/confirm"
    answer = api.post(url, data={**CONFIRM, "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"})
    error = answer.json()["error"]
    assert answer.status_code == 402
    assert (error["type"], error["code"], error["decline_code"]) == (
        "card_error",
        "card_declined",
        "insufficient_funds",
    )
    assert error["message"] == "Your card has insufficient funds."
    intent = error["payment_intent"]
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["latest_charge"] == error["charge"]
    assert intent["last_payment_error"]["payment_method"]["card"]["last4"] == "9995"
    paid = api.post(url, data=CONFIRM).json()
    assert (paid["status"], paid["last_payment_error"]) == ("succeeded", None)


def test_an_update_clears_the_last_error(api, standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_visa_chargeDeclined")
    assert intent["last_payment_error"]["code"] == "card_declined"
    answer = api.post(f"/v1/payment_intents/{intent['id']}", data={"description": "again"})
    assert answer.json()["last_payment_error"] is None


def test_a_passed_challenge_pays_and_is_on_the_charge(api, standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_authenticationRequired", challenge="leave")
    assert intent["status"] == "requires_action"
    assert intent["next_action"]["type"] == "use_stripe_sdk"
    assert intent["latest_charge"] is None
    assert standin.answer_challenge(intent["id"], passed=True)["status"] == "succeeded"
    paid = api.get(f"/v1/payment_intents/{intent['id']}?expand[]=latest_charge").json()
    secure = paid["latest_charge"]["payment_method_details"]["card"]["three_d_secure"]
    assert (secure["authentication_flow"], secure["result"]) == ("challenge", "authenticated")


def test_a_failed_challenge_makes_no_charge_and_another_try_is_possible(standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_authenticationRequired", challenge="fail")
    assert intent["status"] == "requires_payment_method"
    assert intent["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert intent["last_payment_error"]["type"] == "invalid_request_error"
    assert intent["latest_charge"] is None
    assert standin.pay(intent["id"])["status"] == "succeeded"


def test_a_challenge_can_be_passed_and_the_card_still_declined(standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_threeDSecureRequiredChargeDeclined")
    assert intent["last_payment_error"]["code"] == "card_declined"
    assert intent["latest_charge"] is not None


def test_an_abandoned_challenge_leaves_the_intent_payable(standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_authenticationRequired", challenge="leave")
    standin.advance(86400)
    assert standin.intent(intent["id"])["status"] == "requires_action"
    paid = standin.pay(intent["id"])
    assert (paid["status"], paid["next_action"]) == ("succeeded", None)


def test_of_racing_confirmations_one_wins_and_the_money_is_taken_once(standin, new_intent):
    intent = new_intent()
    form = {
        "client_secret": intent["client_secret"],
        "payment_method": "pm_card_visa",
        "return_url": "http://s.test/",
    }
    results = []

    def confirm():
        try:
            path = f"/v1/payment_intents/{intent['id']}/confirm"
            results.append(standin.request("POST", path, form, key=standin.publishable_key)["status"])
        except StandinError as refused:
            results.append(refused.body["error"]["code"])

    threads = [threading.Thread(target=confirm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["payment_intent_unexpected_state"] * 7 + ["succeeded"]
    assert len(standin.request("GET", "/v1/charges")["data"]) == 1


def test_a_challenge_answered_twice_counts_once(standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_authenticationRequired", challenge="leave")
    page = intent["next_action"]["use_stripe_sdk"]["stripe_js"].removeprefix(standin.url)
    standin.request("POST", page, {"result": "authorize"})
    standin.request("POST", page, {"result": "fail"})
    assert standin.intent(intent["id"])["status"] == "succeeded"


def test_a_server_side_confirmation_leads_to_the_bank_by_redirect_and_back(api, new_intent):
    form = {"payment_method": "pm_card_authenticationRequired", "return_url": "http://shop.test/back?order=1"}
    intent = api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm", data=form).json()
    action = intent["next_action"]
    assert action["type"] == "redirect_to_url"
    assert action["redirect_to_url"]["return_url"] == form["return_url"]
    answer = api.post(action["redirect_to_url"]["url"], data={"result": "fail", "full": "1"})
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        f"http://shop.test/back?order=1&payment_intent={intent['id']}"
        f"&payment_intent_client_secret={intent['client_secret']}&redirect_status=failed"
    )


def test_a_changed_amount_takes_back_a_pending_challenge(api, standin, new_intent):
    intent = standin.pay(new_intent()["id"], "pm_card_authenticationRequired", challenge="leave")
    changed = api.post(f"/v1/payment_intents/{intent['id']}", data={"amount": 5000}).json()
    assert (changed["status"], changed["next_action"]) == ("requires_confirmation", None)


def test_manual_confirmation_goes_back_to_the_server_after_the_challenge(api, standin, new_intent):
    intent = new_intent(confirmation_method="manual", payment_method="pm_card_authenticationRequired")
    url = f"/v1/payment_intents/{intent['id']}/confirm"
    api.post(url, data={"return_url": "http://shop.test/", "use_stripe_sdk": "true"})
    assert standin.answer_challenge(intent["id"], passed=True)["status"] == "requires_confirmation"
    assert api.post(url, data={"return_url": "http://shop.test/"}).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("options", "charged"), [({"off_session": "true"}, True), ({"error_on_requires_action": "true"}, False)]
)
def test_an_absent_shopper_cannot_authenticate(api, new_intent, options, charged):
    form = {**CONFIRM, **options, "payment_method": "pm_card_authenticationRequired"}
    answer = api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm", data=form)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "authentication_required")
    assert ("charge" in error) is charged


def test_manual_capture_holds_the_amount(new_intent):
    intent = new_intent(capture_method="manual", confirm="true", **CONFIRM)
    assert (intent["status"], intent["amount_capturable"], intent["amount_received"]) == (
        "requires_capture",
        1999,
        0,
    )


def test_cancelling_sets_time_and_reason_and_releases_a_hold(api, new_intent):
    intent = new_intent(capture_method="manual", confirm="true", **CONFIRM)
    form = {"cancellation_reason": "abandoned"}
    closed = api.post(f"/v1/payment_intents/{intent['id']}/cancel", data=form).json()
    assert (closed["status"], closed["cancellation_reason"]) == ("canceled", "abandoned")
    assert closed["canceled_at"] >= intent["created"]
    assert closed["amount_capturable"] == 0


def test_intents_are_listed_newest_first_a_page_at_a_time(api, new_intent):
    made = [new_intent()["id"] for _ in range(5)][::-1]
    first = api.get("/v1/payment_intents?limit=2").json()
    assert [item["id"] for item in first["data"]] == made[:2]
    assert (first["object"], first["has_more"], first["url"]) == ("list", True, "/v1/payment_intents")
    rest = api.get(f"/v1/payment_intents?limit=3&starting_after={made[1]}").json()
    assert ([item["id"] for item in rest["data"]], rest["has_more"]) == (made[2:], False)
    back = api.get(f"/v1/payment_intents?limit=2&ending_before={made[3]}").json()
    assert ([item["id"] for item in back["data"]], back["has_more"]) == (made[1:3], True)


def test_a_browser_sees_the_reduced_intent_only_with_its_client_secret(api, standin, new_intent):
    intent = new_intent(**{"metadata[order]": "1"})
    url = f"/v1/payment_intents/{intent['id']}"
    browser = {"Authorization": f"Bearer {standin.publishable_key}"}
    seen = api.get(url, params={"client_secret": intent["client_secret"]}, headers=browser).json()
    assert seen["status"] == "requires_payment_method"
    assert len(seen) == 23
    assert not {"metadata", "latest_charge", "amount_received", "customer"} & set(seen)
    assert api.get(url, headers=browser).json()["error"]["param"] == "client_secret"
    assert api.get(url, params={"client_secret": "pi_1_secret_2"}, headers=browser).status_code == 400
    refused = api.post(url, data={"amount": 1, "client_secret": intent["client_secret"]}, headers=browser)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "secret_key_required")


def started(tmp_path):
    command = [
        sys.executable,
        "-m",
        "stripe_standin",
        "--port",
        "0",
        "--database",
        str(tmp_path / "s.sqlite3"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return process, Standin.at(process.stdout.readline().split()[2])


def test_what_was_answered_outlives_a_killed_process(tmp_path):
    process, standin = started(tmp_path)
    intent = standin.request("POST", "/v1/payment_intents", {"amount": 700, "currency": "eur"})
    process.kill()
    process.communicate()
    process, standin = started(tmp_path)
    try:
        assert standin.intent(intent["id"]) == intent
    finally:
        process.terminate()
        told = process.communicate()
    assert (process.returncode, told) == (0, ("", None))


def test_the_program_is_ready_within_two_seconds_of_processor_time(tmp_path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process, _ = started(tmp_path)
    process.kill()
    process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2
