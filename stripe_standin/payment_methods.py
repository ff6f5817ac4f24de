"""Payment methods: what a shopper pays with. A card's number stays inside and is never shown."""

import datetime as dt
import hashlib
from typing import Any

from stripe_standin import cards, errors, events, ids, lists, params, sepa
from stripe_standin.call import Answer, Call
from stripe_standin.cards import TestCard
from stripe_standin.store import Body

NO_ADDRESS: Body = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
NO_BILLING: Body = {"address": NO_ADDRESS, **dict.fromkeys(("email", "name", "phone", "tax_id"))}
BANKS: dict[str, Body] = {
    "bancontact": {},
    "eps": {"bank": None},
    "ideal": {"bank": None, "bic": None},
    "klarna": {},
    "multibanco": {},
    "p24": {"bank": None},
    "paypal": {"country": "NL", "payer_email": "shopper@example.org", "payer_id": "STANDINPAYER1"},
}


def billing_details(given: dict[str, Any] | None) -> Body:
    """Return complete billing details from what was sent."""
    given = given or {}
    address = {**NO_ADDRESS, **(given.get("address") or {})}
    return {
        **NO_BILLING,
        **{key: value for key, value in given.items() if key in NO_BILLING},
        "address": address,
    }


def card_details(card: TestCard, month: int, year: int) -> Body:
    """Return the `card` part of a payment method."""
    return {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "display_brand": card.networks[0] if card.networks else card.brand,
        "exp_month": month,
        "exp_year": year,
        "fingerprint": _print(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": list(card.networks) or [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_d_secure != "not_supported"},
        "wallet": None,
    }


def _print(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()[:16]


def _add(call: Call, kind: str, details: Body, given: dict[str, Any], inner: Body) -> Body:
    method = {
        "id": ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": given.get("allow_redisplay", "unspecified"),
        "billing_details": billing_details(given.get("billing_details")),
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": params.merge_metadata({}, given.get("metadata") or {}),
        "type": kind,
        kind: details,
    }
    return call.store.add(method, inner)


def from_test_card(call: Call, card: TestCard) -> Body:
    """Create the payment method behind a test id such as `pm_card_visa`; its card is valid for years to come."""
    year = dt.datetime.fromtimestamp(call.now, dt.UTC).year + 5
    return _add(call, "card", card_details(card, 12, year), {}, {"number": card.number, "cvc": True})


def from_account(call: Call, account: sepa.Account, given: dict[str, Any]) -> Body:
    """Create a SEPA debit payment method for a test account."""
    details = {
        "bank_code": account.iban[4:9],
        "branch_code": "",
        "country": account.iban[:2],
        "fingerprint": _print(account.iban),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": account.iban[-4:],
    }
    return _add(call, "sepa_debit", details, given, {"iban": account.iban})


def make(call: Call, data: dict[str, Any]) -> Body:
    """Create a payment method from `payment_method_data` or the body of `POST /v1/payment_methods`.

    Card numbers are taken from browsers only. Raises `Refusal` 400 or 402.
    """
    kind = data.get("type")
    if kind is None:
        raise errors.missing("type")
    if kind == "card":
        return _card(call, data)
    if kind == "sepa_debit":
        iban = (data.get("sepa_debit") or {}).get("iban")
        if iban is None:
            raise errors.missing("sepa_debit[iban]")
        return from_account(call, sepa.by_iban(iban), data)
    if kind in BANKS:
        details = {name: (data.get(kind) or {}).get(name, value) for name, value in BANKS[kind].items()}
        return _add(call, kind, details, data, {})
    raise errors.invalid(f"The payment method type {kind} is not one this stand-in knows.", "type")


def _card(call: Call, data: dict[str, Any]) -> Body:
    given = data.get("card") or {}
    if "token" in given:
        found = cards.by_pm_id("pm_card_" + str(given["token"]).removeprefix("tok_"))
        if found:
            return from_test_card(call, found)
        given = _spent(call, given["token"])
        card, details = _checked(call, given)
    else:
        card, details = typed_card(call, given)
    return _add(call, "card", details, data, {"number": card.number, "cvc": bool(given.get("cvc"))})


def _spent(call: Call, token_id: str) -> dict[str, Any]:
    """Return the card of a token, which is good for once. Raises `Refusal` 404 or 400."""
    token = call.find(token_id, "token", "card[token]")
    if token["used"]:
        message = f"You cannot use a Stripe token more than once: {token_id}."
        raise errors.invalid(message, "card[token]", "token_already_used")
    token["used"] = True
    call.store.save(token)
    card: dict[str, Any] = call.store.inner(token_id)["card"]
    return card


def typed_card(call: Call, given: dict[str, Any]) -> tuple[TestCard, Body]:
    """Return the test card behind what a shopper typed, and its details. Raises `Refusal` 400 or 402."""
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise errors.missing(f"card[{name}]")
    if not call.caller.is_browser:
        message = (
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test "
            "tokens that map to the test card you are using, see https://stripe.com/docs/testing."
        )
        raise errors.Refusal(402, "invalid_request_error", message, stored=False)
    return _checked(call, given)


def _checked(call: Call, given: dict[str, Any]) -> tuple[TestCard, Body]:
    today = dt.datetime.fromtimestamp(call.now, dt.UTC)
    month, year = given["exp_month"], given["exp_year"]
    card = cards.check(given["number"], month, year, given.get("cvc"), (today.year, today.month))
    return card, card_details(card, month, year + (2000 if year < 100 else 0))


def resolve(call: Call, method_id: str) -> Body:
    """Return the payment method with this id; a test id makes a new one. Raises `Refusal` 404."""
    card = cards.by_pm_id(method_id)
    if card:
        return from_test_card(call, card)
    account = sepa.by_pm_id(method_id)
    if account:
        return from_account(call, account, {})
    return call.find(method_id, "payment_method", "payment_method", "PaymentMethod")


def test_card(call: Call, method: Body) -> TestCard:
    """Return what is known of the card behind a payment method."""
    card = cards.by_number(call.store.inner(method["id"])["number"])
    assert card is not None, "every card payment method is made from the table"  # noqa: S101 - says so to mypy
    return card


def account(call: Call, method: Body) -> sepa.Account:
    """Return what is known of the bank account behind a payment method."""
    return sepa.by_iban(call.store.inner(method["id"])["iban"])


def attach_to(call: Call, method: Body, customer_id: str) -> None:
    """Save a payment method for a customer. Raises `Refusal` 402 for a card that cannot even be attached."""
    if method["customer"] == customer_id:
        return
    if method["customer"]:
        message = "The payment method you provided has already been attached to a customer."
        raise errors.invalid(message, "payment_method")
    if call.store.inner(method["id"]).get("detached"):
        message = (
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
        raise errors.invalid(message, "payment_method")
    if method["type"] == "card":
        card = test_card(call, method)
        if card.behaviour == "decline" and not card.attach_succeeds and card.three_d_secure == "optional":
            code = card.error_code or "card_declined"
            raise errors.card_error(card.message, code, decline_code=card.decline_code, param=card.param)
    method["customer"] = customer_id
    events.record(call, "payment_method.attached", call.store.save(method))


def detach_from(call: Call, method: Body) -> None:
    """Take a payment method from its customer; it can never be used again."""
    previous = {"customer": method["customer"]}
    method["customer"] = None
    call.store.save(method)
    call.store.set_inner(method["id"], {**call.store.inner(method["id"]), "detached": True})
    events.record(call, "payment_method.detached", method, previous)


def create(call: Call) -> Answer:
    """`POST /v1/payment_methods`."""
    return Answer(make(call, call.params))


def _load(call: Call) -> Body:
    method_id = call.path["payment_method"]
    known = cards.by_pm_id(method_id) or sepa.by_pm_id(method_id)
    if known:
        return resolve(call, method_id)
    return call.find(method_id, "payment_method", "payment_method", "PaymentMethod")


def retrieve(call: Call) -> Answer:
    """`GET /v1/payment_methods/{payment_method}`."""
    return Answer(_load(call))


def update(call: Call) -> Answer:
    """`POST /v1/payment_methods/{payment_method}`: billing details, expiry, redisplay and metadata."""
    method = _load(call)
    previous = {name: method.get(name) for name in call.params if name in method}
    if call.params.get("billing_details"):
        given = call.params["billing_details"]
        address = {**method["billing_details"]["address"], **(given.get("address") or {})}
        method["billing_details"] = {**method["billing_details"], **given, "address": address}
    if call.params.get("card") and method["type"] == "card":
        method["card"].update(
            {
                name: call.params["card"][name]
                for name in ("exp_month", "exp_year")
                if name in call.params["card"]
            }
        )
    if "allow_redisplay" in call.params:
        method["allow_redisplay"] = call.params["allow_redisplay"]
    if "metadata" in call.params:
        method["metadata"] = params.merge_metadata(method["metadata"], call.params["metadata"])
    events.record(call, "payment_method.updated", call.store.save(method), previous)
    return Answer(method)


def attach(call: Call) -> Answer:
    """`POST /v1/payment_methods/{payment_method}/attach`."""
    if not call.params.get("customer"):
        raise errors.missing("customer")
    customer = call.find(call.params["customer"], "customer", "customer")
    method = _load(call)
    attach_to(call, method, customer["id"])
    return Answer(method)


def detach(call: Call) -> Answer:
    """`POST /v1/payment_methods/{payment_method}/detach`."""
    method = _load(call)
    if not method["customer"]:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise errors.invalid(message, "payment_method")
    detach_from(call, method)
    return Answer(method)


def listing(call: Call) -> Answer:
    """`GET /v1/payment_methods`: only those of customers, as at Stripe."""
    return Answer(_page(call, "/v1/payment_methods"))


def of_customer(call: Call) -> Answer:
    """`GET /v1/customers/{customer}/payment_methods`."""
    customer = call.find(call.path["customer"], "customer", "customer")
    call.params["customer"] = customer["id"]
    return Answer(_page(call, f"/v1/customers/{customer['id']}/payment_methods"))


def one_of_customer(call: Call) -> Answer:
    """`GET /v1/customers/{customer}/payment_methods/{payment_method}`."""
    method = call.find(call.path["payment_method"], "payment_method", "payment_method", "PaymentMethod")
    if method["customer"] != call.path["customer"]:
        raise errors.no_such("PaymentMethod", method["id"], "payment_method")
    return Answer(method)


def _page(call: Call, url: str) -> Body:
    where, values = "customer IS NOT NULL", []
    if call.params.get("allow_redisplay"):
        where += " AND json_extract(body, '$.allow_redisplay') = ?"
        values.append(call.params["allow_redisplay"])
    return lists.page(call, "payment_method", url, ("customer", "type"), (where, tuple(values)))
