"""SEPA debit: test account numbers, and what becomes of a debit drawn on them."""

from dataclasses import dataclass

from stripe_standin import cards, errors


@dataclass(frozen=True, slots=True)
class Account:
    """One row of the table of test accounts."""

    iban: str
    behaviour: str = "processing_then_succeeded"
    delay: float | None = None
    """Seconds until the result, None for the usual delay."""

    @property
    def fails(self) -> bool:
        """Whether the debit comes back unpaid."""
        return "failed" in self.behaviour

    @property
    def disputed(self) -> bool:
        """Whether the account's owner takes the money back."""
        return self.behaviour.endswith("dispute")


def rows() -> list[dict[str, object]]:
    """Return the table as it is in the file."""
    found: list[dict[str, object]] = cards.table()["sepa_ibans"]
    return found


def _account(row: dict[str, object]) -> Account:
    delay = row.get("delay_seconds")
    return Account(str(row["iban"]), str(row["behaviour"]), float(str(delay)) if delay else None)


def by_pm_id(pm_id: str) -> Account | None:
    """Return the account behind an id such as `pm_sepaDebit_success_at`."""
    return next((_account(row) for row in rows() if row.get("pm_id") == pm_id), None)


def by_iban(iban: str) -> Account:
    """Return the account with this number; a right number that is not in the table pays.

    Raises `Refusal` 400: wrong number, or an account that cannot be used.
    """
    number = "".join(iban.split()).upper()
    if not passes_checksum(number):
        raise errors.invalid("The IBAN you entered is invalid.", "sepa_debit[iban]", "invalid_iban")
    row = next((row for row in rows() if row["iban"] == number), None)
    if row and row["behaviour"] == "payment_method_creation_fails":
        message = "The bank account you entered cannot be used."
        raise errors.invalid(message, "sepa_debit[iban]", str(row["error_code"]))
    return _account(row) if row else Account(number)


def passes_checksum(iban: str) -> bool:
    """Tell whether an IBAN's check digits are right (ISO 13616, modulo 97)."""
    if not (15 <= len(iban) <= 34 and iban.isalnum() and iban.isascii() and iban[:2].isalpha()):
        return False
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1
