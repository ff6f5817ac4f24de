"""Mails to customers and staff, sent and waiting."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.admin import order_page
from checkout.admin.actions import order_link
from checkout.admin.readonly import RecordAdmin
from checkout.models import Mail


class SentFilter(admin.SimpleListFilter):
    """Mails that are sent, and those still waiting."""

    title = gettext_lazy("sent")
    parameter_name = "sent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer both."""
        return [("yes", _("Sent")), ("no", _("Waiting"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:  # noqa: ARG002
        """Keep the mails of the chosen kind."""
        return queryset.filter(sent_at__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Mail)
class MailAdmin(RecordAdmin):
    """Mails about orders: which were queued, and which are still waiting to be sent."""

    list_display = ("kind", "order_number", "to", "queued", "sent")
    list_display_links = None
    list_filter = (SentFilter, "kind")
    list_select_related = ("order",)
    sortable_by = ()
    ordering = ("-pk",)
    fields = ("order_number", "kind", "to", "queued", "sent")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, mail: Mail) -> SafeString:
        """Return the order that it is about."""
        return order_link(mail.order)

    @admin.display(description=gettext_lazy("to"))
    def to(self, mail: Mail) -> str:
        """Return where it goes."""
        return mail.order.email

    @admin.display(description=gettext_lazy("queued"))
    def queued(self, mail: Mail) -> str:
        """Return when it was called for."""
        return order_page.when(mail.queued_at)

    @admin.display(description=gettext_lazy("sent"))
    def sent(self, mail: Mail) -> str:
        """Return when it was sent."""
        return order_page.when(mail.sent_at) if mail.sent_at else _("waiting")
