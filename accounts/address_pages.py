"""Pages of an account's addresses."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import addresses, countries
from accounts.address_form import AddressFields
from accounts.models import Address, User


class AddressForm(AddressFields):
    """An address: the country first, then what that country needs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
