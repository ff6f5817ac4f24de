"""The field in which staff name countries: NL, BE, DE."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts import countries


class CountriesField(forms.CharField):
    """Codes of countries, in capitals. Its value is a list of them."""

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **kwargs: Any) -> None:  # noqa: ARG002 - JSON's
        super().__init__(**kwargs | {"widget": forms.TextInput(attrs={"size": 40})})

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the field."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Return the codes. Raises ValidationError for one that no country has."""
        codes = value if isinstance(value, list) else re.findall(r"[^\s,;]+", str(value or "").upper())
        known = dict(countries.choices())
        for code in codes:
            if code not in known:
                raise forms.ValidationError(
                    _("%s is no country. Write codes of two letters, as in NL, BE.") % code, code="invalid"
                )
        return codes

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether other countries are named."""
        return bool(self.prepare_value(initial or "") != self.prepare_value(data or ""))
