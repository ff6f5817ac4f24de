"""The timelines of all orders in one list."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from checkout.admin import order_page
from checkout.admin.actions import order_link
from checkout.admin.readonly import RecordAdmin
from checkout.models import Timeline


@admin.register(Timeline)
class TimelineAdmin(RecordAdmin):
    """What happened to orders, the latest first."""

    list_display = ("when", "order_number", "what", "who", "facts")
    list_display_links = None
    list_filter = ("kind", "actor", ("at", admin.DateFieldListFilter))
    list_select_related = ("order", "user")
    sortable_by = ()
    ordering = ("-pk",)
    fields = ("order_number", "when", "what", "who", "facts")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, entry: Timeline) -> SafeString:
        """Return the order that it happened to."""
        return order_link(entry.order)

    @admin.display(description=gettext_lazy("when"))
    def when(self, entry: Timeline) -> str:
        """Return when it happened."""
        return order_page.when(entry.at)

    @admin.display(description=gettext_lazy("what"))
    def what(self, entry: Timeline) -> str:
        """Return what happened."""
        return str(entry.get_kind_display())

    @admin.display(description=gettext_lazy("by"))
    def who(self, entry: Timeline) -> str:
        """Return who did it."""
        return order_page.by(entry)

    @admin.display(description=gettext_lazy("facts"))
    def facts(self, entry: Timeline) -> str:
        """Return the facts as words."""
        return order_page.facts_of(entry, entry.order, entry.order.payments.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Timeline]:
        """Return the rows with what their facts name."""
        return super().get_queryset(request).prefetch_related("order__payments")
