"""Countries for addresses: Babel's names in the page's language, and some postal code formats."""

import re
import unicodedata
from functools import cache

from babel import Locale
from django.utils.translation import get_language

# In CLDR's list of territories, but no place to send a product to.
_NO_COUNTRY = frozenset(["EU", "EZ", "UN", "XA", "XB", "QO", "ZZ"])

# Where a wrong code is common and the form is fixed: what it looks like, and an example to show.
_POSTAL_CODES = {
    "AT": (re.compile(r"\d{4}"), "1010"),
    "BE": (re.compile(r"\d{4}"), "1000"),
    "CH": (re.compile(r"\d{4}"), "8001"),
    "DE": (re.compile(r"\d{5}"), "10115"),
    "DK": (re.compile(r"\d{4}"), "1050"),
    "ES": (re.compile(r"\d{5}"), "28001"),
    "FR": (re.compile(r"\d{5}"), "75001"),
    "IT": (re.compile(r"\d{5}"), "00118"),
    "NL": (re.compile(r"[1-9]\d{3} ?[A-Za-z]{2}"), "1234 AB"),
    "US": (re.compile(r"\d{5}(-\d{4})?"), "12345"),
}


def choices() -> list[tuple[str, str]]:
    """Return `(ISO 3166-1 code, name)` of every country, by name."""
    return _choices(get_language() or "en")


@cache
def _choices(language: str) -> list[tuple[str, str]]:
    territories = Locale.parse(language.replace("-", "_")).territories
    countries = [
        (code, name)
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    ]
    return sorted(countries, key=lambda country: _without_accents(country[1]))


def _without_accents(text: str) -> str:
    """Return what a name is sorted by: “Österreich” stands with O, “Åland” with A."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )


def name(code: str) -> str:
    """Return a country's name in the page's language; the code itself where it is none."""
    return dict(choices()).get(code, code)


def postal_code_example(country: str, postal_code: str) -> str | None:
    """Return how a postal code is written in the country when this one is not written so, else None."""
    pattern, example = _POSTAL_CODES.get(country, (None, ""))
    return example if pattern and not pattern.fullmatch(postal_code.strip()) else None
