"""Events sent to other programs, and the state of each delivery."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from checkout.admin import order_page, tags
from checkout.admin.actions import order_link
from checkout.admin.readonly import RecordAdmin
from checkout.messages import webhook_events
from checkout.messages.http_sender import Answer
from checkout.models import OutboundDelivery, OutboundEvent, WebhookEndpoint
from shop.errors import ShopError

MAY_CHANGE = "checkout.change_webhookendpoint"
Status = OutboundDelivery.Status


class TypeFilter(admin.SimpleListFilter):
    """Events by type."""

    title = gettext_lazy("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer every type that there is."""
        return [(name, name) for name in (*dict.fromkeys(webhook_events.TYPES.values()), webhook_events.TEST)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboundEvent]) -> QuerySet[OutboundEvent]:  # noqa: ARG002
        """Keep the events of the chosen type."""
        return queryset.filter(type=self.value()) if self.value() else queryset


class DeliveryFilter(admin.SimpleListFilter):
    """Events with a delivery that stands so."""

    title = gettext_lazy("delivery")
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer every state."""
        return [(value, str(label)) for value, label in Status.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboundEvent]) -> QuerySet[OutboundEvent]:  # noqa: ARG002
        """Keep the events with such a delivery, none of them twice."""
        found = OutboundDelivery.objects.filter(status=self.value())
        return queryset.filter(pk__in=found.values("event")) if self.value() else queryset


class EndpointFilter(admin.SimpleListFilter):
    """Events that went to one endpoint."""

    title = gettext_lazy("endpoint")
    parameter_name = "endpoint"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Offer every endpoint."""
        return [
            (str(endpoint.pk), endpoint.note or endpoint.url) for endpoint in WebhookEndpoint.objects.all()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboundEvent]) -> QuerySet[OutboundEvent]:  # noqa: ARG002
        """Keep the events of the chosen endpoint."""
        chosen = self.value()
        if not chosen:
            return queryset
        known = chosen in {value for value, _label in self.lookup_choices}
        found = OutboundDelivery.objects.filter(endpoint=int(chosen) if known else None)
        return queryset.filter(pk__in=found.values("event"))


@admin.register(OutboundEvent)
class OutboundEventAdmin(RecordAdmin):
    """Every event that some endpoint wanted, the latest first, and how each was delivered."""

    list_display = ("kind", "order_number", "state", "made")
    list_display_links = ("kind",)
    list_filter = (DeliveryFilter, TypeFilter, EndpointFilter)
    list_select_related = ("order",)
    sortable_by = ()
    ordering = ("-created_at", "-pk")
    search_help_text = gettext_lazy("An event (evt_…), or what is known of the order.")
    change_form_template = "admin/checkout/outboundevent/change_form.html"
    fields = ("named", "order_number", "made", "content")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundEvent]:
        """Return events with their deliveries; a list leaves their bodies in the database."""
        deliveries = OutboundDelivery.objects.select_related("endpoint")
        events: QuerySet[OutboundEvent] = super().get_queryset(request)
        match = request.resolver_match
        if match and match.url_name == "checkout_outboundevent_changelist":
            return events.defer("body").prefetch_related(Prefetch("deliveries", deliveries))
        return events.prefetch_related(Prefetch("deliveries", deliveries.prefetch_related("log")))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the event with this id, or those about the orders that match."""
        term = search_term.strip().replace("\x00", "")
        if term.startswith("evt_"):
            return queryset.filter(event_id=term), False
        return super().get_search_results(request, queryset, term)

    @admin.display(description=gettext_lazy("type"))
    def kind(self, event: OutboundEvent) -> SafeString:
        """Return what happened."""
        return format_html('<span class="mono">{}</span>', event.type)

    @admin.display(description=gettext_lazy("event"))
    def named(self, event: OutboundEvent) -> SafeString:
        """Return its id."""
        return format_html('<span class="mono">{}</span>', event.event_id)

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, event: OutboundEvent) -> SafeString | str:
        """Return the order that it is about; a test is about none."""
        return order_link(event.order) if event.order else "–"

    @admin.display(description=gettext_lazy("delivery"))
    def state(self, event: OutboundEvent) -> SafeString | str:
        """Return how far it has come where it has come least far."""
        order = (Status.GIVEN_UP, Status.WAITING, Status.DELIVERED)
        deliveries = sorted(
            event.deliveries.all(), key=lambda one: (order.index(Status(one.status)), -one.tries)
        )
        return tags.tag_html(tags.delivery_tag(deliveries[0])) if deliveries else ""

    @admin.display(description=gettext_lazy("made"))
    def made(self, event: OutboundEvent) -> str:
        """Return when it happened."""
        return order_page.when(event.created_at)

    @admin.display(description=gettext_lazy("body"))
    def content(self, event: OutboundEvent) -> SafeString:
        """Return what is sent, laid out to be read."""
        text = json.dumps(json.loads(event.body), indent=2, ensure_ascii=False)
        return format_html('<pre class="mono payload" tabindex="0">{}</pre>', text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the deliveries with their tries, and the way to send one again."""
        event: OutboundEvent = kwargs["obj"]
        context["deliveries"] = [(one, tags.delivery_tag(one)) for one in event.deliveries.all()]
        context["may_act"] = request.user.has_perm(MAY_CHANGE)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add sending again."""
        view = self.admin_site.admin_view(require_POST(self.send_again))
        name = "checkout_outboundevent_send_again"
        return [path("<int:pk>/send-again/<int:delivery>/", view, name=name), *super().get_urls()]

    def send_again(self, request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
        """Send an event again to one endpoint, now, and say what came of it."""
        if not request.user.has_perm(MAY_CHANGE):
            raise PermissionDenied
        row = get_object_or_404(
            OutboundDelivery.objects.select_related("endpoint", "event"), pk=delivery, event=pk
        )
        try:
            tell_answer(request, webhook_events.send_again(row, now=timezone.now()))
        except ShopError as error:
            messages.error(request, error.message)
        return redirect(page_of_event(request, row.event))


def tell_answer(request: HttpRequest, answer: Answer) -> None:
    """Tell staff what came of a try."""
    facts = {"status": answer.status, "ms": answer.milliseconds, "why": answer.error}
    if answer.is_taken:
        messages.success(request, _("Taken: it answered %(status)s in %(ms)s ms.") % facts)
    elif answer.status:
        messages.error(request, _("Not taken: it answered %(status)s in %(ms)s ms.") % facts)
    else:
        messages.error(request, _("Not taken: no answer. %(why)s") % facts)


def page_of_event(request: HttpRequest, event: OutboundEvent) -> str:
    """Return the event's page, or none that this member of staff may not see: then the first one."""
    if request.user.has_perm("checkout.view_outboundevent"):
        return reverse("admin:checkout_outboundevent_change", args=[event.pk])
    return reverse("admin:index")
