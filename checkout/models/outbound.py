"""Webhook endpoints, events and deliveries."""

import secrets
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.encryption import decrypt, encrypt
from checkout.models.orders import Order
from checkout.models.records import Timeline


def new_secret() -> str:
    """Return a secret to sign with."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def new_encrypted_secret() -> str:
    """Return a secret to sign with, as it is kept."""
    return encrypt(new_secret())


def new_event_id() -> str:
    """Return an id for an event."""
    return f"evt_{secrets.token_hex(12)}"


class WebhookEndpoint(models.Model):
    """Where another program takes our events, and which. `event_types` is a list of types; an empty one means all.

    While a secret is being rotated, the one before it signs too, until `old_secret_until`. Both are kept encrypted.
    """

    class Why(models.TextChoices):
        GONE = "gone", _("It answered that it is gone (410)")
        SILENT = "silent", _("It took nothing for three days")

    url = models.URLField(_("address"), max_length=500, unique=True)
    note = models.CharField(_("what it is for"), max_length=120, blank=True)
    event_types = models.JSONField(_("events"), default=list, blank=True)
    is_active = models.BooleanField(_("switched on"), default=True)
    disabled_because = models.CharField(_("why not"), max_length=120, choices=Why, blank=True)
    # When the first try failed of those since which none has worked.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    secret = models.CharField(max_length=255, default=new_encrypted_secret, editable=False)
    old_secret = models.CharField(max_length=255, blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.url

    def wants(self, event_type: str) -> bool:
        """Tell whether it takes events of a type."""
        return not self.event_types or event_type in self.event_types

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, the newest first. Raises UnreadableSecretError."""
        kept = [self.secret, self.old_secret] if self.has_two_secrets(now) else [self.secret]
        return [decrypt(secret) for secret in kept]

    def has_two_secrets(self, now: datetime) -> bool:
        """Tell whether the secret before the last one signs too."""
        return self.old_secret_until is not None and now < self.old_secret_until


class OutboundEvent(models.Model):
    """Something that happened to an order, as other programs are told: once for each row of the timeline.

    `body` is the JSON that is sent, the same bytes each time. An event without an order is a test by staff.
    """

    event_id = models.CharField(_("event"), max_length=40, unique=True, default=new_event_id)
    type = models.CharField(_("type"), max_length=40)
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, related_name="outbound_events", verbose_name=_("order")
    )
    entry = models.OneToOneField(Timeline, models.CASCADE, null=True, related_name="outbound_event")
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("outgoing event")
        verbose_name_plural = _("outgoing events")
        indexes = [models.Index(fields=["-created_at", "-id"], name="outbound_by_newest")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class OutboundDelivery(models.Model):
    """One event on its way to one endpoint. `tries` counts since it was queued, or since staff sent it again.

    `due_at` is set exactly while it waits.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    event = models.ForeignKey(OutboundEvent, models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    due_at = models.DateTimeField(_("next try"), null=True)
    # Claimed by whoever sends it; a claim that nothing came of runs out.
    sending_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        # Not by status: SQLite would not see that a query for a given one fits.
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="delivery_by_due_time",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", due_at__isnull=False)
                | (~Q(status="waiting") & Q(due_at__isnull=True)),
                name="waiting_delivery_has_its_time",
            ),
            models.UniqueConstraint(fields=["event", "endpoint"], name="one_delivery_per_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}"


class OutboundTry(models.Model):
    """One try of a delivery, and what came of it. `status` is the endpoint's, NULL where there was no answer."""

    delivery = models.ForeignKey(OutboundDelivery, models.CASCADE, related_name="log")
    at = models.DateTimeField(_("at"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    # Why there was no answer, or the first characters of it.
    error = models.CharField(_("error"), max_length=200, blank=True)
    answer = models.CharField(_("what it said"), max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("try")
        verbose_name_plural = _("tries")

    def __str__(self) -> str:
        return f"{self.status or self.error} for {self.delivery_id}"
