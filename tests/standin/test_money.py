import httpx
import pytest

from stripe_standin.testing import Standin

CONFIRM = {"payment_method": "pm_card_visa", "return_url": "http://shop.test/return"}


@pytest.fixture
def paid(standin, new_intent):
    def make(payment_method="pm_card_visa", **fields):
        return standin.pay(new_intent(**fields)["id"], payment_method)

    return make


def kinds(standin):
    return [event["type"] for event in reversed(standin.events())]


def test_the_balance_transaction_comes_later_and_is_told(api, standin, paid):
    intent = paid()
    standin.advance(2)
    url = f"/v1/payment_intents/{intent['id']}?expand[]=latest_charge.balance_transaction"
    booked = api.get(url).json()["latest_charge"]["balance_transaction"]
    assert (booked["amount"], booked["fee"], booked["net"]) == (1999, 55, 1944)
    assert (booked["type"], booked["status"], booked["source"]) == (
        "charge",
        "pending",
        intent["latest_charge"],
    )
    assert kinds(standin)[-1] == "charge.updated"
    assert standin.events()[0]["data"]["previous_attributes"] == {"balance_transaction": None}
    assert api.get(f"/v1/balance_transactions/{booked['id']}").json() == booked
    assert api.get(f"/v1/balance_transactions?source={intent['latest_charge']}").json()["data"] == [booked]
    standin.advance(8 * 86400)
    assert api.get(f"/v1/balance_transactions/{booked['id']}").json()["status"] == "available"


def test_with_automatic_capture_the_balance_transaction_is_there_at_once(api, paid):
    intent = paid(capture_method="automatic")
    charge = api.get(f"/v1/charges/{intent['latest_charge']}").json()
    assert charge["balance_transaction"].startswith("txn_")


def test_a_hold_is_captured_in_part_and_the_rest_released(api, standin, paid):
    intent = paid(capture_method="manual")
    url = f"/v1/payment_intents/{intent['id']}/capture"
    assert api.post(url, data={"amount_to_capture": 2000}).json()["error"]["param"] == "amount_to_capture"
    done = api.post(url, data={"amount_to_capture": 1500}).json()
    assert (done["status"], done["amount_received"], done["amount_capturable"]) == ("succeeded", 1500, 0)
    charge = api.get(f"/v1/charges/{intent['latest_charge']}").json()
    assert (charge["captured"], charge["amount_captured"]) == (True, 1500)
    assert kinds(standin)[-2:] == ["charge.captured", "payment_intent.succeeded"]
    assert api.post(url).json()["error"]["code"] == "payment_intent_unexpected_state"


def test_a_hold_that_nobody_captures_is_canceled_after_seven_days(standin, paid):
    intent = paid(capture_method="manual")
    standin.advance(7 * 86400)
    closed = standin.intent(intent["id"])
    assert (closed["status"], closed["cancellation_reason"]) == ("canceled", "automatic")


def test_refunds_add_up_to_the_charge_and_no_further(api, standin, paid):
    intent = paid()
    form = {
        "payment_intent": intent["id"],
        "amount": 999,
        "reason": "requested_by_customer",
        "metadata[row]": "1",
    }
    first = api.post("/v1/refunds", data=form).json()
    assert (first["status"], first["amount"], first["metadata"]) == ("succeeded", 999, {"row": "1"})
    too_much = api.post("/v1/refunds", data={"payment_intent": intent["id"], "amount": 1001}).json()["error"]
    assert (too_much["param"], "code" in too_much) == ("amount", False)
    api.post("/v1/refunds", data={"charge": intent["latest_charge"]})
    charge = api.get(f"/v1/charges/{intent['latest_charge']}?expand[]=refunds").json()
    assert (charge["amount_refunded"], charge["refunded"], len(charge["refunds"]["data"])) == (1999, True, 2)
    none_left = api.post("/v1/refunds", data={"payment_intent": intent["id"]})
    assert (none_left.status_code, none_left.json()["error"]["code"]) == (400, "charge_already_refunded")
    assert standin.intent(intent["id"])["status"] == "succeeded"
    assert len(api.get(f"/v1/refunds?payment_intent={intent['id']}").json()["data"]) == 2
    assert kinds(standin)[-4:] == ["refund.created", "charge.refunded"] * 2


def test_an_unpaid_intent_cannot_be_refunded(api, new_intent):
    assert api.post("/v1/refunds", data={"payment_intent": new_intent()["id"]}).status_code == 400
    assert api.post("/v1/refunds", data={}).json()["error"]["code"] == "parameter_missing"
    assert api.post("/v1/refunds", data={"payment_intent": "pi_nobody"}).status_code == 404


def test_a_refund_that_waits_arrives_later(api, standin, paid):
    refund = api.post("/v1/refunds", data={"payment_intent": paid("pm_card_pendingRefund")["id"]}).json()
    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    standin.advance(5)
    assert api.get(f"/v1/refunds/{refund['id']}").json()["status"] == "succeeded"
    assert kinds(standin)[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_waiting_refund_can_be_canceled_and_a_done_one_not(api, paid):
    intent = paid("pm_card_pendingRefund")
    refund = api.post("/v1/refunds", data={"payment_intent": intent["id"]}).json()
    assert api.post(f"/v1/refunds/{refund['id']}/cancel").json()["status"] == "canceled"
    assert api.get(f"/v1/charges/{intent['latest_charge']}").json()["amount_refunded"] == 0
    assert api.post(f"/v1/refunds/{refund['id']}/cancel").status_code == 400


def test_a_refund_may_fail_after_it_succeeded(api, standin, paid):
    intent = paid("pm_card_refundFail")
    refund = api.post("/v1/refunds", data={"payment_intent": intent["id"]}).json()
    assert refund["status"] == "succeeded"
    standin.advance(5)
    failed = api.get(f"/v1/refunds/{refund['id']}").json()
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    charge = api.get(f"/v1/charges/{intent['latest_charge']}").json()
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    assert kinds(standin)[-1] == "refund.failed"


@pytest.mark.parametrize(("words", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_a_disputed_card_is_disputed_and_the_evidence_decides(api, standin, paid, words, status):
    intent = paid("pm_card_createDispute")
    standin.advance(5)
    dispute = api.get(f"/v1/disputes?payment_intent={intent['id']}").json()["data"][0]
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("needs_response", "fraudulent", 1999)
    assert dispute["balance_transactions"][0]["net"] == -1999 - 2000
    assert api.get(f"/v1/charges/{intent['latest_charge']}").json()["disputed"] is True
    assert (
        api.post("/v1/refunds", data={"payment_intent": intent["id"]}).json()["error"]["code"]
        == "charge_disputed"
    )
    sent = api.post(f"/v1/disputes/{dispute['id']}", data={"evidence[uncategorized_text]": words}).json()
    assert sent["status"] == "under_review"
    standin.advance(5)
    assert api.get(f"/v1/disputes/{dispute['id']}").json()["status"] == status
    assert ("charge.dispute.funds_reinstated" in kinds(standin)) is (status == "won")
    assert standin.intent(intent["id"])["status"] == "succeeded"


def test_an_inquiry_withdraws_nothing_until_it_is_escalated(api, standin, paid):
    intent = paid("pm_card_createDisputeInquiry")
    standin.advance(5)
    dispute = api.get(f"/v1/disputes?charge={intent['latest_charge']}").json()["data"][0]
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    form = {"evidence[uncategorized_text]": "escalate_inquiry_evidence"}
    api.post(f"/v1/disputes/{dispute['id']}", data=form)
    standin.advance(5)
    after = api.get(f"/v1/disputes/{dispute['id']}").json()
    assert (after["status"], len(after["balance_transactions"])) == ("needs_response", 1)


def test_evidence_can_be_kept_back_and_a_dispute_given_up(api, standin, paid):
    charge = paid()["latest_charge"]
    dispute = standin.dispute(charge)
    form = {"evidence[customer_name]": "Alice", "submit": "false"}
    assert api.post(f"/v1/disputes/{dispute['id']}", data=form).json()["status"] == "needs_response"
    assert api.post(f"/v1/disputes/{dispute['id']}/close").json()["status"] == "lost"
    assert api.post(f"/v1/disputes/{dispute['id']}/close").status_code == 400


def test_an_early_fraud_warning_is_an_event(standin, paid):
    intent = paid("pm_card_createIssuerFraudRecord")
    standin.advance(5)
    warning = standin.events()[0]
    assert warning["type"] == "radar.early_fraud_warning.created"
    assert warning["data"]["object"]["payment_intent"] == intent["id"]


def debit(api, new_intent, method, **fields):
    form = {
        "payment_method": method,
        "return_url": "http://shop.test/",
        "mandate_data[customer_acceptance][type]": "offline",
        **fields,
    }
    return api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm", data=form)


def test_a_debit_is_processing_and_then_paid(api, standin, new_intent):
    intent = debit(api, new_intent, "pm_sepaDebit_success_at").json()
    assert intent["status"] == "processing"
    assert intent["latest_charge"].startswith("py_")
    standin.advance(5)
    assert standin.intent(intent["id"])["status"] == "succeeded"
    assert kinds(standin) == [
        "payment_intent.created", "charge.pending", "payment_intent.processing", "charge.succeeded",
        "payment_intent.succeeded",
    ]  # fmt: skip


def test_a_debit_may_come_back_and_the_intent_be_paid_otherwise(api, standin, new_intent):
    intent = debit(api, new_intent, "pm_sepaDebit_failed_at").json()
    standin.advance(5)
    failed = standin.intent(intent["id"])
    assert (failed["status"], failed["last_payment_error"]["payment_method"]["type"]) == (
        "requires_payment_method",
        "sepa_debit",
    )
    assert kinds(standin)[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    assert standin.pay(intent["id"])["status"] == "succeeded"


def test_a_slow_debit_takes_three_minutes_or_a_click(api, standin, new_intent):
    slow = debit(api, new_intent, "pm_sepaDebit_successDelayed_at").json()
    standin.advance(179)
    assert standin.intent(slow["id"])["status"] == "processing"
    standin.advance(1)
    assert standin.intent(slow["id"])["status"] == "succeeded"
    other = debit(api, new_intent, "pm_sepaDebit_successDelayed_at").json()
    assert standin.settle(other["id"], paid=False)["status"] == "requires_payment_method"
    standin.advance(200)
    assert standin.intent(other["id"])["status"] == "requires_payment_method"


def test_a_debit_needs_a_mandate_and_a_usable_account(api, new_intent):
    form = {"payment_method": "pm_sepaDebit_success_at", "return_url": "http://shop.test/"}
    answer = api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm", data=form)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "mandate_data")
    for iban, code in {
        "AT511904300000066666": "bank_account_unusable",
        "AT000000000000000000": "invalid_iban",
    }.items():
        method = api.post("/v1/payment_methods", data={"type": "sepa_debit", "sepa_debit[iban]": iban})
        assert method.json()["error"]["code"] == code


def test_a_processing_payment_cannot_be_canceled_by_the_shop(api, new_intent):
    intent = debit(api, new_intent, "pm_sepaDebit_success_at").json()
    answer = api.post(f"/v1/payment_intents/{intent['id']}/cancel")
    assert answer.json()["error"]["code"] == "payment_intent_unexpected_state"


@pytest.mark.parametrize("kind", ["ideal", "bancontact"])
@pytest.mark.parametrize(
    ("passed", "status", "word"),
    [(True, "succeeded", "succeeded"), (False, "requires_payment_method", "failed")],
)
def test_a_bank_redirect_is_authorised_or_failed(api, standin, new_intent, kind, passed, status, word):
    form = {"payment_method_data[type]": kind, "return_url": "http://shop.test/back"}
    intent = api.post(f"/v1/payment_intents/{new_intent()['id']}/confirm", data=form).json()
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "redirect_to_url")
    page = intent["next_action"]["redirect_to_url"]["url"]
    assert "Authorize test payment" in api.get(page).text
    answer = api.post(page, data={"full": "1", "result": "authorize" if passed else "fail"})
    assert answer.headers["location"].endswith(f"redirect_status={word}")
    done = standin.intent(intent["id"])
    assert done["status"] == status
    if not passed:
        assert done["last_payment_error"]["code"] == "payment_intent_authentication_failure"


@pytest.fixture(scope="module")
def slips():
    """A stand-in that offers Multibanco."""
    with Standin(payment_methods=("card", "multibanco")) as standin:
        yield standin


@pytest.mark.parametrize(
    ("passed", "status", "code"),
    [(True, "succeeded", None), (False, "requires_payment_method", "payment_intent_payment_attempt_expired")],
)
def test_f17_a_slip_waits_for_days_and_is_paid_by_or_not(slips, passed, status, code):
    form = {"amount": 2000, "currency": "eur", "automatic_payment_methods[enabled]": "true"}
    intent = slips.take_slip(slips.request("POST", "/v1/payment_intents", form)["id"])
    assert (intent["status"], intent["next_action"]["type"]) == (
        "requires_action",
        "multibanco_display_details",
    )
    details = intent["next_action"]["multibanco_display_details"]
    assert set(details) == {"entity", "reference", "expires_at", "hosted_voucher_url"}
    assert details["expires_at"] - intent["created"] >= 7 * 24 * 3600
    page = httpx.get(details["hosted_voucher_url"]).text
    assert ("Pay by the slip" in page, "Let it expire" in page) == (True, True)
    dashboard = httpx.get(f"{slips.url}/payments/{intent['id']}").text
    assert "Let it expire" in dashboard
    done = slips.answer_challenge(intent["id"], passed=passed)
    assert (done["status"], done["next_action"]) == (status, None)
    assert (done["last_payment_error"] or {}).get("code") == code


def test_f17_a_slip_ends_by_itself_unless_another_way_was_chosen(slips):
    form = {"amount": 2000, "currency": "eur", "automatic_payment_methods[enabled]": "true"}
    left, changed = (slips.request("POST", "/v1/payment_intents", form)["id"] for _time in range(2))
    slips.take_slip(left)
    slips.take_slip(changed)
    slips.pay(changed, "pm_card_authenticationRequired", challenge="leave")
    slips.advance(7 * 24 * 3600 + 1)
    assert slips.intent(left)["status"] == "requires_payment_method"
    assert slips.intent(changed)["status"] == "requires_action"


def test_redirects_are_not_offered_when_forbidden_or_in_other_currencies(new_intent):
    never = {
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
    }
    assert new_intent()["payment_method_types"] == ["card", "ideal", "bancontact", "sepa_debit"]
    assert new_intent(**never)["payment_method_types"] == ["card", "sepa_debit"]
    assert new_intent(currency="usd")["payment_method_types"] == ["card"]
    assert new_intent(**{"excluded_payment_method_types[]": "ideal"})["payment_method_types"] == [
        "card",
        "bancontact",
        "sepa_debit",
    ]
    assert new_intent(**{"allowed_payment_method_types[]": "ideal"})["payment_method_types"] == ["ideal"]


def test_a_server_side_confirmation_needs_a_return_url_while_redirects_are_possible(api, new_intent):
    answer = api.post(
        f"/v1/payment_intents/{new_intent()['id']}/confirm", data={"payment_method": "pm_card_visa"}
    )
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "return_url")
