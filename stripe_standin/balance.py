"""Balance transactions: what a charge, refund or dispute does to the account's money, fee included."""

from stripe_standin import events, ids, lists, payment_methods, timers
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

DAY = 24 * 60 * 60
CATEGORIES = {
    "charge": "charge", "payment": "charge", "refund": "refund", "payment_refund": "refund", "adjustment": "dispute",
    "refund_failure": "refund_failure", "payment_failure_refund": "charge_failure",
}  # fmt: skip


def fee(amount: int) -> int:
    """Return the fee on a charge in minor units: 1.5 % and 25, rounded up."""
    return -(-amount * 15 // 1000) + 25


def write(call: Call, source: Body, kind: str, amount: int, fee: int = 0, *, at_once: bool = False) -> Body:
    """Write a balance transaction; `amount` and `fee` are minor units, money that leaves is negative."""
    details = [
        {"amount": fee, "application": None, "currency": source["currency"], "description": "Stripe processing fees",
         "type": "stripe_fee"}
    ]  # fmt: skip
    return call.store.add(
        {
            "id": ids.new("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": call.now if at_once else call.now + 7 * DAY,
            "balance_type": "payments",
            "created": call.now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": CATEGORIES[kind],
            "source": source["id"],
            "status": "available" if at_once else "pending",
            "type": kind,
        }
    )


def book(call: Call, charge: Body, *, announce: bool) -> None:
    """Give a paid charge its balance transaction; `announce` tells it with `charge.updated`."""
    if charge["balance_transaction"] or not (charge["paid"] and charge["captured"]):
        return
    kind = "charge" if charge["id"].startswith("ch_") else "payment"
    method = call.store.get(charge["payment_method"], "payment_method")
    at_once = bool(kind == "charge" and method and payment_methods.test_card(call, method).bypass_pending)
    amount = charge["amount_captured"]
    charge["balance_transaction"] = write(call, charge, kind, amount, fee(amount), at_once=at_once)["id"]
    call.store.save(charge)
    if announce:
        events.record(call, "charge.updated", charge, {"balance_transaction": None})


@timers.work("book")
def book_later(call: Call, charge_id: str, _: Body) -> None:
    """Book a charge some time after it was paid, as `automatic_async` does."""
    charge = call.store.get(charge_id, "charge")
    if charge:
        book(call, charge, announce=True)


def shown(call: Call, body: Body) -> Body:
    """Return a balance transaction whose status tells whether its money is available by now."""
    if body["available_on"] <= call.now:
        body["status"] = "available"
    return body


def retrieve(call: Call) -> Answer:
    """`GET /v1/balance_transactions/{id}`."""
    return Answer(shown(call, call.find(call.path["id"], "balance_transaction", "id", "balance transaction")))


def listing(call: Call) -> Answer:
    """`GET /v1/balance_transactions`. There are no payouts, so a payout's list is empty."""
    extra, values = [], []
    if call.params.get("currency"):
        extra.append("json_extract(body, '$.currency') = ?")
        values.append(call.params["currency"])
    if call.params.get("payout"):
        extra.append("0")
    condition = (" AND ".join(extra), tuple(values)) if extra else None
    page = lists.page(call, "balance_transaction", "/v1/balance_transactions", ("source", "type"), condition)
    page["data"] = [shown(call, item) for item in page["data"]]
    return Answer(page)
