"""Disputes: what a shopper's bank takes back, and how it ends."""

from typing import Any

from stripe_standin import balance, errors, events, ids, lists, params, timers
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

FEE = 2000
DAYS_TO_ANSWER = 7
EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
)
ANSWERABLE = ("needs_response", "warning_needs_response", "under_review", "warning_under_review")
VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "escalated"}


@timers.work("dispute_opens")
def open_later(call: Call, charge_id: str, data: dict[str, Any]) -> None:
    """Dispute a charge some time after it was paid."""
    charge = call.store.get(charge_id, "charge")
    if charge:
        begin(call, charge, data["reason"], data["status"])


@timers.work("fraud_warning")
def warn_later(call: Call, charge_id: str, _: dict[str, Any]) -> None:
    """Report a charge as suspected fraud, as card networks do before a dispute."""
    charge = call.store.get(charge_id, "charge")
    if charge:
        warning = {
            "id": ids.new("issfr"), "object": "radar.early_fraud_warning", "actionable": True, "charge": charge["id"],
            "created": call.now, "fraud_type": "misc", "livemode": False, "payment_intent": charge["payment_intent"],
        }  # fmt: skip
        events.record(call, "radar.early_fraud_warning.created", call.store.add(warning))


def begin(call: Call, charge: Body, reason: str, status: str) -> Body:
    """Open a dispute or (status `warning_needs_response`) an inquiry about a charge."""
    method = charge["payment_method_details"]
    dispute: dict[str, Any] = {
        "id": ids.new("du"),
        "object": "dispute",
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": call.now + DAYS_TO_ANSWER * balance.DAY, "enhanced_eligibility": {}, "has_evidence": False,
            "past_due": False, "submission_count": 0, "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": status == "warning_needs_response",
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": status,
    }  # fmt: skip
    if method["type"] == "card":
        card = {
            "brand": method["card"]["brand"], "case_type": "chargeback", "network": method["card"]["network"],
            "network_reason_code": "10.4",
        }  # fmt: skip
        if status.startswith("warning"):
            card["case_type"] = "inquiry"
        dispute["payment_method_details"] = {"card": card, "type": "card"}
    call.store.add(dispute)
    charge["disputed"] = True
    call.store.save(charge)
    if not status.startswith("warning"):
        _withdraw(call, dispute)
    events.record(call, "charge.dispute.created", dispute)
    if not status.startswith("warning"):
        events.record(call, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _withdraw(call: Call, dispute: Body) -> None:
    taken = balance.write(
        call, {**dispute, "description": "Chargeback withdrawal"}, "adjustment", -dispute["amount"], FEE
    )
    dispute["balance_transactions"].append(taken)
    dispute["is_charge_refundable"] = False
    call.store.save(dispute)


def load(call: Call) -> Body:
    """Return the dispute named in the path."""
    return call.find(call.path["dispute"], "dispute", "dispute")


def update(call: Call) -> Answer:
    """`POST /v1/disputes/{dispute}`: add evidence and, unless `submit=false`, send it."""
    dispute = load(call)
    given = call.params
    if "metadata" in given:
        dispute["metadata"] = params.merge_metadata(dispute["metadata"], given["metadata"])
    if given.get("intended_submission_method"):
        dispute["intended_submission_method"] = given["intended_submission_method"]
    evidence = given.get("evidence")
    if evidence is not None:
        if dispute["status"] not in ANSWERABLE:
            message = (
                f"This dispute is already closed (status: {dispute['status']}) and takes no more evidence."
            )
            raise errors.Refusal(400, "invalid_request_error", message)
        dispute["evidence"].update(evidence)
        dispute["evidence_details"]["has_evidence"] = True
    if (evidence is not None or "submit" in given) and given.get("submit", True):
        _submit(call, dispute)
    call.store.save(dispute)
    events.record(call, "charge.dispute.updated", dispute, {})
    return Answer(dispute)


def _submit(call: Call, dispute: Body) -> None:
    """Send the evidence; magic words in it decide how the dispute ends a little later."""
    details = dispute["evidence_details"]
    details["submission_count"] += 1
    details["submission_method"] = "manual"
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_under_review" if inquiry else "under_review"
    verdict = VERDICTS.get(dispute["evidence"]["uncategorized_text"] or "")
    if verdict:
        timers.later(call, call.settings.result_delay, "dispute_ends", dispute["id"], verdict=verdict)


@timers.work("dispute_ends")
def end_later(call: Call, dispute_id: str, data: dict[str, Any]) -> None:
    """Let the bank decide on a dispute."""
    dispute = call.store.get(dispute_id, "dispute")
    if dispute and dispute["status"] in ANSWERABLE:
        end(call, dispute, data["verdict"])


def end(call: Call, dispute: Body, verdict: str) -> None:
    """End a dispute: `won`, `lost`, or `escalated` for an inquiry that becomes a dispute."""
    inquiry = dispute["status"].startswith("warning")
    if verdict == "escalated" and inquiry:
        dispute["status"] = "needs_response"
        _withdraw(call, dispute)
        events.record(call, "charge.dispute.updated", dispute, {"status": "warning_under_review"})
        events.record(call, "charge.dispute.funds_withdrawn", dispute)
        return
    dispute["status"] = "warning_closed" if inquiry else "won" if verdict == "won" else "lost"
    if dispute["status"] == "won":
        given = balance.write(
            call, {**dispute, "description": "Chargeback reversal"}, "adjustment", dispute["amount"], -FEE
        )  # fmt: skip
        dispute["balance_transactions"].append(given)
    if dispute["status"] != "lost":
        charge = call.find(dispute["charge"], "charge", "charge")
        charge["disputed"] = dispute["status"] == "won"
        call.store.save(charge)
    call.store.save(dispute)
    events.record(call, "charge.dispute.closed", dispute)
    if dispute["status"] == "won":
        events.record(call, "charge.dispute.funds_reinstated", dispute)


def close(call: Call) -> Answer:
    """`POST /v1/disputes/{dispute}/close`: accept the loss."""
    dispute = load(call)
    if dispute["status"] not in ANSWERABLE:
        message = f"This dispute is already closed (status: {dispute['status']})."
        raise errors.Refusal(400, "invalid_request_error", message)
    timers.forget(call, dispute["id"], "dispute_ends")
    end(call, dispute, "lost")
    return Answer(dispute)


def retrieve(call: Call) -> Answer:
    """`GET /v1/disputes/{dispute}`."""
    return Answer(load(call))


def listing(call: Call) -> Answer:
    """`GET /v1/disputes`."""
    return Answer(lists.page(call, "dispute", "/v1/disputes", ("charge", "payment_intent")))
