"""Webhook events received from Stripe: the list, the page of one, and handling one again."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from checkout.admin import order_page, stripe_links, tags
from checkout.admin.actions import actor, order_link
from checkout.admin.readonly import RecordAdmin
from checkout.models import StripeEvent
from checkout.payments import webhooks


class TypeFilter(admin.SimpleListFilter):
    """Events by the types that we act on."""

    title = gettext_lazy("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer the types that we act on: no look for distinct values among all rows."""
        return [(name, name) for name in webhooks.HANDLED]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> QuerySet[StripeEvent]:  # noqa: ARG002
        """Keep the events of the chosen type."""
        return queryset.filter(type=self.value()) if self.value() else queryset


@admin.register(StripeEvent)
class StripeEventAdmin(RecordAdmin):
    """Every webhook that Stripe signed, the latest first."""

    list_display = ("kind", "order_number", "state", "error", "deliveries", "came")
    list_display_links = ("kind",)
    list_filter = ("status", ("received_at", admin.DateFieldListFilter), TypeFilter)
    list_select_related = ("order",)
    sortable_by = ()
    ordering = ("-received_at", "-pk")
    search_help_text = gettext_lazy(
        "An event (evt_…), the id of what it is about, or what is known of the order."
    )
    change_form_template = "admin/checkout/event.html"
    fields = (
        *("type", "order_number", "state", "error", "deliveries", "about", "seen_at", "came", "done"),
        "body",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[StripeEvent]:
        """Return events; a list leaves their bodies in the database."""
        match = request.resolver_match
        events: QuerySet[StripeEvent] = super().get_queryset(request)
        return (
            events.defer("payload")
            if match and match.url_name == "checkout_stripeevent_changelist"
            else events
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the event with this id, or those about this object or the orders that match."""
        term = search_term.strip().replace("\x00", "")
        if "_" in term and " " not in term and "@" not in term:
            return queryset.filter(Q(event_id=term) | Q(object_id=term)), False
        return super().get_search_results(request, queryset, term)

    def may_act(self, request: HttpRequest) -> bool:
        """Tell whether this member of staff may handle events: what that changes is orders."""
        return request.user.has_perm("checkout.change_order")

    @admin.display(description=gettext_lazy("type"))
    def kind(self, event: StripeEvent) -> SafeString:
        """Return what happened, in Stripe's word."""
        return format_html('<span class="mono">{}</span>', event.type)

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, event: StripeEvent) -> SafeString | str:
        """Return the order that it was found to be about."""
        return order_link(event.order) if event.order else ""

    @admin.display(description=gettext_lazy("status"))
    def state(self, event: StripeEvent) -> SafeString:
        """Return how far it has come."""
        return tags.tag_html(tags.event_tag(event))

    @admin.display(description=gettext_lazy("about"))
    def about(self, event: StripeEvent) -> SafeString:
        """Return the id of what it is about."""
        return format_html('<span class="mono">{}</span>', event.object_id or "–")

    @admin.display(description=gettext_lazy("at Stripe"))
    def seen_at(self, event: StripeEvent) -> SafeString:
        """Return its id, leading to it at Stripe."""
        url = stripe_links.event_url(event.event_id)
        return format_html('<a class="mono" href="{}" rel="noreferrer">{}</a>', url, event.event_id)

    @admin.display(description=gettext_lazy("received"))
    def came(self, event: StripeEvent) -> str:
        """Return when it came first."""
        return order_page.when(event.received_at)

    @admin.display(description=gettext_lazy("handled"))
    def done(self, event: StripeEvent) -> str:
        """Return when it was handled."""
        return order_page.when(event.done_at)

    @admin.display(description=gettext_lazy("payload"))
    def body(self, event: StripeEvent) -> SafeString:
        """Return its body, which holds no client secret."""
        text = json.dumps(event.payload, indent=2, ensure_ascii=False)
        return format_html('<pre class="mono payload" tabindex="0">{}</pre>', text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the way to handle it again."""
        context["can_handle"] = self.may_act(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add handling an event again."""
        view = self.admin_site.admin_view(require_POST(self.handle))
        return [path("<int:pk>/handle/", view, name="checkout_stripeevent_handle"), *super().get_urls()]

    def handle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Act on a stored event again, and say what came of it. One that is done asks Stripe anew, which does no harm."""
        if not self.may_act(request):
            raise PermissionDenied
        row = get_object_or_404(StripeEvent, pk=pk)
        try:
            webhooks.handle(row, actor=actor(request), now=timezone.now())
        except webhooks.UnhandledEventError:
            row.refresh_from_db()
            why = _("It could not be handled: %s. It stays, and Stripe or you can try again.")
            messages.error(request, why % row.error)
        else:
            done = row.status == StripeEvent.Status.DONE
            messages.success(
                request, _("Handled.") if done else _("Looked at: it is not about an order of ours.")
            )
        return redirect(_back(request, row))


def _back(request: HttpRequest, row: StripeEvent) -> str:
    """Return the event's page, or none that this member of staff may not see: then the first one."""
    if request.user.has_perm("checkout.view_stripeevent"):
        return reverse("admin:checkout_stripeevent_change", args=[row.pk])
    return reverse("admin:index")
