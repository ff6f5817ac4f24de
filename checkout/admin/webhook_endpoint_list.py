"""Webhook endpoints of other programs: edit, test, roll the secret."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import text
from accounts.encryption import decrypt
from accounts.fresh_forms import FreshAdmin, FreshForm
from checkout.admin import tags
from checkout.admin.webhook_event_list import MAY_CHANGE, EndpointFilter, page_of_event, tell_answer
from checkout.messages import http_sender, webhook_endpoints, webhook_events
from checkout.messages.http_sender import Answer
from checkout.models import WebhookEndpoint


class EndpointForm(FreshForm[WebhookEndpoint]):
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
        field_classes = {"url": text.OneLineField}  # it would put http:// before what has no scheme
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
class WebhookEndpointAdmin(FreshAdmin[WebhookEndpoint]):
    """Where events are sent to. An endpoint is switched off rather than deleted: its deliveries stay told."""

    form = EndpointForm
    list_display = ("url", "note", "wanted", "state")
    list_display_links = ("url",)
    actions = None
    formfield_overrides = text.IN_ADMIN
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
        return tags.tag_html(tags.endpoint_tag(endpoint))

    def save_model(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        obj: WebhookEndpoint,
        form: Any,
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save the endpoint. To switch it on or off forgets the failures before."""
        if not change:
            obj.save()
        elif "is_active" in form.changed_data:
            obj.disabled_because, obj.failing_since = "", None
            form.write("disabled_because", "failing_since")
        else:
            form.write()

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, *_args: Any) -> HttpResponse:
        """Show the secret of a new endpoint, this once."""
        return self._show_secret(request, obj, decrypt(obj.secret))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add how the endpoint is doing, and what can be done with it."""
        context["show_save_and_add_another"] = False  # a new one's secret is shown first
        endpoint = kwargs.get("obj")
        if endpoint:
            events = reverse("admin:checkout_outboundevent_changelist")
            context |= {
                "tag": tags.endpoint_tag(endpoint),
                "may_act": request.user.has_perm(MAY_CHANGE),
                "has_two_secrets": endpoint.has_two_secrets(timezone.now()),
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
            tell_answer(request, Answer(tried.status, tried.milliseconds, tried.error))
        return redirect(page_of_event(request, delivery.event))

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
