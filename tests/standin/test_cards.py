import json
from pathlib import Path

import pytest

import stripe_standin

CARDS = json.loads((Path(stripe_standin.__file__).parent / "data" / "test_cards.json").read_text())["cards"]
BY_ID = [card for card in CARDS if "pm_id" in card]
NUMBERS = [card for card in CARDS if card["behaviour"] != "invalid_number"]


@pytest.mark.parametrize("card", BY_ID, ids=lambda card: card["pm_id"])
def test_every_test_id_does_what_the_table_says(standin, new_intent, card):
    intent = standin.pay(new_intent()["id"], card["pm_id"])
    if card["behaviour"] in ("decline", "radar_block"):
        error = intent["last_payment_error"]
        assert intent["status"] == "requires_payment_method"
        assert (error["code"], error.get("decline_code")) == (card["error_code"], card.get("decline_code"))
        assert error["message"] == card["message"]
    else:
        assert intent["status"] == "succeeded"


@pytest.mark.parametrize("card", NUMBERS, ids=lambda card: card["number"])
def test_every_number_is_taken_from_a_browser_and_known_by_brand_and_last_four(standin, new_intent, card):
    intent = new_intent()
    form = {
        "client_secret": intent["client_secret"], "return_url": "http://shop.test/", "use_stripe_sdk": "true",
        "payment_method_data[type]": "card", "payment_method_data[card][number]": card["number"],
        "payment_method_data[card][exp_month]": "4", "payment_method_data[card][exp_year]": "31",
        "payment_method_data[card][cvc]": "1" * card.get("cvc_length", 3), "expand[]": "payment_method",
    }  # fmt: skip
    url = f"/v1/payment_intents/{intent['id']}/confirm"
    answer = standin.request("POST", url, form, key=standin.publishable_key)
    method = answer["error"]["payment_method"] if "error" in answer else answer["payment_method"]
    assert (method["card"]["brand"], method["card"]["last4"]) == (card["brand"], card["number"][-4:])
    assert (method["card"]["exp_month"], method["card"]["exp_year"]) == (4, 2031)
    assert "number" not in method["card"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"exp_month": "13"}, "invalid_expiry_month"),
        ({"exp_year": "2020"}, "invalid_expiry_year"),
        ({"cvc": "99"}, "invalid_cvc"),
        ({"number": "4111111111111111"}, "card_declined"),
    ],
)
def test_what_is_typed_wrong_is_a_card_error_and_leaves_the_intent_alone(standin, new_intent, changes, code):
    intent = new_intent()
    typed = {"number": "4242424242424242", "exp_month": "4", "exp_year": "2031", "cvc": "123", **changes}
    form = {f"payment_method_data[card][{name}]": value for name, value in typed.items()}
    form |= {"payment_method_data[type]": "card", "client_secret": intent["client_secret"]}
    url = f"/v1/payment_intents/{intent['id']}/confirm"
    error = standin.request("POST", url, form, key=standin.publishable_key)["error"]
    assert (error["type"], error["code"]) == ("card_error", code)
    assert standin.intent(intent["id"]) == intent


def test_a_wrong_security_code_is_noticed_only_when_one_is_sent(standin, new_intent):
    intent = new_intent()
    form = {
        "payment_method_data[type]": "card", "payment_method_data[card][number]": "4000000000000127",
        "payment_method_data[card][exp_month]": "4", "payment_method_data[card][exp_year]": "2031",
        "return_url": "http://shop.test/", "client_secret": intent["client_secret"],
    }  # fmt: skip
    url = f"/v1/payment_intents/{intent['id']}/confirm"
    assert standin.request("POST", url, form, key=standin.publishable_key)["status"] == "succeeded"
