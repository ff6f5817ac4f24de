"""The parameters of every operation against the official package's own lists. (Every answer in every test is
checked against its types by `typed.check`.)"""

import json

import pytest
from stripe import params

from stripe_standin import errors
from stripe_standin import params as checker
from stripe_standin.derive import TARGET
from stripe_standin.routes import every
from tests.standin.typed import faults_of

OPTIONS = {"api_key", "stripe_version", "stripe_account", "stripe_context", "idempotency_key", "max_network_retries",
           "content_type", "headers"}  # fmt: skip
CONTRACT = json.loads(TARGET.read_text())["operations"]
BY_HAND = {route.operation: route.fields for route in every() if route.fields is not None}
NAMES = {
    "POST /v1/payment_intents": "PaymentIntentCreateParams",
    "GET /v1/payment_intents": "PaymentIntentListParams",
    "GET /v1/payment_intents/search": "PaymentIntentSearchParams",
    "GET /v1/payment_intents/{intent}": "PaymentIntentRetrieveParams",
    "POST /v1/payment_intents/{intent}": "PaymentIntentModifyParams",
    "POST /v1/payment_intents/{intent}/confirm": "PaymentIntentConfirmParams",
    "POST /v1/payment_intents/{intent}/cancel": "PaymentIntentCancelParams",
    "POST /v1/payment_intents/{intent}/capture": "PaymentIntentCaptureParams",
    "GET /v1/charges": "ChargeListParams",
    "POST /v1/charges/{charge}": "ChargeModifyParams",
    "GET /v1/charges/search": "ChargeSearchParams",
    "POST /v1/charges/{charge}/capture": "ChargeCaptureParams",
    "POST /v1/refunds": "RefundCreateParams",
    "GET /v1/refunds": "RefundListParams",
    "POST /v1/refunds/{refund}": "RefundModifyParams",
    "POST /v1/refunds/{refund}/cancel": "RefundCancelParams",
    "GET /v1/disputes": "DisputeListParams",
    "POST /v1/disputes/{dispute}": "DisputeModifyParams",
    "POST /v1/disputes/{dispute}/close": "DisputeCloseParams",
    "GET /v1/balance_transactions": "BalanceTransactionListParams",
    "POST /v1/customers": "CustomerCreateParams",
    "GET /v1/customers": "CustomerListParams",
    "GET /v1/customers/search": "CustomerSearchParams",
    "POST /v1/customers/{customer}": "CustomerModifyParams",
    "DELETE /v1/customers/{customer}": "CustomerDeleteParams",
    "GET /v1/customers/{customer}/payment_methods": "CustomerPaymentMethodListParams",
    "POST /v1/customer_sessions": "CustomerSessionCreateParams",
    "POST /v1/payment_methods": "PaymentMethodCreateParams",
    "GET /v1/payment_methods": "PaymentMethodListParams",
    "POST /v1/payment_methods/{payment_method}": "PaymentMethodModifyParams",
    "POST /v1/payment_methods/{payment_method}/attach": "PaymentMethodAttachParams",
    "POST /v1/payment_methods/{payment_method}/detach": "PaymentMethodDetachParams",
    "GET /v1/events": "EventListParams",
    "POST /v1/webhook_endpoints": "WebhookEndpointCreateParams",
    "GET /v1/webhook_endpoints": "WebhookEndpointListParams",
    "POST /v1/webhook_endpoints/{webhook_endpoint}": "WebhookEndpointModifyParams",
    "DELETE /v1/webhook_endpoints/{webhook_endpoint}": "WebhookEndpointDeleteParams",
}
OURS = {"GET /v1/elements/sessions", "POST /v1/elements/payment_methods/{payment_method}/detach"}
TOKENS = {"POST /v1/confirmation_tokens", "GET /v1/confirmation_tokens/{confirmation_token}"}


@pytest.mark.parametrize("operation", NAMES)
def test_an_operation_takes_just_the_parameters_that_the_sdk_knows(operation):
    known = set(getattr(params, NAMES[operation]).__annotations__) - OPTIONS
    taken = {name.rstrip("!?") for name in (BY_HAND | CONTRACT)[operation]}
    assert taken == known


def sample(kind):
    """A form value that fits a compact type."""
    if isinstance(kind, str) and kind.startswith("#"):
        kind = json.loads(TARGET.read_text())["shared"][kind]
    if isinstance(kind, list):
        return [sample(kind[0])]
    if isinstance(kind, dict):
        return (
            sample(kind["|"][0])
            if "|" in kind
            else {name.rstrip("!?"): sample(one) for name, one in kind.items()}
        )
    return {"integer": "7", "number": "1.5", "boolean": "true", "map": {"k": "v"}}.get(
        kind, kind[1:].split("|")[0]
    )


@pytest.mark.parametrize("operation", CONTRACT)
def test_every_documented_parameter_is_taken_with_all_that_is_in_it(operation):
    form = {name.rstrip("!?"): sample(kind) for name, kind in CONTRACT[operation].items()}
    assert set(checker.check(operation, form)) == set(form)
    for name, value in form.items():
        if isinstance(value, dict) and value != {"k": "v"}:
            with pytest.raises(errors.Refusal) as refusal:
                checker.check(operation, {**form, name: {**value, "undocumented": "1"}})
            assert refusal.value.fields["param"].endswith("[undocumented]")


def test_every_operation_of_the_contract_is_served_and_refuses_an_undocumented_parameter(api):
    served = {route.operation for route in every()}
    unserved = {"POST /v1/charges"}
    assert set(CONTRACT) - served == unserved
    assert served - set(CONTRACT) == OURS | TOKENS | set(BY_HAND)
    for route in every():
        if route.operation in OURS:
            continue
        path = route.path
        while "{" in path:
            path = path.replace(path[path.index("{") : path.index("}") + 1], "x_1")
        form = {
            name[:-1]: flat(sample(kind))
            for name, kind in (BY_HAND | CONTRACT).get(route.operation, {}).items()
            if name[-1] == "!"
        }
        answer = api.request(route.method, path, params={**form, "undocumented": "1"} if route.method != "POST" else None,
                             data={"undocumented": "1"} if route.method == "POST" else None)  # fmt: skip
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parameter_unknown")


def flat(value):
    return value if isinstance(value, str) else "1"


def test_a_wrong_answer_would_be_noticed(new_intent):
    intent = new_intent()
    assert faults_of(intent) == []
    for change in (
        {"amount": "7"},
        {"status": 5},
        {"new": 1},
        {"payment_method_types": [1]},
        {"metadata": None},
    ):
        assert faults_of({**intent, **change}), change
    for name in ("payment_record", "client_secret", "amount", "automatic_payment_methods"):
        assert faults_of({key: value for key, value in intent.items() if key != name}), name
    assert faults_of({**intent, "automatic_payment_methods": {"allow_redirects": "always"}})
