"""What makes the demonstration's prices: tax rates of five countries, ways to send, vouchers to try.

Rates: the European Commission's “Taxes in Europe” database, as of January 2026; the reduced rate is that of books.
https://ec.europa.eu/taxation_customs/tedb/
"""

from datetime import date

from checkout.models import DeliveryOption, TaxRate, Voucher
from shop.models import TaxClass

RATES = {"NL": (2100, 900), "DE": (1900, 700), "FR": (2000, 550), "BE": (2100, 600), "AT": (2000, 1000)}
SINCE = date(2021, 1, 1)
EU = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
VOUCHERS = (
    {"code": "WELCOME10", "kind": Voucher.Kind.PERCENT, "value": 1000},
    {"code": "FIVER", "kind": Voucher.Kind.AMOUNT, "value": 500, "minimum": 2000},
    {"code": "POSTFREE", "kind": Voucher.Kind.FREE_DELIVERY},
)


def load() -> None:
    """Add what is missing. What is there stays as it is."""
    rates = [
        TaxRate(country=country, tax_class=tax_class, rate=rate, valid_from=SINCE)
        for country, of_country in RATES.items()
        for tax_class, rate in zip((TaxClass.STANDARD, TaxClass.REDUCED), of_country, strict=True)
    ]
    TaxRate.objects.bulk_create(rates, ignore_conflicts=True)
    Voucher.objects.bulk_create([Voucher(**facts) for facts in VOUCHERS], ignore_conflicts=True)
    _world, is_new = DeliveryOption.objects.get_or_create(
        code="world",
        defaults={
            "name": "Post abroad",
            "note": "1 to 3 weeks",
            "price": 1900,
            "position": 3,
            "countries": ["CH", "GB", "NO", "IS", "US", "CA", "AU", "NZ", "JP"],
        },
    )
    if is_new:
        DeliveryOption.objects.filter(code="post", countries=[]).update(countries=EU)
        DeliveryOption.objects.filter(code="courier", countries=[]).update(countries=["NL"])
