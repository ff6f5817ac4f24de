"""`expand[]`: ids in an answer replaced by the objects they stand for, and lists that come only when asked for."""

import copy

from stripe_standin import errors
from stripe_standin.call import Call
from stripe_standin.store import Body

EXPANDABLE = {
    "balance_transaction": ("source",),
    "charge": (
        "application", "application_fee", "balance_transaction", "customer", "failure_balance_transaction",
        "on_behalf_of", "payment_intent", "refunds", "review", "source_transfer", "transfer",
    ),
    "confirmation_token": ("payment_method_preview",),
    "customer": (
        "cash_balance", "default_source", "invoice_credit_balance", "sources", "subscriptions", "tax", "tax_ids",
        "test_clock",
    ),
    "customer_session": ("customer",),
    "dispute": ("charge", "payment_intent"),
    "payment_intent": (
        "application", "customer", "latest_charge", "on_behalf_of", "payment_method", "payment_record", "review",
        "source",
    ),
    "payment_method": ("customer",),
    "refund": (
        "balance_transaction", "charge", "failure_balance_transaction", "payment_intent",
        "source_transfer_reversal", "transfer_reversal",
    ),
}  # fmt: skip
"""What Stripe's reference marks as expandable, by object; most are null here."""
FILES = (
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
)  # fmt: skip
INSIDE = frozenset(
    [*FILES, "charge", "default_payment_method", "destination", "generated_sepa_debit", "generated_sepa_debit_mandate",
     "mandate", "rule", "setup_attempt"]
)  # fmt: skip
"""The same for the parts of objects that have no name of their own."""
PARTS_THAT_MAY_BE_NULL = ("generated_from", "transfer_data")
LISTS = {"charge": ("refunds",), "customer": ("sources", "subscriptions", "tax_ids")}
DEPTH = 4


def apply(call: Call, body: Body, paths: list[str]) -> Body:
    """Return a copy of an answer with every path in `paths` inlined. Raises `Refusal` 400 for a path it has not."""
    if not paths:
        return body
    body = copy.deepcopy(body)
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEPTH + (parts[0] == "data"):
            raise errors.invalid(
                f"You cannot expand more than {DEPTH} levels of a property. Property: {path}", "expand"
            )
        _inline(call, body, parts, path)
    return body


def _inline(call: Call, body: Body, parts: list[str], path: str) -> None:
    """Inline one path in an object, a part of one, or a list of objects."""
    name, rest = parts[0], parts[1:]
    kind = body.get("object")
    if kind in ("list", "search_result"):
        if name != "data" or (not rest and "next_page" in body):
            raise _cannot(path)
    elif name in LISTS.get(str(kind), ()):
        body.setdefault(name, _list(call, body, name))
    elif name not in (EXPANDABLE.get(kind, ()) if kind else INSIDE) and not (rest and _is_part(body, name)):
        raise _cannot(path)
    value = body.get(name)
    if isinstance(value, str):
        value = body[name] = call.store.get(value) or value
    for child in value if isinstance(value, list) else [value]:
        if rest and isinstance(child, dict):
            _inline(call, child, rest, path)


def _is_part(body: Body, name: str) -> bool:
    value = body.get(name)
    return isinstance(value, dict) if value is not None else name in PARTS_THAT_MAY_BE_NULL


def _list(call: Call, body: Body, name: str) -> Body:
    """Return the newest ten of what belongs to an object; customers have no sources, subscriptions or tax ids here."""
    data = call.store.rows("refund", "charge = ?", (body["id"],)) if name == "refunds" else []
    url = f"/v1/{'charges' if name == 'refunds' else 'customers'}/{body['id']}/{name}"
    return {"object": "list", "data": data[:10], "has_more": len(data) > 10, "url": url}


def _cannot(path: str) -> errors.Refusal:
    return errors.invalid(f"This property cannot be expanded ({path}).", "expand")
