"""The fields of an address as people type them, and what its country demands of them."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import countries
from accounts.text import OneLineField


class AddressFields(forms.Form):
    """An address. Which fields a country needs, it says itself, so none of those is required here."""

    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        choices=lambda: [("", _("Choose a country")), *countries.choices()],
        error_messages={"required": gettext_lazy("Choose the country")},
    )
    full_name = OneLineField(
        label=gettext_lazy("Full name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Enter your full name")},
    )
    line1 = OneLineField(
        label=gettext_lazy("Street and house number"),
        max_length=160,
        error_messages={"required": gettext_lazy("Enter the street and house number")},
    )
    line2 = OneLineField(label=gettext_lazy("Flat, floor, care of"), max_length=160, required=False)
    postal_code = OneLineField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    city = OneLineField(label=gettext_lazy("City"), max_length=80, required=False)
    region = OneLineField(label=gettext_lazy("State or province"), max_length=80, required=False)
    phone = OneLineField(label=gettext_lazy("Phone"), max_length=40, required=False)

    AUTOCOMPLETE: ClassVar[dict[str, str]] = {
        "country": "country",
        "full_name": "name",
        "line1": "address-line1",
        "line2": "address-line2",
        "postal_code": "postal-code",
        "city": "address-level2",
        "region": "address-level1",
        "phone": "tel",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, token in self.AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = token

    def clean(self) -> dict[str, Any]:
        """Check what the country demands, and store a region in its one spelling."""
        cleaned = super().clean() or self.cleaned_data
        for name, sentence in countries.problems(cleaned).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, sentence)
        if "region" in cleaned:
            cleaned["region"] = countries.normal_region(cleaned.get("country", ""), cleaned["region"])
        return cleaned
