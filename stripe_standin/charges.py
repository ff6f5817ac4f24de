"""Charges: one for each attempt that reached the card network, whatever came of it."""

from typing import Any

from stripe_standin import cards, events, ids, lists, params
from stripe_standin.call import Answer, Call
from stripe_standin.cards import TestCard
from stripe_standin.store import Body

# To whom a Multibanco slip is paid.
SLIP_ENTITY = "11249"
SELLER_MESSAGES = {
    "authorized": "Payment complete.",
    "manual_review": "Stripe evaluated this payment as having elevated risk, and placed it in your manual review queue.",
    "blocked": "Stripe blocked this payment as too risky.",
    "issuer_declined": "The bank did not return any further details with this decline.",
}


def outcome(card: TestCard, *, declined: bool) -> Body:
    """Return the `outcome` of a card charge: for the seller's eyes, not the shopper's."""
    kind = card.outcome_type
    if declined and kind == "authorized":
        kind = "issuer_declined"
    network = {"blocked": "not_sent_to_network", "issuer_declined": "declined_by_network"}
    reason = card.decline_code or card.error_code if declined else None
    if card.risk_level != "normal":
        reason = f"{card.risk_level}_risk_level"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network.get(kind, "approved_by_network"),
        "reason": reason,
        "risk_level": card.risk_level,
        "risk_score": {"normal": 12, "elevated": 71, "highest": 93}[card.risk_level],
        "seller_message": SELLER_MESSAGES[kind],
        "type": kind,
    }


def _checks(card: TestCard, method: Body, *, cvc_sent: bool) -> Body:
    address = method["billing_details"]["address"]

    def verdict(name: str, *, given: bool) -> str | None:
        if not given:
            return None
        if card.check == "unavailable":
            return "unavailable"
        return "fail" if name in card.check.split(",") else "pass"

    cvc = verdict("cvc_check", given=cvc_sent)
    return {
        "address_line1_check": verdict("address_line1_check", given=bool(address["line1"])),
        "address_postal_code_check": verdict("address_postal_code_check", given=bool(address["postal_code"])),
        "cvc_check": "fail" if card.error_code == "incorrect_cvc" and cvc else cvc,
    }


def _card_details(
    call: Call, intent: Body, method: Body, card: TestCard, three_d_secure: Body | None
) -> Body:
    shown = method["card"]
    cvc_sent = bool(call.store.inner(method["id"]).get("cvc"))
    return {
        "amount_authorized": None if card.declines else intent["amount"],
        "authorization_code": None if card.declines else "123456",
        "brand": shown["brand"],
        "checks": _checks(card, method, cvc_sent=cvc_sent),
        "country": shown["country"],
        "electronic_commerce_indicator": "05" if three_d_secure else None,
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": shown["fingerprint"],
        "funding": shown["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": shown["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": shown["networks"]["preferred"] or shown["networks"]["available"][-1],
        "network_token": {"used": False},
        "network_transaction_id": ids.word(15).upper(),
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure,
        "transaction_link_id": None,
        "wallet": None,
    }


def three_d_secure(flow: str) -> Body:
    """Return the record of a passed authentication; `flow` is `challenge` or `frictionless`."""
    return {
        "authentication_flow": flow,
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": ids.word(24),
        "version": "2.2.0",
    }


def make(call: Call, intent: Body, method: Body, details: Body, **changes: Any) -> Body:
    """Write a charge of an intent's amount; `changes` are fields that differ from a paid, captured one."""
    charge = {
        "id": ids.new("ch" if method["type"] == "card" else "py"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "TEST STAND-IN",
        "captured": True,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {method["type"]: details, "type": method["type"]},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
        **changes,
    }
    return call.store.add(charge)


def for_card(call: Call, intent: Body, method: Body, card: TestCard, secure: Body | None) -> Body:
    """Write the charge of one card attempt: paid, held (manual capture) or refused, as the card says."""
    details = _card_details(call, intent, method, card, secure)
    changes: Body = {"outcome": outcome(card, declined=card.declines)}
    if card.declines:
        changes |= {
            "amount_captured": 0,
            "captured": False,
            "failure_code": card.error_code,
            "failure_message": card.message,
            "paid": False,
            "status": "failed",
        }
    elif intent["capture_method"] == "manual":
        changes |= {"amount_captured": 0, "captured": False}
    return make(call, intent, method, details, **changes)


def for_bank(call: Call, intent: Body, method: Body, *, pending: bool) -> Body:
    """Write the charge of a bank payment: paid, or pending until the bank's answer comes."""
    changes: Body = {"outcome": outcome(cards.NO_CARD, declined=False)}
    if pending:
        changes |= {"amount_captured": 0, "captured": False, "paid": False, "status": "pending"}
        changes["outcome"]["network_status"] = "not_sent_to_network"
    return make(call, intent, method, _bank_details(method), **changes)


def _bank_details(method: Body) -> Body:
    kind = method["type"]
    given = method[kind]
    generated = {"generated_sepa_debit": None, "generated_sepa_debit_mandate": None, "iban_last4": "0042"}
    name = method["billing_details"]["name"] or "Jenny Rosen"
    details: dict[str, Body] = {
        "bancontact": {
            "bank_code": "VAPE", "bank_name": "VAN DE PUT & CO", "bic": "VAPEBE22", **generated,
            "preferred_language": "en", "verified_name": name,
        },
        "eps": {"bank": given.get("bank"), "verified_name": name},
        "ideal": {"bank": given.get("bank"), "bic": given.get("bic"), **generated, "transaction_id": ids.word(16),
                  "verified_name": name},
        "klarna": {"payer_details": None, "payment_method_category": "pay_later", "preferred_locale": None},
        "multibanco": {"entity": SLIP_ENTITY, "reference": ids.word(9)},
        "p24": {"bank": given.get("bank"), "reference": ids.word(8), "verified_name": name},
        "paypal": {**given, "payer_name": name, "seller_protection": None, "transaction_id": ids.word(16)},
        "sepa_debit": {
            **{key: given.get(key) for key in ("bank_code", "branch_code", "country", "fingerprint", "last4")},
            "mandate": f"mandate_{ids.word(24)}",
        },
    }  # fmt: skip
    return details[kind]


def brand_name(charge: Body) -> str:
    """Return what was paid with, for people: `Visa •••• 4242` or `SEPA debit`."""
    kind = charge["payment_method_details"]["type"]
    details = charge["payment_method_details"][kind]
    if kind == "card":
        return f"{cards.BRAND_NAMES.get(details['brand'], 'Card')} •••• {details['last4']}"
    return str(kind).replace("_", " ")


def retrieve(call: Call) -> Answer:
    """`GET /v1/charges/{charge}`."""
    return Answer(call.find(call.path["charge"], "charge", "id"))


def update(call: Call) -> Answer:
    """`POST /v1/charges/{charge}`."""
    charge = call.find(call.path["charge"], "charge", "id")
    previous = {name: charge.get(name) for name in call.params if name in charge}
    for name in ("description", "receipt_email", "shipping", "transfer_group", "customer"):
        if name in call.params:
            charge[name] = call.params[name]
    if call.params.get("fraud_details"):
        charge["fraud_details"] = call.params["fraud_details"]
    if "metadata" in call.params:
        charge["metadata"] = params.merge_metadata(charge["metadata"], call.params["metadata"])
    events.record(call, "charge.updated", call.store.save(charge), previous)
    return Answer(charge)


def listing(call: Call) -> Answer:
    """`GET /v1/charges`."""
    where = None
    if call.params.get("transfer_group"):
        where = ("json_extract(body, '$.transfer_group') = ?", (call.params["transfer_group"],))
    return Answer(lists.page(call, "charge", "/v1/charges", ("customer", "payment_intent"), where))
