"""Refunds: of all or part of a charge; some cards make them wait, or fail days later."""

from typing import Any

from stripe_standin import balance, errors, events, ids, lists, money, params, payment_methods, timers
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body


def create(call: Call) -> Answer:
    """`POST /v1/refunds`. Raises `Refusal` 400 for what cannot be refunded."""
    charge = _charge(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    _check(charge, amount, left)
    refund = make(call, charge, amount, call.params.get("reason"), call.params.get("metadata"))
    return Answer(refund)


def _charge(call: Call) -> Body:
    """Return the charge a request means, by its own id or its intent's."""
    if call.params.get("charge"):
        return call.find(call.params["charge"], "charge", "charge")
    if not call.params.get("payment_intent"):
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise errors.invalid(message, code="parameter_missing")
    intent = call.find(call.params["payment_intent"], "payment_intent", "payment_intent")
    charge = call.store.get(intent["latest_charge"] or "", "charge")
    if charge is None or not charge["paid"]:
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise errors.Refusal(400, "invalid_request_error", message, param="payment_intent")
    return charge


def _check(charge: Body, amount: int, left: int) -> None:
    def refuse(message: str, **fields: Any) -> errors.Refusal:
        return errors.Refusal(400, "invalid_request_error", message, **fields)

    if not charge["paid"] or charge["status"] != "succeeded":
        raise refuse(f"Charge {charge['id']} was not successful and cannot be refunded.", param="charge")
    if not charge["captured"]:
        raise refuse(
            f"Charge {charge['id']} is not captured; cancel its PaymentIntent to release it.", param="charge"
        )
    if charge["disputed"]:
        raise refuse(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if left == 0:
        raise refuse(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount < 1:
        raise errors.invalid("Invalid positive integer", "amount", "parameter_invalid_integer")
    if amount > left:
        asked, rest = money.shown(amount, charge["currency"]), money.shown(left, charge["currency"])
        raise refuse(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})", param="amount"
        )


def make(call: Call, charge: Body, amount: int, reason: str | None, metadata: dict[str, str] | None) -> Body:
    """Write a refund of an amount in minor units and take it from the charge."""
    method = call.store.get(charge["payment_method"], "payment_method")
    is_card = bool(method and method["type"] == "card")
    behaviour = (
        payment_methods.test_card(call, method).behaviour
        if method and is_card
        else "refund_pending_then_succeeded"
    )
    waits = behaviour == "refund_pending_then_succeeded"
    balance.book(call, charge, announce=True)
    refund: dict[str, Any] = {
        "id": ids.new("re" if is_card else "pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": _destination(charge, is_card=is_card),
        "metadata": params.merge_metadata({}, metadata or {}),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if waits else "succeeded",
        "transfer_reversal": None,
    }
    if waits:
        refund["pending_reason"] = "processing"
    kind = "refund" if is_card else "payment_refund"
    refund["balance_transaction"] = balance.write(call, refund, kind, -amount)["id"]
    call.store.add(refund)
    events.record(call, "refund.created", refund)
    _return(call, charge, amount)
    if waits:
        timers.later(call, call.settings.result_delay, "refund_succeeds", refund["id"])
    elif behaviour == "refund_succeeded_then_failed":
        timers.later(call, call.settings.result_delay, "refund_fails", refund["id"])
    return refund


def _destination(charge: Body, *, is_card: bool) -> Body:
    if not is_card:
        return {"type": charge["payment_method_details"]["type"]}
    return {
        "card": {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
        "type": "card",
    }


def _return(call: Call, charge: Body, amount: int) -> None:
    """Add to what a charge has given back (or take from it, when a refund failed) and say so."""
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"] > 0
    call.store.save(charge)
    if amount > 0:
        events.record(call, "charge.refunded", charge, previous)


@timers.work("refund_succeeds")
def succeed(call: Call, refund_id: str, _: Body) -> None:
    """Let a pending refund arrive."""
    refund = call.store.get(refund_id, "refund")
    if refund and refund["status"] == "pending":
        refund.pop("pending_reason", None)
        _move(call, refund, "succeeded")


@timers.work("refund_fails")
def fail(call: Call, refund_id: str, _: Body) -> None:
    """Let a refund come back: the money returns to the account and the charge counts as paid again."""
    refund = call.store.get(refund_id, "refund")
    if refund is None or refund["status"] not in ("pending", "succeeded"):
        return
    refund.pop("pending_reason", None)
    refund["failure_reason"] = "expired_or_canceled_card"
    refund["failure_balance_transaction"] = balance.write(call, refund, "refund_failure", refund["amount"])[
        "id"
    ]
    _give_back(call, refund)
    _move(call, refund, "failed")
    events.record(call, "refund.failed", refund)


def _give_back(call: Call, refund: Body) -> None:
    charge = call.store.get(refund["charge"], "charge")
    if charge:
        _return(call, charge, -refund["amount"])


def _move(call: Call, refund: Body, status: str) -> None:
    previous = {"status": refund["status"]}
    refund["status"] = status
    call.store.save(refund)
    events.record(call, "refund.updated", refund, previous)
    events.record(call, "charge.refund.updated", refund, previous)


def retrieve(call: Call) -> Answer:
    """`GET /v1/refunds/{refund}`."""
    return Answer(call.find(call.path["refund"], "refund", "refund"))


def update(call: Call) -> Answer:
    """`POST /v1/refunds/{refund}`: metadata only."""
    refund = call.find(call.path["refund"], "refund", "refund")
    if "metadata" in call.params:
        previous = {"metadata": refund["metadata"]}
        refund["metadata"] = params.merge_metadata(refund["metadata"], call.params["metadata"])
        call.store.save(refund)
        events.record(call, "refund.updated", refund, previous)
    return Answer(refund)


def cancel(call: Call) -> Answer:
    """`POST /v1/refunds/{refund}/cancel`: only while it is pending."""
    refund = call.find(call.path["refund"], "refund", "refund")
    if refund["status"] != "pending":
        message = f"Refund {refund['id']} has a status of {refund['status']} and can no longer be canceled."
        raise errors.Refusal(400, "invalid_request_error", message)
    timers.forget(call, refund["id"], "refund_succeeds")
    refund.pop("pending_reason", None)
    refund["failure_balance_transaction"] = balance.write(call, refund, "refund_failure", refund["amount"])[
        "id"
    ]
    _give_back(call, refund)
    _move(call, refund, "canceled")
    return Answer(refund)


def of_charge(call: Call) -> Answer:
    """`GET /v1/charges/{charge}/refunds`: where the list of an expanded charge goes on."""
    charge = call.find(call.path["charge"], "charge", "charge")
    where = ("charge = ?", (charge["id"],))
    return Answer(lists.page(call, "refund", f"/v1/charges/{charge['id']}/refunds", (), where))


def listing(call: Call) -> Answer:
    """`GET /v1/refunds`."""
    return Answer(lists.page(call, "refund", "/v1/refunds", ("charge", "payment_intent")))
