import json
import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from checkout.models import Order, Payment, StripeEvent
from checkout.orders.transitions import CUSTOMER, WEBHOOK
from checkout.payments import gateway, paying, webhooks
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import NOW, place
from tests.webhook import deliver, event, signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(alice: User, standin: Standin) -> Order:
    order = place(alice, (VariantFactory(price=2000, stock=5), 2))
    paying.start(order.payments.get(), actor=CUSTOMER, now=NOW)
    return order


@pytest.fixture
def intent_id(order: Order) -> str:
    return order.payments.get().intent_id


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def test_an_event_makes_the_shop_ask_stripe_and_settle(
    order: Order, intent_id: str, standin: Standin
) -> None:
    paid = standin.pay(intent_id)
    answer = deliver(event("payment_intent.succeeded", paid))
    row = StripeEvent.objects.get()
    assert answer.status_code == 200
    assert (row.status, row.order, row.type, row.object_id) == (
        "done",
        order,
        "payment_intent.succeeded",
        intent_id,
    )
    assert status_of(order) == "paid"
    assert order.timeline.get(kind="paid").actor == "webhook"


def test_the_body_of_an_event_is_never_the_truth(order: Order, intent_id: str, standin: Standin) -> None:
    claimed = {**standin.intent(intent_id), "status": "succeeded", "amount_received": order.total}
    assert deliver(event("payment_intent.succeeded", claimed)).status_code == 200
    assert status_of(order) == "placed"


def test_the_same_event_again_is_answered_and_has_no_second_effect(
    order: Order, intent_id: str, standin: Standin
) -> None:
    delivery = event("payment_intent.succeeded", standin.pay(intent_id))
    assert [deliver(delivery).status_code for _time in range(3)] == [200, 200, 200]
    assert StripeEvent.objects.get().deliveries == 3
    assert order.timeline.filter(kind="paid").count() == 1


def test_a_late_failure_does_not_undo_a_success(order: Order, intent_id: str, standin: Standin) -> None:
    declined = standin.pay(intent_id, "pm_card_visa_chargeDeclined")
    paid = standin.pay(intent_id)
    deliver(event("payment_intent.succeeded", paid))
    assert deliver(event("payment_intent.payment_failed", declined)).status_code == 200
    assert status_of(order) == "paid"


def test_an_event_that_comes_before_the_intents_id_is_stored_is_not_lost(
    order: Order, standin: Standin
) -> None:
    payment = order.payments.get()
    paid = standin.pay(payment.intent_id)
    Payment.objects.filter(pk=payment.pk).update(intent_id="", status="unknown")
    assert deliver(event("payment_intent.succeeded", paid)).status_code == 200
    assert status_of(order) == "paid"


@pytest.mark.parametrize(
    ("kind", "obj"),
    [
        ("payment_intent.succeeded", {"id": "pi_nobodys", "object": "payment_intent", "metadata": {}}),
        (
            "payment_intent.succeeded",
            {"id": "pi_other", "object": "payment_intent", "metadata": {"payment": "no"}},
        ),
        ("radar.early_fraud_warning.created", {"id": "issfr_1", "object": "radar.early_fraud_warning"}),
        ("brand.new.event", {"object": "surprise", "metadata": None}),
    ],
)
def test_what_is_not_about_an_order_of_ours_is_stored_and_ignored(
    kind: str, obj: dict[str, Any], db: None
) -> None:
    assert deliver(event(kind, obj)).status_code == 200
    assert StripeEvent.objects.get().status == "ignored"


def test_a_known_payment_with_a_type_that_we_do_not_handle_is_kept(order: Order, intent_id: str) -> None:
    assert (
        deliver(event("payment_intent.created", {"id": intent_id, "object": "payment_intent"})).status_code
        == 200
    )
    assert StripeEvent.objects.get().status == "ignored"


def test_what_stripe_did_not_sign_is_refused_and_nothing_is_stored(order: Order, standin: Standin) -> None:
    delivery = event("payment_intent.succeeded", standin.intent(order.payments.get().intent_id))
    body = json.dumps(delivery).encode()
    for header in ("", "t=1,v1=00", "nonsense", "v1=00", f"t={int(time.time())},v1=", signature(b"other")):
        assert deliver(body, header=header).status_code == 400, header
    assert deliver(body, secret="whsec_other").status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stamp_far_from_our_clock_is_refused(minutes: int, db: None) -> None:
    answer = deliver(event("payment_intent.succeeded", {}), at=time.time() + 60 * minutes)
    assert answer.status_code == 400
    assert not StripeEvent.objects.exists()


def test_two_secrets_are_accepted_while_one_is_being_rotated(settings: Any, db: None) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    for secret in ("whsec_old", "whsec_new"):
        assert deliver(event("x", {}), secret=secret).status_code == 200


def test_without_a_secret_everything_is_refused_and_the_operator_told(
    settings: Any, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = []
    assert deliver(event("x", {}), secret="").status_code == 400
    assert "STRIPE_WEBHOOK_SECRET is not set" in caplog.text


def test_an_event_of_the_other_mode_is_refused_and_the_operator_told(
    caplog: pytest.LogCaptureFixture, db: None
) -> None:
    assert deliver(event("payment_intent.succeeded", {}, livemode=True)).status_code == 400
    assert "other mode" in caplog.text
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b'"text"', b"not json", b"\xff\xfe", b'{"object": "event"}',
     b'{"object": "v2.core.event", "id": "evt_1"}'],
)  # fmt: skip
def test_a_body_that_is_no_event_is_refused(body: bytes, db: None) -> None:
    assert deliver(body).status_code == 400
    assert not StripeEvent.objects.exists()


def test_a_body_larger_than_any_event_is_refused_unread(db: None) -> None:
    answer = deliver(b" " * 5_000_000)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"


def test_anything_but_a_post_is_refused(client: Client) -> None:
    assert client.get("/webhooks/stripe/").status_code == 405


def test_when_stripe_cannot_be_asked_the_event_keeps_its_error_and_comes_again(
    order: Order, intent_id: str, standin: Standin
) -> None:
    delivery = event("payment_intent.succeeded", standin.pay(intent_id))
    standin.add_fault(action="status", status=500, method="GET", path="/v1/payment_intents/*", times=0)
    assert deliver(delivery).status_code == 503
    row = StripeEvent.objects.get()
    assert (row.status, row.error) == ("failed", "stripe_unavailable")
    assert status_of(order) == "placed"
    standin.clear_faults()
    assert deliver(delivery).status_code == 200
    assert StripeEvent.objects.get().status == "done"
    assert status_of(order) == "paid"


def test_when_the_handler_breaks_half_way_nothing_is_half_written(
    order: Order, intent_id: str, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checkout.messages import mails

    delivery = event("payment_intent.succeeded", standin.pay(intent_id))
    with monkeypatch.context() as broken:
        broken.setattr(mails, "queue", lambda *_args, **_kwargs: 1 / 0)
        assert deliver(delivery).status_code == 503
    assert "ZeroDivisionError" in StripeEvent.objects.get().error
    assert status_of(order) == "placed"
    assert Payment.objects.get().status == "succeeded"
    assert list(order.timeline.values_list("kind", flat=True)) == ["placed"]
    assert deliver(delivery).status_code == 200
    assert status_of(order) == "paid"


def test_no_client_secret_is_kept(order: Order, intent_id: str, standin: Standin) -> None:
    deliver(event("payment_intent.succeeded", standin.pay(intent_id)))
    assert "_secret_" not in json.dumps(StripeEvent.objects.get().payload)


def test_an_event_stored_before_can_be_handled_again(order: Order, intent_id: str, standin: Standin) -> None:
    delivery = event("payment_intent.succeeded", standin.intent(intent_id))
    deliver(delivery)
    standin.pay(intent_id)
    webhooks.handle(StripeEvent.objects.get(), actor=WEBHOOK, now=NOW)
    assert status_of(order) == "paid"


def test_an_intent_whose_metadata_names_a_payment_with_another_intent_changes_nothing(
    order: Order, intent_id: str, standin: Standin
) -> None:
    twin = gateway.create_intent(
        key="twin",
        amount=order.total,
        currency="eur",
        order_number=order.number,
        payment_id=str(order.payments.get().pk),
    )
    assert deliver(event("payment_intent.succeeded", standin.pay(twin.id))).status_code == 200
    assert StripeEvent.objects.get().status == "ignored"
    assert status_of(order) == "placed"
    assert order.payments.get().intent_id == intent_id
