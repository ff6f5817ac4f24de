"""`GET …/search`: Stripe's query language, turned into SQL with bound values."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from stripe_standin import errors, lists
from stripe_standin.call import Answer, Call

_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[\w.]+)(?:\[(?P<quote>["'])(?P<key>[^"']+)(?P=quote)\])?\s*(?P<sign>:|~|>=|<=|>|<)\s*
    (?:(?P<q>["'])(?P<text>(?:\\.|(?!(?P=q)).)*)(?P=q)|(?P<word>null|true|false|-?\d+))\s*""",
    re.VERBOSE,
)
_JOIN = re.compile(r"\s*(AND|OR)?\s*", re.IGNORECASE)
CARD = "payment_method_details.card."


@dataclass(frozen=True, slots=True)
class Fields:
    """What may be asked of one kind of object: its table, and its fields by what their values are."""

    kind: str
    place: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...] = ("created",)
    flags: tuple[str, ...] = ()


INTENTS = Fields(
    "payment_intent", "payment_intents", ("status", "currency", "customer", "id", "description"), ("amount", "created")
)  # fmt: skip
CUSTOMERS = Fields("customer", "customers", ("email", "name", "phone"))
CHARGES = Fields(
    "charge", "charges",
    ("status", "currency", "customer", "billing_details.address.postal_code", f"{CARD}brand", f"{CARD}fingerprint",
     f"{CARD}last4"),
    ("amount", "created", f"{CARD}exp_month", f"{CARD}exp_year"),
    ("disputed", "refunded"),
)  # fmt: skip


def intents(call: Call) -> Answer:
    """`GET /v1/payment_intents/search`."""
    return _search(call, INTENTS)


def customers(call: Call) -> Answer:
    """`GET /v1/customers/search`; deleted ones are not found."""
    return _search(call, CUSTOMERS, "json_extract(body, '$.deleted') IS NULL")


def charges(call: Call) -> Answer:
    """`GET /v1/charges/search`."""
    return _search(call, CHARGES)


def _search(call: Call, fields: Fields, always: str = "1") -> Answer:
    """Return objects that fit the query, newest first. Raises `Refusal` 400 for a query it cannot read."""
    where, values = parse(call.params["query"], fields)
    size = lists.limit(call.params)
    where = f"{always} AND ({where})"
    if call.params.get("page"):
        where, values = f"{where} AND seq < ?", [*values, _position(call.params["page"])]
    rows = call.store.rows(fields.kind, where, tuple(values), f"ORDER BY seq DESC LIMIT {size + 1}")
    more = len(rows) > size
    last = call.store.position(rows[size - 1]["id"], fields.kind) if more else None
    return Answer(
        {
            "object": "search_result",
            "data": rows[:size],
            "has_more": more,
            "next_page": base64.urlsafe_b64encode(str(last).encode()).decode() if more else None,
            "url": f"/v1/{fields.place}/search",
        }
    )


def _position(page: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(page.encode()))
    except (ValueError, binascii.Error):
        raise errors.invalid("Invalid page", "page") from None


def parse(query: str, fields: Fields) -> tuple[str, list[Any]]:
    """Return an SQL condition and its values. AND and OR may not be mixed, as at Stripe."""
    parts, values, joins, rest = [], [], set(), query.strip()
    while rest:
        found = _CLAUSE.match(rest)
        if not found:
            raise errors.invalid(f"We were unable to parse your search query near: {rest[:40]}", "query")
        condition, bound = _condition(found, fields)
        parts.append(condition)
        values.extend(bound)
        rest = rest[found.end() :]
        join = _JOIN.match(rest)
        if rest and join:
            joins.add((join[1] or "AND").upper())
            rest = rest[join.end() :]
    if not parts or len(joins) > 1:
        raise errors.invalid("A search query needs a clause and may not mix AND and OR.", "query")
    return f" {joins.pop() if joins else 'AND'} ".join(parts), values


def _condition(found: re.Match[str], fields: Fields) -> tuple[str, list[Any]]:
    field, sign = found["field"], found["sign"]
    column, bound = _column(field, found["key"], fields)
    text = _unquoted(found)
    if found["word"] == "null":
        condition = f"{column} IS NULL"
    elif field in fields.numbers and sign != "~":
        if not re.fullmatch(r"-?\d+", text):
            raise errors.invalid(f"The value of {field} must be a number.", "query")
        condition, bound = f"{column} {'=' if sign == ':' else sign} ?", [*bound, int(text)]
    elif sign == ":":
        condition, bound = f"{column} = ? COLLATE NOCASE", [*bound, text]
    elif sign == "~" and field not in (*fields.numbers, *fields.flags):
        condition, bound = f"instr(lower({column}), lower(?)) > 0", [*bound, text]
    else:
        raise errors.invalid(f"The operator {sign} cannot be used with {field}.", "query")
    return (f"NOT coalesce({condition}, 0)" if found["not"] else condition), bound


def _unquoted(found: re.Match[str]) -> str:
    text = found["text"] if found["text"] is not None else found["word"]
    return re.sub(r"\\(.)", r"\1", text)


def _column(field: str, key: str | None, fields: Fields) -> tuple[str, list[Any]]:
    if field == "metadata" and key is not None:
        escaped = key.replace('"', '\\"')
        return "json_extract(body, ?)", [f'$.metadata."{escaped}"']
    if key is None and field in (*fields.texts, *fields.numbers):
        return f"json_extract(body, '$.{field}')", []
    if key is None and field in fields.flags:
        return f"(CASE json_extract(body, '$.{field}') WHEN 1 THEN 'true' ELSE 'false' END)", []
    raise errors.invalid(
        f"Field `{field}` is an unsupported search field for resource `{fields.place}`.", "query"
    )
