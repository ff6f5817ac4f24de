"""Disputes, for looking things up. They are answered at Stripe."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.admin import order_page, stripe_links, tags
from checkout.admin.refund_list import ByStatus, MoneyOutAdmin
from checkout.models import Dispute


class DisputeStatus(ByStatus):
    """Disputes by status, and those that are still open."""

    OPEN = "open"
    states = (
        OPEN,
        "needs_response",
        "under_review",
        "warning_needs_response",
        "warning_under_review",
        *Dispute.CLOSED,
    )

    def word(self, state: str) -> str:
        """Return a state in staff's words."""
        return _("Open, any of them") if state == self.OPEN else tags.dispute_tag(state).word

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> QuerySet[Dispute]:
        """Keep the disputes in the chosen state."""
        if self.value() == self.OPEN:
            return queryset.exclude(status__in=Dispute.CLOSED)
        return super().queryset(request, queryset)


@admin.register(Dispute)
class DisputeAdmin(MoneyOutAdmin):
    """Disputes, the latest first. They are answered at Stripe."""

    id_field = "dispute_id"
    list_display = ("at_stripe", "order_number", "state", "money", "due", "created")
    list_filter = (DisputeStatus, ("due_by", admin.DateFieldListFilter))
    list_select_related = ("order",)
    ordering = ("-created_at", "-pk")
    fields = ("order_number", "state", "money", "reason", "due", "seen_at", "created", "asked")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("dispute"))
    def at_stripe(self, dispute: Dispute) -> SafeString:
        """Return its id at Stripe."""
        return format_html('<span class="mono">{}</span>', dispute.dispute_id)

    @admin.display(description=gettext_lazy("at Stripe"))
    def seen_at(self, dispute: Dispute) -> SafeString:
        """Return its id, leading to where it is answered."""
        url = stripe_links.dispute_url(dispute.dispute_id)
        return format_html('<a class="mono" href="{}" rel="noreferrer">{}</a>', url, dispute.dispute_id)

    @admin.display(description=gettext_lazy("status"))
    def state(self, dispute: Dispute) -> SafeString:
        """Return its state in staff's words."""
        return tags.tag_html(tags.dispute_tag(dispute.status))

    @admin.display(description=gettext_lazy("answer due by"))
    def due(self, dispute: Dispute) -> str:
        """Return until when Stripe wants an answer."""
        return order_page.when(dispute.due_by)
