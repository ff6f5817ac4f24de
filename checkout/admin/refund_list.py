"""Refunds, for looking things up. What is done about them is on the order."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.admin import order_page, stripe_links, tags
from checkout.admin.actions import order_link
from checkout.admin.readonly import RecordAdmin
from checkout.models import Dispute, Refund
from shop.money import written

HELP = gettext_lazy("An order number, an e-mail, a name, or an id at Stripe (re_…, dp_…, pi_…).")


class ByStatus(admin.SimpleListFilter):
    """Rows by Stripe's word for them, in staff's words."""

    title = gettext_lazy("status")
    parameter_name = "status"
    states: tuple[str, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer every state that we know."""
        return [(state, self.word(state)) for state in self.states]

    def word(self, state: str) -> str:
        """Return a state in staff's words."""
        return tags.refund_tag(state).word

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Keep the rows in the chosen state."""
        return queryset.filter(status=self.value()) if self.value() else queryset


class RefundStatus(ByStatus):
    """Refunds by status."""

    states = (Refund.UNKNOWN, "pending", "requires_action", "succeeded", *Refund.FAILED)


class MoneyOutAdmin(RecordAdmin):
    """What refunds and disputes have in common."""

    search_help_text = HELP
    list_display_links = ("at_stripe",)
    id_field = ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows of the orders that match, or the one with this id."""
        if search_term.strip().startswith(("re_", "pyr_", "dp_", "du_")):
            return queryset.filter(**{self.id_field: search_term.strip()}), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, row: Refund | Dispute) -> SafeString:
        """Return the order that it belongs to."""
        return order_link(row.order)

    @admin.display(description=gettext_lazy("amount"))
    def money(self, row: Refund | Dispute) -> str:
        """Return the amount as money."""
        return written(row.amount, row.currency)

    @admin.display(description=gettext_lazy("created"))
    def created(self, row: Refund | Dispute) -> str:
        """Return when it was begun."""
        return order_page.when(row.created_at)

    @admin.display(description=gettext_lazy("Stripe last asked"))
    def asked(self, row: Refund | Dispute) -> str:
        """Return when Stripe last spoke about it."""
        return order_page.when(row.asked_at)


@admin.register(Refund)
class RefundAdmin(MoneyOutAdmin):
    """Money on its way back, the latest first."""

    id_field = "refund_id"
    list_display = ("at_stripe", "order_number", "state", "money", "who", "created")
    list_filter = (RefundStatus, ("created_at", admin.DateFieldListFilter))
    list_select_related = ("order", "user", "payment")
    ordering = ("-created_at", "-pk")
    fields = (
        *("order_number", "state", "money", "reason", "failure_reason", "products", "who"),
        *("seen_at", "key", "created", "asked"),
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("refund"))
    def at_stripe(self, refund: Refund) -> SafeString:
        """Return its id at Stripe, or that Stripe has not named it yet."""
        return format_html('<span class="mono">{}</span>', refund.refund_id or _("not named yet"))

    @admin.display(description=gettext_lazy("at Stripe"))
    def seen_at(self, refund: Refund) -> SafeString | str:
        """Return its id, leading to it at Stripe."""
        url = stripe_links.refund_url(refund.refund_id, refund.payment.intent_id)
        return format_html('<a class="mono" href="{}" rel="noreferrer">{}</a>', url, refund.refund_id or "–")

    @admin.display(description=gettext_lazy("status"))
    def state(self, refund: Refund) -> SafeString:
        """Return its state in staff's words."""
        return tags.tag_html(tags.refund_tag(refund.status))

    @admin.display(description=gettext_lazy("books"))
    def products(self, refund: Refund) -> str:
        """Return what went back on the shelf with it."""
        return order_page.money_back(refund, [], refund.order.lines.all()).products or "–"

    @admin.display(description=gettext_lazy("by"))
    def who(self, refund: Refund) -> str:
        """Return which member of staff began it."""
        return str(refund.user) if refund.user else _("Stripe’s dashboard")

    @admin.display(description=gettext_lazy("our id, and idempotency key"))
    def key(self, refund: Refund) -> SafeString:
        """Return our own id, which stands in its metadata at Stripe."""
        return format_html('<span class="mono">{}</span>', refund.pk)
