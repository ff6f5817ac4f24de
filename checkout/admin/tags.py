"""Status tags: a state in staff's words with an icon and a tone."""

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from checkout.messages import order_text
from checkout.messages.order_text import Tag
from checkout.models import Order, OutboundDelivery, Payment, Refund, StripeEvent, WebhookEndpoint

Status = OutboundDelivery.Status


def tag_html(tag: order_text.Tag) -> SafeString:
    """Return a tag as `components.tag` writes it, fast enough for a list."""
    return format_html(
        '<span class="tag {}"><svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg> {}</span>',
        tag.tone,
        static("img/icons.svg"),
        tag.icon,
        tag.word,
    )


def order_tags(order: Order) -> tuple[Tag, ...]:
    """Return the state of an order, and beside it what went back and that a person must look at it."""
    back = order_text.refund_tag(order, with_amount=True)
    attention = Tag(_("Needs attention"), "alert", "bad") if order.needs_attention else None
    return tuple(tag for tag in (order_text.state_tag(order), back, attention) if tag)


def payment_tag(status: str) -> Tag:
    """Return the state of a payment in staff's words; for a word that we do not know, Stripe's own."""
    return {
        "requires_payment_method": Tag(_("Needs a way to pay"), "clock", "muted"),
        "requires_confirmation": Tag(_("Not confirmed"), "clock", "muted"),
        "requires_action": Tag(_("Waiting for the bank’s check"), "clock", "muted"),
        "processing": Tag(_("Processing"), "clock", "warn"),
        "requires_capture": Tag(_("Set aside, not taken"), "clock", "warn"),
        Payment.SUCCEEDED: Tag(_("Succeeded"), "tick", "good"),
        Payment.CANCELED: Tag(_("Canceled"), "cross", "muted"),
        Payment.UNKNOWN: Tag(_("No answer yet"), "clock", "warn"),
    }.get(status) or Tag(status, "alert", "bad")


def refund_tag(status: str) -> Tag:
    """Return the state of a refund in staff's words; for a word that we do not know, Stripe's own."""
    return {
        "succeeded": Tag(_("Given back"), "tick", "good"),
        "pending": Tag(_("On its way"), "clock", "warn"),
        "requires_action": Tag(_("Waiting for the customer"), "clock", "warn"),
        "failed": Tag(_("Failed"), "cross", "bad"),
        "canceled": Tag(_("Canceled"), "cross", "muted"),
        Refund.UNKNOWN: Tag(_("No answer yet"), "clock", "warn"),
    }.get(status) or Tag(status, "alert", "bad")


def dispute_tag(status: str) -> Tag:
    """Return the state of a dispute in staff's words; for a word that we do not know, Stripe's own."""
    return {
        "needs_response": Tag(_("Answer needed"), "alert", "bad"),
        "under_review": Tag(_("With the bank"), "clock", "warn"),
        "warning_needs_response": Tag(_("Inquiry, answer needed"), "alert", "bad"),
        "warning_under_review": Tag(_("Inquiry, with the bank"), "clock", "warn"),
        "warning_closed": Tag(_("Inquiry closed"), "tick", "muted"),
        "prevented": Tag(_("Prevented"), "tick", "muted"),
        "won": Tag(_("Won"), "tick", "good"),
        "lost": Tag(_("Lost"), "cross", "bad"),
    }.get(status) or Tag(status, "alert", "bad")


def event_tag(event: StripeEvent) -> Tag:
    """Return how far a webhook's event has come."""
    icon, tone = {
        StripeEvent.Status.RECEIVED: ("clock", "warn"),
        StripeEvent.Status.DONE: ("tick", "good"),
        StripeEvent.Status.IGNORED: ("minus", "muted"),
        StripeEvent.Status.FAILED: ("alert", "bad"),
    }[StripeEvent.Status(event.status)]
    return Tag(str(event.get_status_display()), icon, tone)


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
