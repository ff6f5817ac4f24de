"""Stripe's objects as frozen values of our own. Amounts in minor units, currencies in lower case, times in UTC.

Each is read from the JSON of one API object (https://docs.stripe.com/api); a missing field that Stripe always sends
raises KeyError or TypeError, which the gateway takes for an answer that is none.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from accounts.text import storable

Json = dict[str, Any]

# As long as the columns of statuses and types, and of error codes.
LONGEST_WORD, LONGEST_CODE, LONGEST_URL = 40, 80, 1000


@dataclass(frozen=True)
class PaymentError:
    """Why the last attempt did not work. `code` is Stripe's decline code where there is one, else its error code."""

    code: str
    last4: str
    reference: str

    @classmethod
    def read(cls, data: Json | None) -> Self | None:
        """Read `last_payment_error`; None where there is none."""
        if not data:
            return None
        method = data.get("payment_method") or {}
        card = method.get("card") or {}
        return cls(
            code=word(data.get("decline_code") or data.get("code") or data["type"], LONGEST_CODE),
            last4=word(card.get("last4"), 4),
            # A failed 3-D Secure check makes no charge; each try brings a payment method of its own.
            reference=data.get("charge") or method.get("id") or data.get("request_log_url") or "",
        )


@dataclass(frozen=True)
class PaymentMethod:
    """What was paid with, as far as a shopper may see it."""

    type: str
    brand: str
    last4: str

    @classmethod
    def read(cls, charge: Json | str | None) -> Self | None:
        """Read it from an expanded `latest_charge`; None where there was no charge."""
        if not isinstance(charge, dict):
            return None
        details = charge.get("payment_method_details") or {}
        kind = details.get("type") or ""
        facts = details.get(kind) or {}
        last4 = facts.get("last4") or facts.get("iban_last4")
        return cls(word(kind), word(facts.get("brand")), word(last4, 4))


@dataclass(frozen=True)
class Slip:
    """What a shopper pays by at a till or in a bank's app, for days: Stripe's page that shows it, and until when."""

    url: str
    expires_at: datetime

    @classmethod
    def read(cls, action: Json | None) -> Self | None:
        """Read it from a `next_action` such as `multibanco_display_details`; None where that is something else.

        https://docs.stripe.com/payments/vouchers
        """
        kind = (action or {}).get("type") or ""
        details = (action or {}).get(kind)
        if not kind.endswith("_display_details") or not isinstance(details, dict):
            return None
        until = details.get("expires_at") or details.get("expires_after")
        url = details.get("hosted_voucher_url") or ""
        if not until or not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL:
            return None
        return cls(url, at(until))


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent."""

    id: str
    status: str
    amount: int
    amount_received: int
    currency: str
    livemode: bool
    order_number: str
    payment_id: str
    client_secret: str
    error: PaymentError | None
    method: PaymentMethod | None
    created: datetime | None = None
    slip: Slip | None = None

    def __repr__(self) -> str:  # the client secret must not reach a log
        return f"Intent({self.id}, {self.status}, {self.amount} {self.currency})"

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `payment_intent`."""
        metadata = data.get("metadata") or {}
        return cls(
            id=data["id"],
            status=word(data["status"]),
            amount=data["amount"],
            amount_received=data["amount_received"],
            currency=data["currency"].lower(),
            livemode=data["livemode"],
            order_number=metadata.get("order", ""),
            payment_id=metadata.get("payment", ""),
            client_secret=data["client_secret"] or "",
            error=PaymentError.read(data.get("last_payment_error")),
            method=PaymentMethod.read(data.get("latest_charge")),
            created=at(data["created"]),
            slip=Slip.read(data.get("next_action")),
        )


@dataclass(frozen=True)
class RefundFact:
    """A Refund. `our_id` is the id of our own row, "" for one that was made in the dashboard."""

    id: str
    status: str
    amount: int
    currency: str
    intent_id: str
    our_id: str
    failure_reason: str
    created: datetime

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `refund`."""
        return cls(
            id=data["id"],
            status=word(data["status"]),
            amount=data["amount"],
            currency=data["currency"].lower(),
            intent_id=id_of(data.get("payment_intent")),
            our_id=(data.get("metadata") or {}).get("refund", ""),
            failure_reason=word(data.get("failure_reason")),
            created=at(data["created"]),
        )


@dataclass(frozen=True)
class DisputeFact:
    """A Dispute. `due_by` is until when Stripe wants an answer."""

    id: str
    status: str
    amount: int
    currency: str
    intent_id: str
    reason: str
    due_by: datetime | None
    created: datetime

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read a `dispute`."""
        due = (data.get("evidence_details") or {}).get("due_by")
        return cls(
            id=data["id"],
            status=word(data["status"]),
            amount=data["amount"],
            currency=data["currency"].lower(),
            intent_id=id_of(data.get("payment_intent")),
            reason=word(data.get("reason")),
            due_by=at(due) if due else None,
            created=at(data["created"]),
        )


@dataclass(frozen=True)
class Event:
    """A webhook's event. Its object is a snapshot of the moment it was made: a hint, never the truth."""

    id: str
    type: str
    livemode: bool
    object: Json
    payload: Json

    @classmethod
    def read(cls, data: Json) -> Self:
        """Read an `event` whose signature was verified. Raises KeyError or TypeError for what is none."""
        data = storable(data)
        about = data["data"]["object"]
        if not isinstance(about, dict):
            raise TypeError("an event without an object")
        return cls(data["id"], data["type"], data["livemode"], about, data)

    @property
    def object_id(self) -> str:
        """Return the id of what it is about."""
        return str(self.object.get("id") or "")

    @property
    def intent_id(self) -> str:
        """Return the id of the PaymentIntent that it is about, or nothing."""
        if self.object.get("object") == "payment_intent":
            return self.object_id
        return id_of(self.object.get("payment_intent"))

    @property
    def payment_id(self) -> str:
        """Return the id of our payment from the metadata, or nothing."""
        metadata = self.object.get("metadata")
        return str(metadata.get("payment") or "") if isinstance(metadata, dict) else ""


def word(value: str | None, longest: int = LONGEST_WORD) -> str:
    """Return a word of Stripe's as long as we store one: it may add words, and makes no promise how long."""
    return (value or "")[:longest]


def id_of(value: Json | str | None) -> str:
    """Return the id of something that Stripe sends as an id or, expanded, as an object."""
    if isinstance(value, dict):
        return str(value["id"])
    return value or ""


def at(seconds: int) -> datetime:
    """Return a Unix time as a datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
