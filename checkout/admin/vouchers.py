"""Vouchers. What an order took off stays, whatever becomes of its voucher."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import text
from accounts.fresh_forms import FreshAdmin
from checkout.models import Voucher
from shop.money import percent, written


@admin.register(Voucher)
class VoucherAdmin(FreshAdmin[Voucher]):
    """Codes that make orders cheaper, and how often they were used."""

    list_display = ("code", "worth", "counts_from", "uses", "ends_at", "is_active")
    list_display_links = ("code",)
    search_fields = ("code",)
    list_filter = ("kind", "is_active")
    actions = None
    view_on_site = False
    formfield_overrides = text.IN_ADMIN
    fieldsets = (
        (None, {"fields": ("code", "kind", "value", "is_active")}),
        (gettext_lazy("When it counts"), {"fields": ("minimum", "starts_at", "ends_at")}),
        (gettext_lazy("How often"), {"fields": ("limit", "limit_per_customer", "used")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """Keep the code of a voucher that was used: its orders name it."""
        return ("used", "code") if obj and obj.used else ("used",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Keep a voucher that was used; it can be made inactive."""
        return super().has_delete_permission(request, obj) and not (obj and obj.used)

    @admin.display(description=gettext_lazy("takes off"), ordering="value")
    def worth(self, voucher: Voucher) -> str:
        """Return what it takes off."""
        if voucher.kind == Voucher.Kind.FREE_DELIVERY:
            return _("the delivery")
        return percent(voucher.value) if voucher.kind == Voucher.Kind.PERCENT else written(voucher.value)

    @admin.display(description=gettext_lazy("from"), ordering="minimum")
    def counts_from(self, voucher: Voucher) -> str:
        """Return the subtotal from which it counts."""
        return written(voucher.minimum) if voucher.minimum else ""

    @admin.display(description=gettext_lazy("used"), ordering="used")
    def uses(self, voucher: Voucher) -> str:
        """Return how often it was used, and of how many times."""
        return f"{voucher.used} / {voucher.limit}" if voucher.limit is not None else str(voucher.used)
