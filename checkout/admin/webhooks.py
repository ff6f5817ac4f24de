"""What the shop tells other programs: the endpoints that are told, the events, and how each was delivered."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from checkout.admin import order_page
from checkout.admin.orders import tag_html
from checkout.admin.readonly import RecordAdmin
from checkout.admin.records import order_link
from checkout.messages import http_sender, webhook_endpoints, webhook_events
from checkout.messages.http_sender import Answer
from checkout.messages.order_text import Tag
from checkout.models import OutboundDelivery, OutboundEvent, WebhookEndpoint
from shop.errors import ShopError

Status = OutboundDelivery.Status
MAY_CHANGE = "checkout.change_webhookendpoint"


def endpoint_tag(endpoint: WebhookEndpoint) -> Tag:
    """Return how an endpoint is doing."""
    if not endpoint.is_active:
        return Tag(_("Off"), "cross", "bad" if endpoint.disabled_because else "muted")
    if endpoint.failing_since:
        return Tag(_("Does not take events"), "alert", "warn")
    return Tag(_("On"), "tick", "good")


def delivery_tag(delivery: OutboundDelivery) -> Tag:
    """Return how far a delivery has come."""
    icon, tone = {
        Status.WAITING: ("clock", "warn" if delivery.tries else "muted"),
        Status.DELIVERED: ("tick", "good"),
        Status.GIVEN_UP: ("cross", "bad"),
    }[Status(delivery.status)]
    return Tag(str(delivery.get_status_display()), icon, tone)


class EndpointForm(forms.ModelForm[WebhookEndpoint]):
    """Where events go, and which."""

    event_types = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=[(name, name) for name in dict.fromkeys(webhook_events.TYPES.values())],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("None ticked: every event, also those that later versions add."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("url", "note", "event_types", "is_active")
        field_classes = {"url": forms.CharField}  # it would put http:// before what has no scheme
        widgets = {"url": forms.URLInput(attrs={"class": "vURLField"})}
        help_texts = {
            "url": gettext_lazy("Where another program takes events by POST. It begins with https://."),
            "note": gettext_lazy("For staff, as in “Warehouse”."),
            "is_active": gettext_lazy("What waits while it is off is sent when it is on again."),
        }

    def clean_url(self) -> str:
        """Refuse an address that nothing would be sent to."""
        url: str = self.cleaned_data["url"]
        try:
            http_sender.check_url(url)
        except http_sender.UnsafeAddressError as error:
            raise ValidationError(error.message, code=error.code) from error
        return url


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(admin.ModelAdmin[WebhookEndpoint]):
    """Where events are sent to. An endpoint is switched off rather than deleted: its deliveries stay told."""

    form = EndpointForm
    list_display = ("url", "note", "wanted", "state")
    list_display_links = ("url",)
    actions = None
    view_on_site = False
    empty_value_display = ""
    fields = ("url", "note", "event_types", "is_active")
    change_list_template = "admin/checkout/card_list.html"
    change_form_template = "admin/checkout/webhookendpoint/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Refuse: what was sent there stays told."""
        return False

    @admin.display(description=gettext_lazy("events"))
    def wanted(self, endpoint: WebhookEndpoint) -> str:
        """Return which events it takes."""
        return ", ".join(endpoint.event_types) or _("all")

    @admin.display(description=gettext_lazy("status"))
    def state(self, endpoint: WebhookEndpoint) -> SafeString:
        """Return how it is doing."""
        return tag_html(endpoint_tag(endpoint))

    def save_model(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        obj: WebhookEndpoint,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save what the form has and nothing else: a worker may have noted a failure since it was read."""
        if not change:
            obj.save()
            return
        changed = set(form.changed_data)
        if "is_active" in changed:
            obj.disabled_because, obj.failing_since = "", None
            changed |= {"disabled_because", "failing_since"}
        if changed:
            obj.save(update_fields=changed)

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, *_args: Any) -> HttpResponse:
        """Show the secret of a new endpoint, this once."""
        return self._show_secret(request, obj, obj.secret)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add how the endpoint is doing, and what can be done with it."""
        context["show_save_and_add_another"] = False  # a new one's secret is shown first
        endpoint = kwargs.get("obj")
        if endpoint:
            events = reverse("admin:checkout_outboundevent_changelist")
            context |= {
                "tag": endpoint_tag(endpoint),
                "may_act": request.user.has_perm(MAY_CHANGE),
                "has_two_secrets": len(endpoint.secrets_at(timezone.now())) > 1,
                "events_url": f"{events}?{EndpointFilter.parameter_name}={endpoint.pk}",
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add the test and the new secret."""
        acts = {"test": self.test, "roll-secret": self.roll_secret}
        return [
            *(
                path(
                    f"<int:pk>/{name}/",
                    self.admin_site.admin_view(require_POST(act)),
                    name=f"checkout_webhookendpoint_{name.replace('-', '_')}",
                )
                for name, act in acts.items()
            ),
            *super().get_urls(),
        ]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a test event now, and show what came of it."""
        delivery = webhook_events.send_test(_endpoint(request, pk), now=timezone.now())
        tried = delivery.log.last()
        if tried:
            _say(request, Answer(tried.status, tried.milliseconds, tried.error))
        return redirect(_page_of(request, delivery.event))

    def roll_secret(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the endpoint a new secret, and show it this once."""
        endpoint = _endpoint(request, pk)
        try:
            secret = webhook_endpoints.roll_secret(endpoint, now=timezone.now())
        except webhook_endpoints.EndpointChangedError as error:
            messages.error(request, error.message)
            return redirect("admin:checkout_webhookendpoint_change", pk)
        return self._show_secret(request, endpoint, secret, is_new=False)

    def _show_secret(
        self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str, *, is_new: bool = True
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Secret"),
            "opts": self.opts,
            "endpoint": endpoint,
            "secret": secret,
            "is_new": is_new,
        }
        return TemplateResponse(request, "admin/checkout/webhookendpoint/secret.html", context)


def _endpoint(request: HttpRequest, pk: int) -> WebhookEndpoint:
    if not request.user.has_perm(MAY_CHANGE):
        raise PermissionDenied
    return get_object_or_404(WebhookEndpoint, pk=pk)


def _say(request: HttpRequest, answer: Answer) -> None:
    """Tell staff what came of a try."""
    facts = {"status": answer.status, "ms": answer.milliseconds, "why": answer.error}
    if answer.is_taken:
        messages.success(request, _("Taken: it answered %(status)s in %(ms)s ms.") % facts)
    elif answer.status:
        messages.error(request, _("Not taken: it answered %(status)s in %(ms)s ms.") % facts)
    else:
        messages.error(request, _("Not taken: no answer. %(why)s") % facts)


def _page_of(request: HttpRequest, event: OutboundEvent) -> str:
    """Return the event's page, or none that this member of staff may not see: then the first one."""
    if request.user.has_perm("checkout.view_outboundevent"):
        return reverse("admin:checkout_outboundevent_change", args=[event.pk])
    return reverse("admin:index")


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
        return tag_html(delivery_tag(deliveries[0])) if deliveries else ""

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
        context["deliveries"] = [(one, delivery_tag(one)) for one in event.deliveries.all()]
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
            _say(request, webhook_events.send_again(row, now=timezone.now()))
        except ShopError as error:
            messages.error(request, error.message)
        return redirect(_page_of(request, row.event))
