"""Words that Stripe may add some day, longer than any it has now."""

from typing import Any

import pytest

from accounts.models import User
from checkout.models import Payment
from checkout.orders.transitions import CUSTOMER
from checkout.payments import gateway, paying, reconcile
from checkout.payments.stripe_types import DisputeFact, Intent, RefundFact
from stripe_standin.testing import Standin
from tests.factories import VariantFactory
from tests.orders import NOW, place

pytestmark = pytest.mark.django_db

LONG = "voucher_of_a_till_in_a_far_away_country_x"


def test_f18_a_method_type_of_41_letters_is_stored(
    alice: User, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = place(alice, (VariantFactory(price=2000, stock=5), 1))
    payment = paying.start(order.payments.get(), actor=CUSTOMER, now=NOW) and order.payments.get()
    standin.pay(payment.intent_id)
    real = Intent.read

    def read(data: Any) -> Intent:
        details = {"type": LONG, LONG: {"brand": LONG, "last4": "42424242"}}
        return real({**data, "latest_charge": {**data["latest_charge"], "payment_method_details": details}})

    monkeypatch.setattr(Intent, "read", read)
    reconcile.settle(payment, gateway.retrieve_intent(payment.intent_id), actor=CUSTOMER, now=NOW)

    stored = Payment.objects.get()
    assert (stored.status, stored.method_type, stored.method_last4) == ("succeeded", LONG[:40], "4242")


@pytest.mark.parametrize("kind", [Intent, RefundFact, DisputeFact])
def test_f18_no_word_of_stripe_is_longer_than_its_column(kind: Any) -> None:
    data = {
        "id": "x_1", "status": LONG * 9, "amount": 1, "amount_received": 0, "currency": "EUR", "livemode": False,
        "client_secret": None, "created": 1, "reason": LONG * 9, "failure_reason": LONG * 9,
        "last_payment_error": {"type": LONG * 9, "payment_method": {"card": {"last4": "42424242"}}},
    }  # fmt: skip

    fact = kind.read(data)

    assert len(fact.status) == 40
    assert len(getattr(fact, "reason", "")) <= 40
    assert len(getattr(fact, "failure_reason", "")) <= 40
    if kind is Intent:
        assert (len(fact.error.code), fact.error.last4) == (80, "4242")
