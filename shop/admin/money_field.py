"""The field in which staff type an amount as they say it: 24.50, not 2450."""

from typing import Any

from babel.numbers import get_currency_symbol
from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from shop import money


class MoneyField(forms.IntegerField):
    """An amount in the shop's currency. Its value is a whole number of minor units, as in the database."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"widget": forms.TextInput(attrs={"inputmode": "decimal", "size": 8})})
        symbol = get_currency_symbol(settings.STORE_CURRENCY.upper(), locale="en")
        self.label = format_lazy("{} ({})", self.label, symbol)

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the field: what was typed, or an amount as one types it."""
        return money.typed(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return the amount in minor units. Raises ValidationError for what is none."""
        if value in self.empty_values:
            return None
        try:
            return value if isinstance(value, int) else money.read(str(value))
        except ValueError as error:
            raise forms.ValidationError(
                _("Write the amount like this: %s.")
                % money.typed(1650 * 10 ** money.exponent(settings.STORE_CURRENCY) // 100),
                code="invalid",
            ) from error
