"""What the dashboard shows: each function returns one page's heading and body."""

from typing import Any

from stripe_standin import charges, deliveries, faults, money
from stripe_standin.call import Call
from stripe_standin.dashboard_parts import amount, code, link, mark, raw, when
from stripe_standin.markup import Markup, button, facts, table, tag
from stripe_standin.store import Body

PER_PAGE = 50
STATUSES = (
    "succeeded", "processing", "requires_action", "requires_payment_method", "requires_confirmation",
    "requires_capture", "canceled",
)  # fmt: skip


def payments(call: Call, status: str, before: int | None) -> Markup:
    """Return the list of PaymentIntents, newest first."""
    where: list[str] = ["1"]
    values: list[str | int] = []
    if status:
        where.append("json_extract(body, '$.status') = ?")
        values.append(status)
    if before:
        where.append("seq < ?")
        values.append(before)
    rows = call.store.rows(
        "payment_intent", " AND ".join(where), tuple(values), f"ORDER BY seq DESC LIMIT {PER_PAGE + 1}"
    )
    choices = [tag("a", "All", href="/", aria_current=None if status else "true")]
    choices += [
        tag(
            "a", one.replace("_", " "), href=f"/?status={one}", aria_current="true" if one == status else None
        )
        for one in STATUSES
    ]
    lines = [
        [amount(one["amount"], one["currency"]), mark(one["status"]), link(one["id"], f"/payments/{one['id']}"),
         one["description"] or ", ".join(f"{key} {value}" for key, value in one["metadata"].items()), when(one["created"])]
        for one in rows[:PER_PAGE]
    ]  # fmt: skip
    empty = "No payments yet. Make a PaymentIntent with any sk_test_… key and it appears here."
    more = None
    if len(rows) > PER_PAGE:
        last = call.store.position(rows[PER_PAGE - 1]["id"], "payment_intent")
        more = tag("p", tag("a", "Older payments", href=f"/?status={status}&before={last}"))
    heads = ["#Amount", "Status", "PaymentIntent", "About", "Created"]
    return Markup(
        tag("nav", choices, class_="choices", aria_label="Status") + table(heads, lines, empty) + (more or "")
    )


def payment(call: Call, intent: Body) -> Markup:
    """Return one PaymentIntent: what can be done with it, its charges and refunds, and its history."""
    error = intent["last_payment_error"] or {}
    told = facts([
        ("Amount", amount(intent["amount"], intent["currency"])),
        ("Received", amount(intent["amount_received"], intent["currency"]) if intent["amount_received"] else None),
        ("Customer", link(intent["customer"], f"/customers/{intent['customer']}") if intent["customer"] else None),
        ("Methods", ", ".join(intent["payment_method_types"])),
        ("Last error", f"{error.get('message')} ({error.get('decline_code') or error.get('code')})" if error else None),
        ("Metadata", ", ".join(f"{key}: {value}" for key, value in intent["metadata"].items())),
        ("Created", when(intent["created"])),
    ])  # fmt: skip
    attempts = call.store.rows("charge", "payment_intent = ?", (intent["id"],))
    return Markup(
        tag("p", mark(intent["status"]), " ", code(intent["id"]))
        + told
        + tag("div", actions(call, intent, attempts), class_="actions")
        + tag("h2", "Charges")
        + charge_table(attempts)
        + refund_table(call.store.rows("refund", "payment_intent = ?", (intent["id"],)))
        + tag("h2", "History")
        + event_table(history(call, intent, attempts), "Nothing happened yet.")
        + raw(intent)
    )


def actions(call: Call, intent: Body, attempts: list[Body]) -> list[Markup]:
    """Return the buttons that fit an intent's state."""
    url, status = f"/payments/{intent['id']}", intent["status"]
    made = []
    if status == "processing":
        made += [
            button("Let it succeed", f"{url}/settle", kind="first"),
            button("Let it fail", f"{url}/fail"),
        ]
    action = call.store.inner(intent["id"]).get("action")
    if status == "requires_action" and action:
        is_slip = action["kind"] == "slip"
        made += [
            button(
                "Pay by the slip" if is_slip else "Pass the bank's check", f"{url}/authorize", kind="first"
            ),
            button("Let it expire" if is_slip else "Fail it", f"{url}/refuse"),
        ]
    if status == "requires_capture":
        made.append(button("Capture", f"{url}/capture", kind="first"))
    if status in ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"):
        made.append(button("Cancel", f"{url}/cancel"))
    charge = next((one for one in attempts if one["paid"] and one["captured"]), None)
    if charge and not charge["disputed"]:
        left = charge["amount_captured"] - charge["amount_refunded"]
        if left:
            label = tag(
                "label", "Minor units ", tag("input", name="amount", value=left, inputmode="numeric", size=9)
            )
            made.append(button("Refund", f"{url}/refund", None, label))
        made.append(button("Dispute", f"{url}/dispute"))
    return made


def charge_table(rows: list[Body]) -> Markup:
    """Return the attempts of an intent."""
    lines = [
        [amount(one["amount"], one["currency"]), mark(one["status"]), charges.brand_name(one), code(one["id"]),
         one["failure_code"] or (f"refunded {money.shown(one['amount_refunded'], one['currency'])}" if one["amount_refunded"] else ""),
         when(one["created"])]
        for one in rows
    ]  # fmt: skip
    return table(
        ["#Amount", "Status", "Paid with", "Charge", "", "Created"], lines, "No attempt has reached the bank."
    )


def refund_table(rows: list[Body]) -> Markup:
    """Return the refunds of an intent; nothing at all if there are none."""
    if not rows:
        return Markup("")
    lines = [
        [
            amount(one["amount"], one["currency"]),
            mark(one["status"]),
            code(one["id"]),
            one["reason"] or "",
            when(one["created"]),
        ]
        for one in rows
    ]
    return Markup(
        tag("h2", "Refunds") + table(["#Amount", "Status", "Refund", "Reason", "Created"], lines, "")
    )


def history(call: Call, intent: Body, attempts: list[Body]) -> list[Body]:
    """Return the events about an intent, its charges, refunds and disputes, newest first."""
    about = [intent["id"], *(one["id"] for one in attempts)]
    marks = ",".join("?" * len(about))
    where = f"""(json_extract(body, '$.data.object.id') IN ({marks})
        OR json_extract(body, '$.data.object.payment_intent') = ?) AND created >= ?"""
    return call.store.rows(
        "event", where, (*about, intent["id"], intent["created"]), "ORDER BY seq DESC LIMIT 100"
    )


def event_table(rows: list[Body], empty: str) -> Markup:
    """Return events with their time."""
    lines = [[one["type"], link(one["id"], f"/events/{one['id']}"), when(one["created"])] for one in rows]
    return table(["Event", "", "Created"], lines, empty)


def dispute_list(call: Call) -> Markup:
    """Return the disputes, with what can be done about the open ones."""
    lines = []
    for one in call.store.rows("dispute", tail="ORDER BY seq DESC LIMIT 100"):
        url = f"/disputes/{one['id']}"
        is_open = one["status"] in (
            "needs_response",
            "warning_needs_response",
            "under_review",
            "warning_under_review",
        )
        verdicts = [button("Win", f"{url}/won"), button("Lose", f"{url}/lost")] if is_open else None
        lines.append([
            amount(one["amount"], one["currency"]), mark(one["status"]), one["reason"].replace("_", " "),
            link(one["payment_intent"], f"/payments/{one['payment_intent']}"), when(one["created"]),
            tag("div", verdicts, class_="actions"),
        ])  # fmt: skip
    empty = "No disputes. Card 4000 0000 0000 0259 is disputed a little after it paid."
    return table(["#Amount", "Status", "Reason", "PaymentIntent", "Opened", ""], lines, empty)


def customer_list(call: Call) -> Markup:
    """Return the customers."""
    rows = call.store.rows(
        "customer", "json_extract(body, '$.deleted') IS NULL", (), "ORDER BY seq DESC LIMIT 100"
    )
    lines = [
        [
            one["name"] or "",
            one["email"] or "",
            link(one["id"], f"/customers/{one['id']}"),
            when(one["created"]),
        ]
        for one in rows
    ]
    return table(["Name", "E-mail", "Customer", "Created"], lines, "No customers yet.")


def customer(call: Call, body: Body) -> Markup:
    """Return one customer with saved payment methods and payments."""
    saved = call.store.rows("payment_method", "customer = ?", (body["id"],))
    lines = [
        [charges.brand_name({"payment_method_details": one}), code(one["id"]), when(one["created"])]
        for one in saved
    ]
    paid = call.store.rows("payment_intent", "customer = ?", (body["id"],), "ORDER BY seq DESC LIMIT 50")
    payments = [
        [
            amount(one["amount"], one["currency"]),
            mark(one["status"]),
            link(one["id"], f"/payments/{one['id']}"),
            when(one["created"]),
        ]
        for one in paid
    ]
    return Markup(
        facts([("Name", body.get("name")), ("E-mail", body.get("email")), ("Id", code(body["id"]))])
        + tag("h2", "Saved payment methods")
        + table(["", "PaymentMethod", "Created"], lines, "None.")
        + tag("h2", "Payments")
        + table(["#Amount", "Status", "PaymentIntent", "Created"], payments, "None.")
        + raw(body)
    )


def event_list(call: Call) -> Markup:
    """Return the events and the tries to deliver them."""
    tries = [
        [tag("a", one["type"], href=f"/events/{one['event']}"), one["url"] or "endpoint gone", one["attempt"], _result(one),
         when(one["sent"] or one["due"])]
        for one in deliveries.listed(call, 50)
    ]  # fmt: skip
    return Markup(
        tag("h2", "Deliveries")
        + table(
            ["Event", "Endpoint", "#Try", "Answer", "Sent or due"],
            tries,
            "No deliveries: no endpoint, or no event yet.",
        )
        + tag("h2", "Events")
        + event_table(call.store.rows("event", tail="ORDER BY seq DESC LIMIT 100"), "Nothing happened yet.")
    )


def _result(tried: dict[str, Any]) -> Markup:
    if tried["sent"] is None:
        return tag("span", "waits", class_="tag warn")
    taken = tried["status"] is not None and 200 <= tried["status"] < 300
    return tag(
        "span", tried["status"] or tried["error"] or "no answer", class_=f"tag {'good' if taken else 'bad'}"
    )


def event(call: Call, body: Body) -> Markup:
    """Return one event, its deliveries and a way to send it again."""
    tries = [
        [
            one["url"] or "endpoint gone",
            one["attempt"],
            _result(one),
            one["answer"] or "",
            when(one["sent"] or one["due"]),
        ]
        for one in deliveries.listed(call, 50, body["id"])
    ]
    return Markup(
        facts(
            [("Id", code(body["id"])), ("Created", when(body["created"])), ("Request", body["request"]["id"])]
        )
        + tag("div", button("Send again", f"/events/{body['id']}/resend", kind="first"), class_="actions")
        + tag("h2", "Deliveries")
        + table(["Endpoint", "#Try", "Answer", "Body", "Sent or due"], tries, "None: no endpoint wanted it.")
        + raw(body)
    )


def webhook_list(call: Call) -> Markup:
    """Return the endpoints, and a form for one more."""
    lines = []
    for one in call.store.rows("webhook_endpoint", tail="ORDER BY seq"):
        flip = "enable" if one["status"] == "disabled" else "disable"
        both = [
            button(flip.title(), f"/webhooks/{one['id']}/{flip}"),
            button("Delete", f"/webhooks/{one['id']}/delete"),
        ]
        lines.append(
            [
                one["url"],
                ", ".join(one["enabled_events"]),
                mark(one["status"]),
                tag("div", both, class_="actions"),
            ]
        )
    fields = [
        tag(
            "label",
            "Address",
            tag(
                "input",
                name="url",
                type="url",
                required=True,
                placeholder="http://127.0.0.1:8000/webhooks/stripe/",
            ),
        ),
        tag(
            "label",
            "Secret",
            tag("input", name="secret", required=True, placeholder="whsec_…", autocomplete="off"),
        ),
    ]
    form = tag(
        "form",
        fields,
        tag("button", "Add endpoint", class_="first"),
        method="post",
        action="/webhooks",
        class_="stack",
    )
    return Markup(
        table(["Address", "Events", "Status", ""], lines, "No endpoints.")
        + tag("h2", "Add an endpoint")
        + form
    )


def fault_list(rules: list[faults.Fault]) -> Markup:
    """Return the fault rules in force, and a form for one more."""
    lines = [
        [one.action.replace("_", " "), one.method, code(one.path), one.nth, one.times or "all", one.seen, one.used,
         button("Remove", f"/faults/{one.id}/remove")]
        for one in rules
    ]  # fmt: skip
    kinds = [tag("option", action.replace("_", " "), value=action) for action in faults.ACTIONS]
    fields = [
        tag("label", "Do", tag("select", kinds, name="action")),
        tag(
            "label",
            "Method",
            tag("select", [tag("option", one) for one in ("POST", "GET", "DELETE", "*")], name="method"),
        ),
        tag("label", "Path", tag("input", name="path", required=True, value="/v1/payment_intents")),
        tag("label", "From the n-th request", tag("input", name="nth", type="number", min=1, value=1)),
        tag("label", "Times (0: always)", tag("input", name="times", type="number", min=0, value=1)),
        tag("label", "Status", tag("input", name="status", type="number", min=400, max=599, value=500)),
        tag("label", "Seconds", tag("input", name="seconds", type="number", min=0, step="0.1", value=0)),
    ]
    form = tag(
        "form",
        fields,
        tag("button", "Add rule", class_="first"),
        method="post",
        action="/faults",
        class_="stack",
    )
    heads = ["Do", "Method", "Path", "#From", "#Times", "#Seen", "#Used", ""]
    return Markup(
        table(heads, lines, "No rules: everything is answered as it should be.")
        + tag("h2", "Add a rule")
        + form
    )
