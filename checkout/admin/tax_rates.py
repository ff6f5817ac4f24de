"""Tax rates by country. An order keeps the rates that it was placed at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts import countries, text
from accounts.fresh_forms import FreshAdmin
from checkout.models import TaxRate
from shop.money import percent


@admin.register(TaxRate)
class TaxRateAdmin(FreshAdmin[TaxRate]):
    """What each country takes, and from which day on."""

    list_display = ("country_name", "tax_class", "percentage", "valid_from")
    list_filter = ("tax_class", "country")
    actions = None
    view_on_site = False
    formfield_overrides = text.IN_ADMIN

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> forms.Field | None:
        """Let a country be chosen by its name."""
        if db_field.name == "country":
            return forms.ChoiceField(label=db_field.verbose_name, choices=countries.choices)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("country"), ordering="country")
    def country_name(self, rate: TaxRate) -> str:
        """Return the country's name."""
        return countries.name(rate.country)

    @admin.display(description=gettext_lazy("rate"), ordering="rate")
    def percentage(self, rate: TaxRate) -> str:
        """Return the rate as people write it."""
        return percent(rate.rate)
