"""The one account that all keys of the stand-in share."""

from stripe_standin import errors
from stripe_standin.call import Answer, Call
from stripe_standin.store import Body

ID = "acct_standin"
NOTHING: Body = {
    "alternatives": [], "current_deadline": None, "currently_due": [], "disabled_reason": None, "errors": [],
    "eventually_due": [], "past_due": [], "pending_verification": [],
}  # fmt: skip


def retrieve(call: Call) -> Answer:
    """`GET /v1/account`, and `GET /v1/accounts/{account}` with its id. Raises `Refusal` 403 for any other id."""
    asked = call.path.get("account", ID)
    if asked != ID:
        message = (
            f"The provided key '{call.caller.key[:8]}…' does not have access to account '{asked}' (or that account "
            "does not exist). Application access may have been revoked."
        )
        raise errors.Refusal(403, "invalid_request_error", message, stored=False, code="account_invalid")
    return Answer(_account(call))


def banks(call: Call) -> Answer:
    """`GET /v1/accounts/{account}/external_accounts`: where payouts go, of which there are none."""
    return Answer(retrieve(call).body["external_accounts"])


def _account(call: Call) -> Body:
    country = call.settings.country
    profile = ("annual_revenue", "estimated_worker_count", "mcc", "minority_owned_business_designation",
               "support_address", "support_email", "support_phone", "support_url", "url")  # fmt: skip
    return {
        "id": ID,
        "object": "account",
        "business_profile": {**dict.fromkeys(profile), "name": "Stand-in"},
        "business_type": None,
        "capabilities": {f"{kind}_payments": "active" for kind in call.settings.payment_methods},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": country,
        "created": 1300000000,
        "default_currency": {"US": "usd", "GB": "gbp", "CH": "chf", "PL": "pln"}.get(country, "eur"),
        "details_submitted": True,
        "email": "standin@example.org",
        "external_accounts": {"object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{ID}/external_accounts"},
        "future_requirements": NOTHING,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": NOTHING,
        "settings": _settings(),
        "tos_acceptance": {"date": 1300000000, "ip": None, "user_agent": None},
        "type": "standard",
    }  # fmt: skip


def _settings() -> Body:
    shown = "Stand-in"
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False}, "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None, "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": shown, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "offer"},
        "payments": {
            "statement_descriptor": shown.upper(), "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True, "statement_descriptor": None,
            "schedule": {"delay_days": 7, "interval": "daily"},
        },
        "sepa_debit_payments": {},
    }  # fmt: skip


def listing(_: Call) -> Answer:
    """`GET /v1/accounts`: connected accounts, of which there are none."""
    return Answer({"object": "list", "data": [], "has_more": False, "url": "/v1/accounts"})
