"""`expand[]`: ids in an answer replaced by the objects they stand for."""

import copy

from stripe_standin import errors
from stripe_standin.call import Call
from stripe_standin.store import Body

EXPANDABLE = frozenset(
    [
        "balance_transaction",
        "charge",
        "customer",
        "failure_balance_transaction",
        "latest_charge",
        "payment_intent",
        "payment_method",
        "source",
    ]
)
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
        if body.get("object") in ("list", "search_result"):
            if parts[0] != "data" or len(parts) < 2:
                raise _cannot(path)
            for item in body["data"]:
                _inline(call, item, parts[1:], path)
        else:
            _inline(call, body, parts, path)
    return body


def _inline(call: Call, body: Body, parts: list[str], path: str) -> None:
    name, rest = parts[0], parts[1:]
    if name == "refunds" and body.get("object") == "charge":
        body[name] = _refunds(call, body)
        return
    if name not in body:
        raise _cannot(path)
    value = body[name]
    if name not in EXPANDABLE and not isinstance(value, dict | list):
        raise _cannot(path)
    if isinstance(value, str):
        value = call.store.get(value) or value
        body[name] = value
    for child in value if isinstance(value, list) else [value]:
        if rest and isinstance(child, dict):
            _inline(call, child, rest, path)


def _refunds(call: Call, charge: Body) -> Body:
    data = call.store.rows("refund", "charge = ?", (charge["id"],))
    return {
        "object": "list",
        "data": data[:10],
        "has_more": len(data) > 10,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }


def _cannot(path: str) -> errors.Refusal:
    return errors.invalid(f"This property cannot be expanded ({path}).", "expand")
