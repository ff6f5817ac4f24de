"""Filters of the order list. None of them counts rows or selects distinct values."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from checkout.models import Attention, DeliveryOption, Flag, Order, Refund

Choices = Iterable[tuple[str, str]]


class AttentionFilter(admin.SimpleListFilter):
    """Orders that a person must look at: any of them, or those with one reason."""

    title = gettext_lazy("needs attention")
    parameter_name = "needs_attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:  # noqa: ARG002 - Django's signature
        """Offer yes and no, and under yes every reason."""
        reasons = [(reason.value, str(reason.label)) for reason in Attention]
        return [("yes", _("Yes")), *(reasons if self.is_queue(request) else []), ("no", _("No"))]

    @classmethod
    def is_queue(cls, request: HttpRequest) -> bool:
        """Tell whether the list shows only orders that need attention."""
        return request.GET.get(cls.parameter_name, "no") != "no"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:  # noqa: ARG002
        """Keep the orders with the chosen reason."""
        match self.value():
            case None:
                return queryset
            case "yes":
                return queryset.exclude(needs_attention="")
            case "no":
                return queryset.filter(needs_attention="")
            case reason:
                open_flags = Flag.objects.filter(order=OuterRef("pk"), reason=reason, settled_at=None)
                return queryset.exclude(needs_attention="").filter(
                    Q(needs_attention=reason) | Q(Exists(open_flags))
                )


class ToSendFilter(admin.SimpleListFilter):
    """Orders that wait to be sent."""

    title = gettext_lazy("to send")
    parameter_name = "to_send"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:  # noqa: ARG002
        """Offer what there is to do."""
        return [("yes", _("Yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:  # noqa: ARG002
        """Keep the orders that wait to be sent."""
        return to_send(queryset) if self.value() == "yes" else queryset


def to_send(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Return the orders that are paid, have something to send, and were not refunded whole."""
    back = (
        Refund.objects.filter(order=OuterRef("pk"))
        .exclude(status__in=Refund.FAILED)
        .order_by()
        .values("order")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    paid = orders.filter(status=Order.Status.PAID).exclude(delivery_name="")
    return paid.alias(back=Coalesce(Subquery(back), 0)).filter(Q(total=0) | Q(back__lt=F("total")))


class DeliveryFilter(admin.SimpleListFilter):
    """Orders by how they are sent, by the name that the way had when they were placed."""

    title = gettext_lazy("delivery option")
    parameter_name = "delivery"
    NONE = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:  # noqa: ARG002
        """Offer the ways to send that there are today, and none."""
        names = DeliveryOption.objects.values_list("name", flat=True)
        return [*((name, name) for name in names), (self.NONE, _("Nothing to send"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:  # noqa: ARG002
        """Keep the orders sent in the chosen way."""
        name = self.value()
        if name is None:
            return queryset
        return queryset.filter(delivery_name="" if name == self.NONE else name)


class CustomerFilter(admin.SimpleListFilter):
    """The orders of one customer. It is shown while it narrows: a list of all customers would be too long."""

    title = gettext_lazy("customer")
    parameter_name = "customer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:  # noqa: ARG002
        """Offer the customer in the address, if there is one."""
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, self._email(chosen) or _("unknown"))] if chosen else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:  # noqa: ARG002
        """Keep the customer's orders."""
        customer = self.value() or ""
        return queryset.filter(user=int(customer)) if _is_id(customer) else queryset.none()

    @staticmethod
    def _email(customer: str) -> str | None:
        emails = (
            User.objects.filter(pk=int(customer)).values_list("email", flat=True) if _is_id(customer) else []
        )
        return next(iter(emails), None)


def _is_id(text: str) -> bool:
    # More digits than a big integer has would be refused by the database itself.
    return text.isdecimal() and text.isascii() and len(text) < len(str(2**63))
