"""Carts, read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.admin.readonly import ReadOnlyAdmin
from shop.models import Cart, CartLine
from shop.money import written


class CartLineInline(admin.TabularInline[CartLine, Cart]):
    """What is in a cart."""

    model = CartLine
    fields = readonly_fields = ("title", "quantity", "price_written")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Refuse."""
        return False

    @admin.display(description=gettext_lazy("price last seen"))
    def price_written(self, line: CartLine) -> str:
        """Return the price its owner saw last."""
        return written(line.seen_price)


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    """Carts, to look at. A visitor's token is not shown: who knows it, has the cart."""

    list_display = ("id", "owner", "number", "held_by", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("user",)
    search_fields = ("user__email", "held_by")
    fields = ("owner", "held_by", "created_at")
    readonly_fields = ("owner",)
    inlines = (CartLineInline,)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the carts with their number of products."""
        carts: QuerySet[Cart] = super().get_queryset(request)
        counted: QuerySet[Any] = carts.annotate(number_of_products=Sum("lines__quantity", default=0))
        return counted

    @admin.display(description=gettext_lazy("whose"))
    def owner(self, cart: Cart) -> str:
        """Return the customer's e-mail, or that it is a visitor's."""
        return str(cart.user) if cart.user else _("a visitor")

    @admin.display(description=gettext_lazy("books"))
    def number(self, cart: Any) -> int:
        """Return how many products are in it."""
        count: int = cart.number_of_products
        return count
