"""Delivery options. An order keeps the name and the price of the option it was placed with."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import text
from accounts.fresh_forms import FreshAdmin, FreshForm
from checkout.admin.countries_field import CountriesField
from checkout.models import DeliveryOption
from shop.admin.money_field import MoneyField
from shop.money import written


class DeliveryOptionForm(FreshForm[DeliveryOption]):
    """What an option is called, and what it costs."""

    class Meta:
        field_classes = {"price": MoneyField, "free_from": MoneyField, "countries": CountriesField}
        help_texts = {
            "price": "",
            "free_from": gettext_lazy("The subtotal from which it costs nothing. Empty: never."),
            "is_active": gettext_lazy("Customers can choose it."),
            "position": gettext_lazy("The lowest comes first, and is chosen for those who do not choose."),
        }


@admin.register(DeliveryOption)
class DeliveryOptionAdmin(FreshAdmin[DeliveryOption]):
    """What sending costs from now on; orders that are placed stay as they are."""

    form = DeliveryOptionForm
    list_display = ("name", "note", "costs", "free", "is_active", "position")
    list_display_links = ("name",)
    actions = None
    view_on_site = False
    formfield_overrides = text.IN_ADMIN
    fieldsets = (
        (None, {"fields": ("name", "code", "note")}),
        (gettext_lazy("Price"), {"fields": ("price", "free_from")}),
        (gettext_lazy("Where to"), {"fields": ("countries",)}),
        (gettext_lazy("In the shop"), {"fields": ("is_active", "position")}),
    )

    @admin.display(description=gettext_lazy("price"), ordering="price")
    def costs(self, option: DeliveryOption) -> str:
        """Return the price as customers read it."""
        return written(option.price) if option.price else _("Free")

    @admin.display(description=gettext_lazy("free from"), ordering="free_from")
    def free(self, option: DeliveryOption) -> str:
        """Return the subtotal from which it costs nothing."""
        return _("never") if option.free_from is None else written(option.free_from)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """Keep the code of an option that exists: other programs name it."""
        return ("code",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Sequence[str]]:  # noqa: ARG002
        """Offer a code for a new option."""
        return {} if obj else {"code": ["name"]}
