"""The official Python SDK walks the story that the Node SDK walks too."""

import pytest
import stripe

ORDER = {"amount": 1999, "currency": "eur", "metadata": {"order": "python-1"}}
BACK = "http://shop.test/return"


def test_the_python_sdk_walks_the_whole_story(sdk, standin):
    intents = sdk.v1.payment_intents
    options = {"idempotency_key": "python-1"}
    intent = intents.create(params=ORDER, options=options)
    assert intents.create(params=ORDER, options=options).id == intent.id
    with pytest.raises(stripe.IdempotencyError):
        intents.create(params={**ORDER, "amount": 2000}, options=options)
    with pytest.raises(stripe.CardError) as declined:
        intents.confirm(
            intent.id, params={"payment_method": "pm_card_visa_chargeDeclined", "return_url": BACK}
        )
    assert declined.value.code == "card_declined"
    assert declined.value.user_message == "Your card was declined."
    assert declined.value.error.payment_intent.id == intent.id
    asked = intents.confirm(
        intent.id, params={"payment_method": "pm_card_authenticationRequired", "return_url": BACK}
    )
    assert asked.next_action.type == "redirect_to_url"
    standin.answer_challenge(intent.id, passed=True)
    paid = intents.retrieve(intent.id, params={"expand": ["latest_charge.balance_transaction"]})
    assert paid.status == "succeeded"
    assert paid.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"

    held = intents.create(
        params={
            **ORDER,
            "capture_method": "manual",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "return_url": BACK,
        }
    )
    assert intents.capture(held.id, params={"amount_to_capture": 1500}).amount_received == 1500
    assert sdk.v1.refunds.create(params={"payment_intent": paid.id, "amount": 500}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as too_much:
        sdk.v1.refunds.create(params={"payment_intent": paid.id, "amount": 5000})
    assert too_much.value.param == "amount"
    listed = [one.id for one in intents.list(params={"limit": 1}).auto_paging_iter()]
    assert listed == [held.id, intent.id]
    assert len(intents.search(params={"query": "metadata['order']:'python-1'"}).data) == 2
    customer = sdk.v1.customers.create(params={"email": "alice@example.org"})
    sdk.v1.payment_methods.attach("pm_card_visa", params={"customer": customer.id})
    assert sdk.v1.customers.payment_methods.list(customer.id).data[0].card.last4 == "4242"


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"action": "status", "status": 429}, stripe.RateLimitError),
        ({"action": "status", "status": 500}, stripe.APIError),
        ({"action": "status", "status": 409}, stripe.APIError),
        ({"action": "invalid_json"}, stripe.APIError),
        ({"action": "apply_then_drop"}, stripe.APIConnectionError),
        ({"action": "hang"}, stripe.APIConnectionError),
    ],
)
def test_each_fault_is_the_error_that_the_sdk_makes_of_stripes(standin, rule, kind):
    client = stripe.StripeClient(
        standin.secret_key,
        base_addresses={"api": standin.url},
        http_client=stripe.RequestsClient(timeout=(1, 0.3)),
    )
    standin.add_fault(path="/v1/payment_intents", **rule)
    with pytest.raises(kind):
        client.v1.payment_intents.create(params=ORDER)


def test_a_lost_answer_is_found_again_by_the_sdks_own_retry(standin):
    client = stripe.StripeClient(
        standin.secret_key,
        max_network_retries=2,
        base_addresses={"api": standin.url},
        http_client=stripe.RequestsClient(timeout=(1, 5)),
    )
    standin.add_fault(action="apply_then_drop", path="/v1/payment_intents")
    intent = client.v1.payment_intents.create(params=ORDER)
    assert [one["id"] for one in standin.intents()] == [intent.id]


def test_wrong_keys_and_unknown_ids_are_the_sdks_errors(standin, sdk):
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        sdk.v1.payment_intents.retrieve("pi_nobody")
    assert (unknown.value.http_status, unknown.value.code) == (404, "resource_missing")
    live = stripe.StripeClient("sk_live_1234567890abcdef", base_addresses={"api": standin.url})
    with pytest.raises(stripe.AuthenticationError):
        live.v1.payment_intents.list()
