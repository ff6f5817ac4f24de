"""What Stripe's SDK for phones does, in one screen of code: confirm a PaymentIntent with a publishable key.

Card numbers never pass through here. A real app lets the SDK's own form make the PaymentMethod; with test keys, the
ids of Stripe's test cards stand for what was typed. https://docs.stripe.com/testing
"""

from dataclasses import dataclass
from typing import Any

import httpx

Json = dict[str, Any]


class DeclinedError(Exception):
    """The bank, or Stripe, said no. The same PaymentIntent may be tried again with another card."""

    def __init__(self, error: Json) -> None:
        super().__init__(error.get("message", "The card was declined."))
        self.code: str = error.get("decline_code") or error.get("code") or "card_declined"


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent as a publishable key sees it. `bank_page` is where the customer has to go, or nothing."""

    id: str
    status: str
    bank_page: str


class Stripe:
    """Stripe, as a customer's device talks to it: publishable key and client secret, never the secret key."""

    def __init__(self, api_base: str, publishable_key: str) -> None:
        self._base = api_base.rstrip("/")
        self._key = publishable_key

    def confirm(self, client_secret: str, payment_method: str, *, return_url: str) -> Intent:
        """Try to pay with a PaymentMethod. Raises DeclinedError.

        With `return_url` a bank that asks for more answers with a page of its own to open.
        """
        form = {"payment_method": payment_method, "return_url": return_url}
        return self._ask("POST", client_secret, "/confirm", form)

    def retrieve(self, client_secret: str) -> Intent:
        """Look at the PaymentIntent. Only the shop's own look at it counts as paid."""
        return self._ask("GET", client_secret)

    def _ask(self, method: str, client_secret: str, path: str = "", form: Json | None = None) -> Intent:
        intent_id = client_secret.partition("_secret_")[0]
        asked = {"key": self._key, "client_secret": client_secret, **(form or {})}
        url = f"{self._base}/v1/payment_intents/{intent_id}{path}"
        answer = httpx.request(
            method,
            url,
            params=asked if method == "GET" else None,
            data=asked if method == "POST" else None,
            timeout=20,
        )
        body = answer.json()
        if answer.status_code == httpx.codes.PAYMENT_REQUIRED:
            raise DeclinedError(body["error"])
        answer.raise_for_status()
        action = body.get("next_action") or {}
        return Intent(body["id"], body["status"], action.get("redirect_to_url", {}).get("url", ""))
