"""`GET /v1/payment_intents/search`: Stripe's query language, turned into SQL with bound values."""

import base64
import binascii
import re
from typing import Any

from stripe_standin import errors, lists
from stripe_standin.call import Answer, Call

_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>\w+)(?:\[(?P<quote>["'])(?P<key>[^"']+)(?P=quote)\])?\s*(?P<sign>:|~|>=|<=|>|<)\s*
    (?:(?P<q>["'])(?P<text>(?:\\.|(?!(?P=q)).)*)(?P=q)|(?P<word>null|-?\d+))\s*""",
    re.VERBOSE,
)
_JOIN = re.compile(r"\s*(AND|OR)?\s*", re.IGNORECASE)
TEXTS = ("status", "currency", "customer", "id", "description")
NUMBERS = ("amount", "created")


def search(call: Call) -> Answer:
    """Return PaymentIntents that fit the query, newest first. Raises `Refusal` 400 for a query it cannot read."""
    where, values = parse(call.params["query"])
    size = lists.limit(call.params)
    if call.params.get("page"):
        where, values = f"({where}) AND seq < ?", [*values, _position(call.params["page"])]
    rows = call.store.rows(
        "payment_intent", f"({where})", tuple(values), f"ORDER BY seq DESC LIMIT {size + 1}"
    )
    more = len(rows) > size
    last = call.store.position(rows[size - 1]["id"], "payment_intent") if more else None
    return Answer(
        {
            "object": "search_result",
            "data": rows[:size],
            "has_more": more,
            "next_page": base64.urlsafe_b64encode(str(last).encode()).decode() if more else None,
            "url": "/v1/payment_intents/search",
        }
    )


def _position(page: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(page.encode()))
    except (ValueError, binascii.Error):
        raise errors.invalid("Invalid page", "page") from None


def parse(query: str) -> tuple[str, list[Any]]:
    """Return an SQL condition and its values. AND and OR may not be mixed, as at Stripe."""
    parts, values, joins, rest = [], [], set(), query.strip()
    while rest:
        found = _CLAUSE.match(rest)
        if not found:
            raise errors.invalid(f"We were unable to parse your search query near: {rest[:40]}", "query")
        condition, bound = _condition(found)
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


def _condition(found: re.Match[str]) -> tuple[str, list[Any]]:
    field, sign = found["field"], found["sign"]
    column, bound = _column(field, found["key"])
    if found["word"] == "null":
        condition = f"{column} IS NULL"
    elif field in NUMBERS:
        number = found["word"] or found["text"]
        if not re.fullmatch(r"-?\d+", number):
            raise errors.invalid(f"The value of {field} must be a number.", "query")
        condition, bound = f"{column} {'=' if sign == ':' else sign} ?", [*bound, int(number)]
    elif sign == ":":
        condition, bound = f"{column} = ? COLLATE NOCASE", [*bound, _unquoted(found)]
    elif sign == "~":
        condition, bound = f"instr(lower({column}), lower(?)) > 0", [*bound, _unquoted(found)]
    else:
        raise errors.invalid(f"The operator {sign} cannot be used with {field}.", "query")
    return (f"NOT coalesce({condition}, 0)" if found["not"] else condition), bound


def _unquoted(found: re.Match[str]) -> str:
    text = found["text"] if found["text"] is not None else found["word"]
    return re.sub(r"\\(.)", r"\1", text)


def _column(field: str, key: str | None) -> tuple[str, list[Any]]:
    if field == "metadata" and key is not None:
        escaped = key.replace('"', '\\"')
        return "json_extract(body, ?)", [f'$.metadata."{escaped}"']
    if field in (*TEXTS, *NUMBERS) and key is None:
        return f"json_extract(body, '$.{field}')", []
    raise errors.invalid(
        f"Field `{field}` is an unsupported search field for resource `payment_intents`.", "query"
    )
