"""Payments as Stripe knows them, for looking things up."""

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
from checkout.models import Payment
from shop.money import written


class PaymentStateFilter(admin.SimpleListFilter):
    """Payments by what Stripe says, in staff's words."""

    title = gettext_lazy("status")
    parameter_name = "status"
    STATES = (
        Payment.UNKNOWN,
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        Payment.SUCCEEDED,
        Payment.CANCELED,
    )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer every state that we know."""
        return [(state, tags.payment_tag(state).word) for state in self.STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:  # noqa: ARG002
        """Keep the payments in the chosen state."""
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Payment)
class PaymentAdmin(RecordAdmin):
    """Every attempt to pay: one PaymentIntent each."""

    list_display = ("intent", "order_number", "state", "money", "received", "created")
    list_display_links = ("intent",)
    list_filter = (PaymentStateFilter, ("created_at", admin.DateFieldListFilter))
    list_select_related = ("order",)
    ordering = ("-created_at", "-pk")
    fields = (
        "order_number",
        "state",
        "money",
        "received",
        "paid_with",
        "refused",
        "at_stripe",
        "key",
        "created",
        "asked",
    )
    readonly_fields = fields

    @admin.display(description="PaymentIntent")
    def intent(self, payment: Payment) -> SafeString:
        """Return its id at Stripe, or that Stripe has not named it yet."""
        return format_html('<span class="mono">{}</span>', payment.intent_id or _("not named yet"))

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, payment: Payment) -> SafeString:
        """Return the order that it pays."""
        return order_link(payment.order)

    @admin.display(description=gettext_lazy("status"))
    def state(self, payment: Payment) -> SafeString:
        """Return its state in staff's words."""
        return tags.tag_html(tags.payment_tag(payment.status))

    @admin.display(description=gettext_lazy("amount"))
    def money(self, payment: Payment) -> str:
        """Return the amount as money."""
        return written(payment.amount, payment.currency)

    @admin.display(description=gettext_lazy("received"))
    def received(self, payment: Payment) -> str:
        """Return what Stripe has received for it."""
        return written(payment.amount_received, payment.currency)

    @admin.display(description=gettext_lazy("paid with"))
    def paid_with(self, payment: Payment) -> str:
        """Return what it was paid with."""
        return order_page.attempt(payment).paid_with or "–"

    @admin.display(description=gettext_lazy("last refused"))
    def refused(self, payment: Payment) -> str:
        """Return Stripe's code for why the last try did not work."""
        return payment.error_code or "–"

    @admin.display(description="PaymentIntent")
    def at_stripe(self, payment: Payment) -> SafeString:
        """Return its id, leading to it at Stripe."""
        url = stripe_links.dashboard_url(payment.intent_id)
        if not url:
            return self.intent(payment)
        return format_html('<a class="mono" href="{}" rel="noreferrer">{}</a>', url, payment.intent_id)

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def created(self, payment: Payment) -> str:
        """Return when the attempt was begun."""
        return order_page.when(payment.created_at)

    @admin.display(description=gettext_lazy("Stripe last asked"))
    def asked(self, payment: Payment) -> str:
        """Return when Stripe was last asked about it."""
        return order_page.when(payment.asked_at)

    @admin.display(description=gettext_lazy("our id, and idempotency key"))
    def key(self, payment: Payment) -> SafeString:
        """Return our own id, which stands in its metadata at Stripe."""
        return format_html('<span class="mono">{}</span>', payment.pk)
