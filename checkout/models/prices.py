"""What changes a price beside the products themselves: tax by country, and vouchers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.models import TaxClass
from shop.money import check_prices

# 21 % is 2100.
HUNDRED_PERCENT = 10_000


class TaxRate(models.Model):
    """What a country takes of a class of goods, from a day on. A country without rates is taxed at none."""

    country = models.CharField(_("country"), max_length=2, help_text=_("Two letters, as in NL."))
    tax_class = models.CharField(_("class of goods"), max_length=10, choices=TaxClass)
    rate = models.PositiveIntegerField(_("rate"), help_text=_("In hundredths of a percent: 2100 is 21 %."))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        ordering = ["country", "tax_class", "-valid_from"]
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "tax_class", "valid_from"], name="one_rate_for_a_day_of_a_class"
            )
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.get_tax_class_display()}"

    def clean(self) -> None:
        """Write the country in capitals, and refuse a rate above 100 %."""
        self.country = self.country.upper()
        if (self.rate or 0) > HUNDRED_PERCENT:
            raise ValidationError({"rate": _("At most 10000, which is 100 %.")})


class Voucher(models.Model):
    """A code that makes an order cheaper. `used` counts its orders that are not cancelled or expired."""

    class Kind(models.TextChoices):
        PERCENT = "percent", _("A part of the price")
        AMOUNT = "amount", _("A sum of money")
        FREE_DELIVERY = "free_delivery", _("Free delivery")

    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    value = models.PositiveIntegerField(
        _("value"),
        default=0,
        help_text=_("Of a part: hundredths of a percent, 1000 is 10 %. Of a sum: minor units, 500 is €5."),
    )
    minimum = models.PositiveIntegerField(
        _("minimum"), default=0, help_text=_("The subtotal, in minor units, from which it counts.")
    )
    starts_at = models.DateTimeField(_("counts from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("counts until"), null=True, blank=True)
    limit = models.PositiveIntegerField(
        _("how often in all"), null=True, blank=True, help_text=_("Empty: as often as anybody likes.")
    )
    limit_per_customer = models.PositiveIntegerField(
        _("how often per customer"), null=True, blank=True, help_text=_("Empty: as often as they like.")
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    is_active = models.BooleanField(_("is active"), default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Write the code as it is looked for; refuse what cannot be taken off: more than everything, or nothing."""
        self.code = normal_code(self.code)
        if self.kind == self.Kind.PERCENT and not 0 < self.value <= HUNDRED_PERCENT:
            raise ValidationError({"value": _("From 1 to 10000, which is 100 %.")})
        if self.kind == self.Kind.AMOUNT:
            if not self.value:
                raise ValidationError({"value": _("How much is it worth?")})
            check_prices(value=self.value)


def portion(amount: int, part: int, whole: int) -> int:
    """Return `part` of `whole` of an amount, rounded half up to the minor unit; nothing of nothing."""
    return (2 * amount * part + whole) // (2 * whole) if whole else 0


def normal_code(code: str) -> str:
    """Return the one spelling of a voucher's code: case and spaces do not count."""
    return "".join(code.split()).upper()


def totals_add_up() -> Q:
    """Return the condition that an order's total is its parts. Tax that prices include is a part already."""
    before_tax = F("subtotal") - F("discount") + F("delivery")
    return Q(tax_included=True, total=before_tax) | Q(tax_included=False, total=before_tax + F("tax"))


@dataclass(frozen=True)
class Taxed:
    """What was paid at one rate: what goes to the shop, and what to the tax office. Minor units."""

    rate: int
    net: int
    tax: int


def by_rate(parts: Iterable[tuple[int, int, int]], *, included: bool) -> list[Taxed]:
    """Add up `(rate, paid, tax)` of lines and delivery, the highest rate first. What is taxed at none is left out."""
    paid_at: defaultdict[int, int] = defaultdict(int)
    tax_at: defaultdict[int, int] = defaultdict(int)
    for rate, paid, tax in parts:
        paid_at[rate] += paid
        tax_at[rate] += tax
    return [
        Taxed(rate, paid_at[rate] - (tax_at[rate] if included else 0), tax_at[rate])
        for rate in sorted(paid_at, reverse=True)
        if rate
    ]
