"""One shop's day with Stripe's Python SDK, of whatever major version stands first on the path.

Arguments: the folder of the SDK, the stand-in's address, a webhook's secret. Standard input: a delivery as JSON of
`payload` and `header`, asked for by a line "webhook" on standard output.
"""

import json
import sys

folder, address, secret = sys.argv[1:]
sys.path.insert(0, folder)

import stripe  # noqa: E402 - the version asked for

stripe.api_key = "sk_test_standin"
stripe.api_base = address
stripe.max_network_retries = 0
stripe.enable_telemetry = False


def caught(kind, ask):
    """Return the error that a call ends with."""
    try:
        ask()
    except kind as refused:
        return refused
    raise AssertionError(f"{kind} was not raised")


assert stripe.__file__.startswith(folder), stripe.__file__
customer = stripe.Customer.create(email="alice@example.org", name="Alice", metadata={"shop": "7"})
assert stripe.Customer.modify(customer.id, description="A reader").description == "A reader"
order = {"amount": 1999, "currency": "eur", "customer": customer.id, "metadata": {"order": "1"}}
intent = stripe.PaymentIntent.create(
    **order, automatic_payment_methods={"enabled": True, "allow_redirects": "never"}, confirm=True,
    payment_method="pm_card_visa", expand=["latest_charge", "customer"], idempotency_key="one",
)  # fmt: skip
assert intent.status == "succeeded"
assert intent.latest_charge.payment_method_details.card.last4 == "4242"
assert intent.customer.email == "alice@example.org"
declined = {
    **order,
    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    "confirm": True,
}
error = caught(
    stripe.error.CardError if hasattr(stripe, "error") else stripe.CardError,
    lambda: stripe.PaymentIntent.create(**declined, payment_method="pm_card_visa_chargeDeclined"),
)
assert (error.http_status, error.code) == (402, "card_declined")
again = stripe.PaymentIntent.retrieve(intent.id, expand=["latest_charge.balance_transaction"])
assert (again.id, again.amount_received) == (intent.id, 1999)
listed = list(stripe.PaymentIntent.list(customer=customer.id, limit=1).auto_paging_iter())
assert [one.status for one in listed] == ["requires_payment_method", "succeeded"]
assert (
    stripe.PaymentIntent.search(query="metadata['order']:'1' AND status:'succeeded'").data[0].id == intent.id
)
assert stripe.Charge.search(query="amount:1999 AND refunded:'false'").data
assert stripe.Customer.search(query="metadata['shop']:'7'").data[0].id == customer.id
refund = stripe.Refund.create(payment_intent=intent.id, amount=500, reason="requested_by_customer")
assert refund.status == "succeeded"
assert stripe.Account.retrieve().charges_enabled is True
method = stripe.PaymentMethod.attach("pm_card_visa", customer=customer.id)
assert stripe.PaymentMethod.list(customer=customer.id, type="card").data[0].id == method.id
types = [one.type for one in stripe.Event.list(limit=20).data]
assert "payment_intent.succeeded" in types
sys.stdout.write("webhook\n")
sys.stdout.flush()
letter = json.loads(sys.stdin.readline())
event = stripe.Webhook.construct_event(letter["payload"], letter["header"], secret)
assert (event.type, event.data.object.id) == ("payment_intent.succeeded", intent.id)
wrong = (
    stripe.error.SignatureVerificationError if hasattr(stripe, "error") else stripe.SignatureVerificationError
)
caught(wrong, lambda: stripe.Webhook.construct_event(letter["payload"], letter["header"], "whsec_other"))
sys.stdout.write(f"told {stripe.VERSION if hasattr(stripe, 'VERSION') else stripe.version.VERSION}\n")
