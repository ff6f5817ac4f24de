"""Tax: which rates a country has on a day, and how much of a price they are."""

from datetime import date

from checkout.models import TaxRate
from checkout.models.prices import HUNDRED_PERCENT, portion


def rates_in(country: str, day: date) -> dict[str, int]:
    """Return a country's rates by class of goods, in hundredths of a percent; a class that has none is not there."""
    # Of each class the one that holds last comes last, and stays.
    rows = TaxRate.objects.filter(country=country, valid_from__lte=day).order_by("valid_from")
    return dict(rows.values_list("tax_class", "rate"))


def tax_on(paid: int, rate: int, *, included: bool) -> int:
    """Return the tax on what is paid, in it or beside it, rounded half up to the minor unit."""
    return portion(paid, rate, HUNDRED_PERCENT + rate if included else HUNDRED_PERCENT)
