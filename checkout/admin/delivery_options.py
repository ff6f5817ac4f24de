"""Delivery options. An order keeps the name and the price of the option it was placed with."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import text
from accounts.fresh_forms import FreshAdmin
from checkout.models import DeliveryOption
from shop.money import written


@admin.register(DeliveryOption)
class DeliveryOptionAdmin(FreshAdmin[DeliveryOption]):
    """What sending costs from now on; orders that are placed stay as they are."""

    list_display = ("name", "note", "costs", "free", "is_active", "position")
    list_display_links = ("name",)
    actions = None
    view_on_site = False
    formfield_overrides = text.IN_ADMIN
    fieldsets = (
        (None, {"fields": ("name", "code", "note")}),
        (gettext_lazy("Price"), {"fields": ("price", "free_from")}),
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

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[ModelForm[Any]]:
        """Explain the prices with what they are now, in the shop's own currency."""
        example = _("In minor units: %(number)d is %(money)s.") % {"number": 450, "money": written(450)}
        never = _("The subtotal, in minor units, from which it costs nothing. Empty: never.")
        help_texts = {
            "price": f"{example} {_('Now: %s.') % self.costs(obj)}" if obj else example,
            "free_from": f"{never} {_('Now: %s.') % self.free(obj)}" if obj else never,
            "is_active": _("Customers can choose it."),
            "position": _("The lowest comes first, and is chosen for those who do not choose."),
        }
        return super().get_form(request, obj, change, help_texts=help_texts, **kwargs)
