"""What each test card does, from `data/test_cards.json`, and the checks every card number goes through."""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from stripe_standin import errors

_PREFIXES = (
    ("amex", ("34", "37")),
    ("diners", ("30", "36", "38", "39")),
    ("jcb", ("35",)),
    ("discover", ("6011", "65", "644", "645", "646", "647", "648", "649")),
    ("unionpay", ("62", "81")),
    ("mastercard", ("51", "52", "53", "54", "55", "22", "23", "24", "25", "26", "27")),
    ("visa", ("4",)),
)
BRAND_NAMES = {
    "amex": "American Express", "cartes_bancaires": "Cartes Bancaires", "diners": "Diners Club",
    "discover": "Discover", "eftpos_au": "Eftpos Australia", "jcb": "JCB", "mastercard": "Mastercard",
    "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestCard:
    """One row of the card table."""

    number: str
    brand: str
    name: str = ""
    behaviour: str = "success"
    pm_id: str | None = None
    funding: str = "credit"
    country: str = "US"
    cvc_length: int = 3
    three_d_secure: str = "optional"
    error_code: str | None = None
    decline_code: str | None = None
    message: str = "Your card was declined."
    param: str | None = None
    networks: tuple[str, ...] = ()
    check: str = ""
    challenge: str | None = None
    risk_level: str = "normal"
    outcome_type: str = "authorized"
    dispute_reason: str | None = None
    dispute_status: str | None = None
    dispute_count: int = 1
    bypass_pending: bool = False
    attach_succeeds: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    __test__ = False  # pytest must not take it for a test class

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]

    @property
    def declines(self) -> bool:
        """Whether the network refuses every charge."""
        return self.behaviour in ("decline", "radar_block")


NO_CARD = TestCard("", "")


@cache
def table() -> dict[str, Any]:
    """Return the whole file of test data."""
    text = (Path(__file__).parent / "data" / "test_cards.json").read_text()
    data: dict[str, Any] = json.loads(text)
    return data


@cache
def _cards() -> tuple[dict[str, TestCard], dict[str, TestCard]]:
    by_number, by_pm_id = {}, {}
    known = set(TestCard.__dataclass_fields__)
    for row in table()["cards"]:
        fields: dict[str, Any] = {
            key: tuple(value) if key == "networks" else value for key, value in row.items() if key in known
        }
        card = TestCard(**fields, extra={key: value for key, value in row.items() if key not in known})
        by_number[card.number] = card
        if card.pm_id:
            by_pm_id[card.pm_id] = card
    return by_number, by_pm_id


def by_number(number: str) -> TestCard | None:
    """Return the test card with this number."""
    return _cards()[0].get(number)


def by_pm_id(pm_id: str) -> TestCard | None:
    """Return the test card behind an id such as `pm_card_visa`."""
    return _cards()[1].get(pm_id)


def every() -> list[TestCard]:
    """Return all test cards in the order of the file."""
    return list(_cards()[0].values())


def brand(number: str) -> str:
    """Return the brand a number belongs to, `unknown` if to none."""
    for name, prefixes in _PREFIXES:
        if number.startswith(prefixes):
            return name
    return "unknown"


def passes_luhn(number: str) -> bool:
    """Tell whether a number's check digit is right."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def check(number: str, month: int, year: int, cvc: str | None, today: tuple[int, int]) -> TestCard:
    """Return the card for what a shopper typed; `today` is (year, month).

    Raises `Refusal` 402 `card_error` as Stripe does: wrong number, date or code, or no test card at all.
    """
    number = "".join(number.split())
    if not number.isdigit() or not 12 <= len(number) <= 19 or not passes_luhn(number):
        raise _wrong("Your card number is incorrect.", "incorrect_number", "number")
    if not 1 <= month <= 12:
        raise _wrong("Your card's expiration month is invalid.", "invalid_expiry_month", "exp_month")
    year += 2000 if year < 100 else 0
    if (year, month) < today or year > today[0] + 50:
        raise _wrong("Your card's expiration year is invalid.", "invalid_expiry_year", "exp_year")
    card = by_number(number)
    length = card.cvc_length if card else 3
    if cvc is not None and (not cvc.isdigit() or len(cvc) != length):
        raise _wrong("Your card's security code is invalid.", "invalid_cvc", "cvc")
    if card is None:
        message = "Your card was declined. Your request was in test mode, but used a non test card."
        raise errors.card_error(message, "card_declined", decline_code="test_mode_live_card")
    return card


def _wrong(message: str, code: str, param: str) -> errors.Refusal:
    return errors.card_error(message, code, param=param)
