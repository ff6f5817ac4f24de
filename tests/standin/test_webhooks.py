import json

import pytest
import stripe

from tests.standin.mailbox import Mailbox

SECRET = "whsec_test_of_the_stand_in"


@pytest.fixture
def mailbox():
    box = Mailbox()
    yield box
    box.stop()


@pytest.fixture
def endpoint(standin, mailbox):
    return standin.send_webhooks_to(mailbox.url, SECRET)


def types(mailbox):
    return [json.loads(body)["type"] for _, body in mailbox.letters]


def test_the_sdk_verifies_what_arrives(standin, mailbox, endpoint, sdk, new_intent):
    intent = standin.pay(new_intent()["id"])
    standin.deliver()
    # `charge.updated` follows when the charge is booked, after a while.
    assert types(mailbox)[:3] == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    headers, body = mailbox.letters[2]
    event = sdk.construct_event(body.encode(), headers["Stripe-Signature"], SECRET)
    assert event.data.object.id == intent["id"]
    assert event.data.object.status == "succeeded"
    assert event.api_version == "2026-10-28.endive"
    with pytest.raises(stripe.SignatureVerificationError):
        sdk.construct_event(body.encode(), headers["Stripe-Signature"], "whsec_other")


def test_two_active_secrets_sign_at_once(standin, mailbox, new_intent):
    standin.request(
        "POST", "/_standin/endpoints", data={"url": mailbox.url, "secrets": ["whsec_a", "whsec_b"]}
    )
    new_intent()
    standin.deliver()
    headers, body = mailbox.letters[0]
    for secret in ("whsec_a", "whsec_b"):
        assert stripe.WebhookSignature.verify_header(body, headers["Stripe-Signature"], secret)


def test_a_refused_delivery_is_tried_again_with_growing_waits_and_recorded(
    standin, mailbox, endpoint, new_intent
):
    mailbox.answers = [500, 301, 200]
    new_intent()
    standin.deliver()
    assert len(mailbox.letters) == 1
    standin.advance(5)
    standin.deliver()
    assert len(mailbox.letters) == 2
    standin.advance(59)
    standin.deliver()
    assert len(mailbox.letters) == 2
    standin.advance(1)
    standin.deliver()
    assert len(mailbox.letters) == 3
    tries = standin.deliveries()
    assert [(one["attempt"], one["status"]) for one in tries] == [(3, 200), (2, 301), (1, 500)]
    assert tries[0]["answer"] == "seen"
    assert len({json.loads(body)["id"] for _, body in mailbox.letters}) == 1


def test_after_three_retries_it_is_given_up_and_can_be_resent(standin, mailbox, endpoint, new_intent):
    mailbox.answers = [500]
    new_intent()
    for wait in (0, 5, 60, 600, 5000):
        standin.advance(wait)
        standin.deliver()
    assert len(mailbox.letters) == 4
    mailbox.answers = [200]
    standin.resend(standin.events()[0]["id"])
    standin.deliver()
    assert len(mailbox.letters) == 5


def test_events_that_were_not_delivered_can_be_listed(api, standin, mailbox, endpoint, new_intent):
    mailbox.answers = [200, 500]
    new_intent()
    standin.deliver()
    new_intent()
    standin.deliver()
    newest, oldest = standin.events()
    missed = api.get("/v1/events?delivery_success=false").json()["data"]
    assert [event["id"] for event in missed] == [newest["id"]]
    assert missed[0]["pending_webhooks"] == 1
    arrived = api.get("/v1/events?delivery_success=true").json()["data"]
    assert [event["id"] for event in arrived] == [oldest["id"]]


def test_deliveries_are_copied_and_shuffled_on_demand(standin, mailbox, endpoint, new_intent):
    standin.webhooks(hold=True)
    standin.pay(new_intent()["id"])
    standin.deliver(2)
    assert mailbox.letters == []
    standin.webhooks(hold=False, copies=2, shuffle=True)
    standin.deliver()
    assert sorted(types(mailbox)) == sorted(
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"] * 2
    )


def test_deliveries_are_delayed_on_demand(standin, mailbox, endpoint, new_intent):
    standin.webhooks(delay=3600)
    new_intent()
    standin.deliver(2)
    assert mailbox.letters == []
    standin.advance(3600)
    standin.deliver()
    assert len(mailbox.letters) == 1


def test_an_endpoint_gets_only_what_it_wants_and_nothing_while_disabled(api, standin, mailbox, new_intent):
    form = {"url": mailbox.url, "enabled_events[0]": "payment_intent.succeeded"}
    made = api.post("/v1/webhook_endpoints", data=form).json()
    assert made["secret"].startswith("whsec_")
    assert "secret" not in api.get(f"/v1/webhook_endpoints/{made['id']}").json()
    standin.pay(new_intent()["id"])
    standin.deliver()
    assert types(mailbox) == ["payment_intent.succeeded"]
    stripe.WebhookSignature.verify_header(
        mailbox.letters[0][1], mailbox.letters[0][0]["Stripe-Signature"], made["secret"]
    )
    api.post(f"/v1/webhook_endpoints/{made['id']}", data={"disabled": "true"})
    standin.pay(new_intent()["id"])
    standin.deliver()
    assert len(mailbox.letters) == 1
    assert api.delete(f"/v1/webhook_endpoints/{made['id']}").json()["deleted"] is True


def test_an_endpoint_that_does_not_answer_is_recorded_as_such(standin, new_intent):
    standin.send_webhooks_to("http://127.0.0.1:1/", SECRET)
    new_intent()
    standin.deliver()
    assert standin.deliveries()[-1]["status"] is None
    assert "ConnectionRefused" in standin.deliveries()[-1]["error"]


def test_endpoints_given_at_the_start_get_everything_and_outlive_a_reset(mailbox):
    from stripe_standin.testing import Standin

    with Standin(webhooks=((mailbox.url, (SECRET,)),)) as other:
        other.reset()
        other.request("POST", "/v1/payment_intents", {"amount": 100, "currency": "eur"})
        other.deliver()
    assert types(mailbox) == ["payment_intent.created"]
    stripe.WebhookSignature.verify_header(
        mailbox.letters[0][1], mailbox.letters[0][0]["Stripe-Signature"], SECRET
    )
