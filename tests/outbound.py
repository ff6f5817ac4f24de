"""What tests of outgoing events share: an endpoint, and what is on its way to it."""

from datetime import datetime
from typing import Any

from accounts.encryption import decrypt
from checkout.messages import webhook_events
from checkout.models import OutboundDelivery, OutboundEvent, WebhookEndpoint


def listen(url: str = "http://127.0.0.1:9/hook", *types: str, **facts: Any) -> WebhookEndpoint:
    """Make an endpoint that wants these events, or all."""
    return WebhookEndpoint.objects.create(url=url, event_types=list(types), **facts)


def secret_of(endpoint: WebhookEndpoint) -> str:
    """Return the secret of an endpoint, as the other side knows it."""
    return decrypt(endpoint.secret)


def queued() -> list[str]:
    """Return the types of all events there are, the oldest first."""
    return list(OutboundEvent.objects.order_by("pk").values_list("type", flat=True))


def send(now: datetime) -> tuple[int, int]:
    """Send what is due, in this thread, and return how many were taken and how many not."""
    return webhook_events.send_due(now=now, workers=1)[:2]


def state(delivery: OutboundDelivery) -> tuple[str, int]:
    delivery.refresh_from_db()
    return delivery.status, delivery.tries
