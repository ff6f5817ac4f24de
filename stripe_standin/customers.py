"""Customers, and the sessions that let a signed-in one see saved cards."""

from collections.abc import Callable
from typing import Any

from stripe_standin import errors, events, ids, lists, params, payment_methods
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

FIELDS = (
    "address", "business_name", "description", "email", "individual_name", "name", "phone", "preferred_locales",
    "shipping", "tax_exempt",
)  # fmt: skip
SESSION_SECONDS = 30 * 60
ABSENT = {"enabled": False}
FEATURES: Body = {
    "payment_method_allow_redisplay_filters": ["always"],
    "payment_method_redisplay": "disabled",
    "payment_method_redisplay_limit": 3,
    "payment_method_remove": "disabled",
    "payment_method_save": "disabled",
    "payment_method_save_usage": None,
}


def create(call: Call) -> Answer:
    """`POST /v1/customers`. An e-mail address may occur more than once."""
    customer: dict[str, Any] = {
        "id": ids.new("cus")[:18],
        "object": "customer",
        "address": None,
        "balance": call.params.get("balance", 0),
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": ids.word(8).upper(),
        "invoice_settings": {
            "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }  # fmt: skip
    _apply(customer, call.params)
    call.store.add(customer)
    events.record(call, "customer.created", customer)
    if call.params.get("payment_method"):
        method = payment_methods.resolve(call, call.params["payment_method"])
        payment_methods.attach_to(call, method, customer["id"])
    return Answer(customer)


def _apply(customer: Body, given: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in given:
            customer[name] = given[name]
    for name in ("address", "shipping"):
        if customer.get(name):
            place = customer[name] if name == "address" else customer[name]["address"]
            complete = {**payment_methods.NO_ADDRESS, **place}
            customer[name] = (
                complete if name == "address" else {"phone": None, **customer[name], "address": complete}
            )
    if "metadata" in given:
        customer["metadata"] = params.merge_metadata(customer["metadata"], given["metadata"])
    if given.get("invoice_settings"):
        customer["invoice_settings"].update(given["invoice_settings"])


def retrieve(call: Call) -> Answer:
    """`GET /v1/customers/{customer}`; a deleted one is shown as `deleted`."""
    customer = call.store.get(call.path["customer"], "customer")
    if customer is None:
        raise errors.no_such("customer", call.path["customer"], "id")
    return Answer(customer)


def update(call: Call) -> Answer:
    """`POST /v1/customers/{customer}`."""
    customer = call.find(call.path["customer"], "customer", "id")
    previous = {name: customer.get(name) for name in call.params if name in customer}
    _apply(customer, call.params)
    call.store.save(customer)
    events.record(call, "customer.updated", customer, previous)
    return Answer(customer)


def delete(call: Call) -> Answer:
    """`DELETE /v1/customers/{customer}`: saved payment methods are detached."""
    customer = call.find(call.path["customer"], "customer", "id")
    for method in call.store.rows("payment_method", "customer = ?", (customer["id"],)):
        payment_methods.detach_from(call, method)
    events.record(call, "customer.deleted", customer)
    gone = {"id": customer["id"], "object": "customer", "deleted": True}
    call.store.save(gone)
    return Answer(gone)


def listing(call: Call) -> Answer:
    """`GET /v1/customers`; deleted ones are not listed."""
    where, values = "json_extract(body, '$.deleted') IS NULL", []
    if call.params.get("email"):
        where += " AND json_extract(body, '$.email') = ?"
        values.append(call.params["email"])
    return Answer(lists.page(call, "customer", "/v1/customers", (), (where, tuple(values))))


def none(name: str) -> Callable[[Call], Answer]:
    """Return the verb that lists what customers have at Stripe and not here, such as sources."""

    def verb(call: Call) -> Answer:
        customer = call.find(call.path["customer"], "customer", "customer")
        url = f"/v1/customers/{customer['id']}/{name}"
        return Answer({"object": "list", "data": [], "has_more": False, "url": url})

    return verb


def create_session(call: Call) -> Answer:
    """`POST /v1/customer_sessions`: a secret with which the Payment Element may show saved cards."""
    if not call.params.get("customer"):
        raise errors.missing("customer")
    customer = call.find(call.params["customer"], "customer", "customer")
    asked = call.params["components"].get("payment_element")
    element: Body = {"enabled": False, "features": None}
    if asked and asked.get("enabled"):
        element = {"enabled": True, "features": {**FEATURES, **(asked.get("features") or {})}}
    session = {
        "id": ids.new("cuss"),
        "object": "customer_session",
        "client_secret": f"cuss_secret_{ids.word(40)}",
        "components": {
            "active_entitlements": ABSENT, "buy_button": ABSENT, "customer_portal": ABSENT,
            "customer_sheet": {"enabled": False, "features": None},
            "mobile_payment_element": {"enabled": False, "features": None},
            "payment_element": element, "pricing_table": ABSENT,
        },
        "created": call.now,
        "customer": customer["id"],
        "customer_account": None,
        "expires_at": call.now + SESSION_SECONDS,
        "livemode": False,
    }  # fmt: skip
    call.store.add(session)
    return Answer({key: value for key, value in session.items() if key != "id"})


def session_by_secret(call: Call, secret: str) -> Body:
    """Return a session by its secret. Raises `Refusal` 400 when it is unknown or over."""
    found = call.store.rows("customer_session", "json_extract(body, '$.client_secret') = ?", (secret,))
    if not found or found[0]["expires_at"] < call.now:
        raise errors.invalid(
            "The customer session is unknown or has expired.", "customer_session_client_secret"
        )
    return found[0]
