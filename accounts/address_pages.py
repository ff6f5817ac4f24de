"""Pages of an account's addresses."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import addresses, countries
from accounts.models import Address, User
from accounts.text import OneLineField


class AddressForm(forms.Form):
    """An address: the country first, then what that country needs."""

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

    _AUTOCOMPLETE: ClassVar[dict[str, str]] = {
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
        for name, field in self.fields.items():
            field.widget.attrs["autocomplete"] = self._AUTOCOMPLETE[name]
        chosen = countries.rules(self["country"].value() or "")
        self.fields["region"].label = chosen.region_label
        for name in ("postal_code", "city", "region"):
            self.fields[name].required = name in chosen.required
            self.fields[name].error_messages["required"] = countries.MISSING[name]
        self.hidden = {
            name
            for name, has in (("region", chosen.has_region), ("postal_code", chosen.has_postal_code))
            if not has
        }

    def clean(self) -> dict[str, Any]:
        """Check what the country demands, and store a region in its one spelling."""
        cleaned = super().clean() or self.cleaned_data
        for name, sentence in countries.problems(cleaned).items():
            if name not in self.errors:
                self.add_error(name, sentence)
        cleaned["region"] = countries.normal_region(cleaned.get("country", ""), cleaned.get("region", ""))
        return cleaned


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@never_cache
@login_required
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the addresses, the default first."""
    return render(request, "account/addresses.html", {"addresses": addresses.of(_user(request))})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an address; [`is_default`] makes it the default."""
    initial = {"full_name": _user(request).name, **request.GET.dict()}
    form = AddressForm(request.POST or None, initial=initial)
    if form.is_valid():
        is_default = "is_default" in request.POST
        try:
            addresses.add(_user(request), form.cleaned_data, is_default=is_default)
        except addresses.TooManyAddressesError:
            form.add_error(None, _("You have as many addresses as we keep. Remove one first."))
        else:
            messages.success(request, _("The address is saved."))
            return redirect("account_addresses")
    return _form_page(request, form)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an address."""
    address = addresses.own(_user(request), pk)
    stored = {name: getattr(address, name) for name in Address.FIELDS}
    form = AddressForm(request.POST or None, initial={**stored, **request.GET.dict()})
    if form.is_valid():
        addresses.change(address, form.cleaned_data, is_default="is_default" in request.POST)
        messages.success(request, _("The address is saved."))
        return redirect("account_addresses")
    return _form_page(request, form, address)


def _form_page(request: HttpRequest, form: AddressForm, address: Address | None = None) -> HttpResponse:
    context = {"form": form, "address": address}
    return render(request, "account/address.html", context, status=400 if form.errors else 200)


@never_cache
@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an address."""
    addresses.remove(addresses.own(_user(request), pk))
    messages.success(request, _("The address is removed."))
    return redirect("account_addresses")


@never_cache
@login_required
@require_POST
def make_default(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the checkout with this address from now on."""
    addresses.change(addresses.own(_user(request), pk), {}, is_default=True)
    messages.success(request, _("Your orders begin with this address."))
    return redirect("account_addresses")
