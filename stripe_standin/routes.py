"""The table of `/v1`: which verb answers which method and path, and what browsers may ask."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripe_standin import (
    accounts,
    balance,
    capturing,
    charges,
    confirmation_tokens,
    customers,
    disputes,
    elements,
    events,
    payment_intents,
    payment_methods,
    refunds,
    search,
    tokens,
    webhook_endpoints,
)
from stripe_standin.call import Answer, Call

Verb = Callable[[Call], Answer]
ADDRESS = dict.fromkeys(("city?", "country?", "line1?", "line2?", "postal_code?", "state?"), "string")
BILLING = {"address": ADDRESS, **dict.fromkeys(("email?", "name?", "phone?", "tax_id?"), "string")}
CARD = {"number": "string", "exp_month": "integer", "exp_year": "integer", "cvc": "string"}
TOKEN_CARD = CARD | dict.fromkeys(
    ("address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip", "currency",
     "name"), "string",
)  # fmt: skip
METHOD_DATA = {
    "type!": "string", "card": CARD | {"token": "string"}, "billing_details": BILLING, "sepa_debit": {"iban!": "string"},
    "allow_redisplay": "=always|limited|unspecified", "ideal": {"bank": "string"}, "eps": {"bank": "string"},
    "p24": {"bank": "string"}, "bancontact": {}, "klarna": {}, "multibanco": {}, "paypal": {},
}  # fmt: skip
SHIPPING = {
    "address!": ADDRESS,
    "name!": "string",
    "phone?": "string",
    "carrier": "string",
    "tracking_number": "string",
}
CONFIRM = {
    "client_secret": "string", "use_stripe_sdk": "boolean", "mandate_data": "any", "payment_method_data": METHOD_DATA,
}  # fmt: skip
SESSION = {
    "client_secret": "string",
    "locale": "string",
    "customer_session_client_secret": "string",
    "deferred": "any",
}
TOKEN = {
    "payment_method_data": METHOD_DATA, "payment_method": "string", "return_url": "string", "shipping": SHIPPING,
    "setup_future_usage": "=off_session|on_session", "customer_session_client_secret": "string",
}  # fmt: skip
EXPAND = {"expand": ["string"]}
SEARCH = {**EXPAND, "limit": "integer", "page": "string", "query!": "string"}
CAPTURE = {
    **EXPAND, "amount": "integer", "application_fee": "integer", "application_fee_amount": "integer",
    "receipt_email": "string", "statement_descriptor": "string", "statement_descriptor_suffix": "string",
    "transfer_data": {"amount": "integer"}, "transfer_group": "string",
}  # fmt: skip
PAGE = {**EXPAND, "ending_before": "string", "limit": "integer", "starting_after": "string"}
DETACH = {"customer_session_client_secret!": "string"}


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: its method and path as in the contract, its verb, and whether browsers may call it."""

    method: str
    path: str
    verb: Verb
    for_browsers: bool = False
    browser_fields: dict[str, Any] | None = None
    fields: dict[str, Any] | None = None
    """The parameters of an operation that the contract lacks, in `derive`'s compact types."""

    @property
    def operation(self) -> str:
        """The operation's name in the table of parameters."""
        return f"{self.method} {self.path}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression with named parts."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


def _browsers(method: str, path: str, verb: Verb, fields: dict[str, Any] | None = None) -> Route:
    return Route(method, path, verb, for_browsers=True, browser_fields=fields)


def _intents() -> list[Route]:
    base, one = "/v1/payment_intents", "/v1/payment_intents/{intent}"
    return [
        Route("POST", base, payment_intents.create),
        Route("GET", base, payment_intents.listing),
        Route("GET", base + "/search", search.intents),
        _browsers("GET", one, payment_intents.retrieve),
        Route("POST", one, payment_intents.update),
        _browsers("POST", one + "/confirm", payment_intents.confirm, CONFIRM),
        Route("POST", one + "/cancel", payment_intents.cancel),
        Route("POST", one + "/capture", capturing.capture),
    ]


def _money() -> list[Route]:
    refund, dispute = "/v1/refunds/{refund}", "/v1/disputes/{dispute}"
    return [
        Route("GET", "/v1/charges", charges.listing),
        Route("GET", "/v1/charges/search", search.charges, fields=SEARCH),
        Route("GET", "/v1/charges/{charge}", charges.retrieve),
        Route("POST", "/v1/charges/{charge}", charges.update),
        Route("GET", "/v1/charges/{charge}/refunds", refunds.of_charge, fields=PAGE),
        Route("POST", "/v1/charges/{charge}/capture", capturing.capture_charge, fields=CAPTURE),
        Route("POST", "/v1/refunds", refunds.create),
        Route("GET", "/v1/refunds", refunds.listing),
        Route("GET", refund, refunds.retrieve),
        Route("POST", refund, refunds.update),
        Route("POST", refund + "/cancel", refunds.cancel),
        Route("GET", "/v1/disputes", disputes.listing),
        Route("GET", dispute, disputes.retrieve),
        Route("POST", dispute, disputes.update),
        Route("POST", dispute + "/close", disputes.close),
        Route("GET", "/v1/balance_transactions", balance.listing),
        Route("GET", "/v1/balance_transactions/{id}", balance.retrieve),
    ]


def _people() -> list[Route]:
    customer, method = "/v1/customers/{customer}", "/v1/payment_methods/{payment_method}"
    return [
        Route("POST", "/v1/customers", customers.create),
        Route("GET", "/v1/customers", customers.listing),
        Route("GET", "/v1/customers/search", search.customers, fields=SEARCH),
        Route("GET", customer, customers.retrieve),
        Route("POST", customer, customers.update),
        Route("DELETE", customer, customers.delete),
        Route("GET", customer + "/payment_methods", payment_methods.of_customer),
        Route("GET", customer + "/sources", customers.none("sources"), fields={**PAGE, "object": "string"}),
        Route(
            "GET",
            customer + "/subscriptions",
            customers.none("subscriptions"),
            fields={**PAGE, "status": "string"},
        ),
        Route("GET", customer + "/tax_ids", customers.none("tax_ids"), fields=PAGE),
        Route("GET", customer + "/payment_methods/{payment_method}", payment_methods.one_of_customer),
        Route("POST", "/v1/customer_sessions", customers.create_session),
        _browsers("POST", "/v1/payment_methods", payment_methods.create, METHOD_DATA),
        Route("GET", "/v1/payment_methods", payment_methods.listing),
        Route("GET", method, payment_methods.retrieve),
        Route("POST", method, payment_methods.update),
        Route("POST", method + "/attach", payment_methods.attach),
        Route("POST", method + "/detach", payment_methods.detach),
        _browsers("POST", "/v1/confirmation_tokens", confirmation_tokens.create, TOKEN),
        Route("GET", "/v1/confirmation_tokens/{confirmation_token}", confirmation_tokens.retrieve),
        Route("POST", "/v1/tokens", tokens.create, for_browsers=True, fields={**EXPAND, "card": TOKEN_CARD}),
        Route("GET", "/v1/tokens/{token}", tokens.retrieve, for_browsers=True, fields=EXPAND),
        _browsers("GET", "/v1/elements/sessions", elements.session, SESSION),
        _browsers("POST", "/v1/elements/payment_methods/{payment_method}/detach", elements.detach, DETACH),
    ]


def _news() -> list[Route]:
    endpoint = "/v1/webhook_endpoints/{webhook_endpoint}"
    return [
        Route("GET", "/v1/account", accounts.retrieve, fields=EXPAND),
        Route("GET", "/v1/accounts", accounts.listing, fields=PAGE),
        Route("GET", "/v1/accounts/{account}", accounts.retrieve, fields=EXPAND),
        Route(
            "GET",
            "/v1/accounts/{account}/external_accounts",
            accounts.banks,
            fields={**PAGE, "object": "string"},
        ),
        Route("GET", "/v1/events", events.listing),
        Route("GET", "/v1/events/{id}", events.retrieve),
        Route("POST", "/v1/webhook_endpoints", webhook_endpoints.create),
        Route("GET", "/v1/webhook_endpoints", webhook_endpoints.listing),
        Route("GET", endpoint, webhook_endpoints.retrieve),
        Route("POST", endpoint, webhook_endpoints.update),
        Route("DELETE", endpoint, webhook_endpoints.delete),
    ]


def every() -> list[Route]:
    """Return all operations; of two that fit a path, the first counts."""
    return [*_intents(), *_money(), *_people(), *_news()]
