"""Money: integers in minor units, written by Babel. No float is near it.

Exponents follow Stripe, which differs from ISO 4217 in a few currencies:
https://docs.stripe.com/currencies
"""

import re
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale
from babel.numbers import format_currency, format_percent
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# https://docs.stripe.com/currencies#zero-decimal and #three-decimal. ISK and UGX are sent with two decimals.
ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

# https://docs.stripe.com/currencies#three-decimal and #special-cases: the last digits of what is charged must be 0.
CHARGED_IN_STEPS = {**dict.fromkeys(THREE_DECIMAL, 10), "isk": 100, "ugx": 100}

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in minor units.
SMALLEST_CHARGE = {
    "usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "nzd": 50, "chf": 50, "sgd": 50, "brl": 50, "inr": 50,
    "dkk": 250, "nok": 300, "sek": 300, "czk": 1500, "pln": 200, "ron": 200, "huf": 17500, "hkd": 400, "jpy": 50,
    "mxn": 1000, "myr": 200, "thb": 1000, "aed": 200,
}  # fmt: skip
LARGEST_CHARGE = 99_999_999


def exponent(currency: str) -> int:
    """Return how many decimals the minor unit of a currency has at Stripe: 0, 2 or 3."""
    code = currency.lower()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def major(amount: int, currency: str) -> Decimal:
    """Return an amount of minor units in the currency's main unit: 1250 eur → Decimal("12.50")."""
    return Decimal(amount).scaleb(-exponent(currency))


def typed(amount: int, currency: str | None = None) -> str:
    """Return an amount of minor units as one types it: 1650 eur → “16.50”."""
    return str(major(amount, currency or settings.STORE_CURRENCY))


def read(text: str, currency: str | None = None) -> int:
    """Return what somebody typed in the main unit, with a point or a comma, in minor units: “16,5” eur → 1650.

    Raises ValueError for what is no amount, or has more decimals than the currency: “1.650” could mean two.
    """
    places = exponent(currency or settings.STORE_CURRENCY)
    decimals = rf"([.,][0-9]{{1,{places}}})?" if places else ""
    digits = "".join(text.split())
    if not re.fullmatch(rf"[0-9]{{1,9}}{decimals}", digits):
        raise ValueError(f"{text!r} is no amount.")
    return int(Decimal(digits.replace(",", ".")).scaleb(places))


def written(amount: int, currency: str | None = None) -> str:
    """Return an amount of minor units as the page's language writes it: 1250 eur → “€12.50”.

    A negative amount carries a real minus sign.
    """
    return _written(amount, (currency or settings.STORE_CURRENCY).upper(), _locale())


def percent(rate: int) -> str:
    """Return a rate of hundredths of a percent as the page's language writes it: 2100 → “21%”, 550 → “5.5%”."""
    pattern = Locale.parse(_locale()).percent_formats[None].pattern.replace("#,##0", "#,##0.##")
    return str(format_percent(Decimal(rate).scaleb(-4), format=pattern, locale=_locale()))


def written_whole(amount: int) -> str:
    """Return a round amount in the shop's currency without decimals: 25000 eur → “€250”."""
    code, locale = settings.STORE_CURRENCY.upper(), _locale()
    pattern = Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "")
    text: str = format_currency(
        major(amount, code), code, locale=locale, format=pattern, currency_digits=False
    )
    return text


# A page of products writes the same few prices again and again, and Babel takes its time.
@lru_cache(maxsize=4096)
def _written(amount: int, code: str, locale: str) -> str:
    text: str = format_currency(major(amount, code), code, locale=locale)
    return text.replace("-", "−")


def smallest_charge(currency: str) -> int:
    """Return the least that Stripe charges in a currency, in minor units; 1 where we know of no limit."""
    return SMALLEST_CHARGE.get(currency.lower(), 1)


def can_be_charged(amount: int, currency: str | None = None) -> bool:
    """Tell whether Stripe takes an amount of minor units at all: of some currencies it does not take every digit."""
    return amount % CHARGED_IN_STEPS.get((currency or settings.STORE_CURRENCY).lower(), 1) == 0


def check_prices(**prices: int | None) -> None:
    """Check prices that somebody types, by their fields, in minor units of STORE_CURRENCY.

    Raises ValidationError, which says at each field what to do.
    """
    wrong = {field: amount for field, amount in prices.items() if amount and not can_be_charged(amount)}
    if wrong:
        raise ValidationError({field: _in_steps(amount) for field, amount in wrong.items()})


def _in_steps(amount: int) -> str:
    step = CHARGED_IN_STEPS[settings.STORE_CURRENCY]
    return _("Stripe charges %(currency)s in steps of %(step)s. Choose %(lower)s or %(higher)s.") % {
        "currency": settings.STORE_CURRENCY.upper(),
        "step": written(step),
        "lower": typed(amount // step * step),
        "higher": typed((amount // step + 1) * step),
    }


def _locale() -> str:
    return (get_language() or settings.LANGUAGE_CODE).replace("-", "_")
