"""Stripe's events, the timeline of an order, and mails."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from checkout.models.orders import Order


class StripeEvent(models.Model):
    """A webhook delivery, stored before it is acted on. A hint: its body is never the truth about money."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Not for us")
        FAILED = "failed", _("Could not be handled")

    FINISHED = (Status.DONE, Status.IGNORED)
    UNFINISHED = (Status.RECEIVED, Status.FAILED)

    event_id = models.CharField(_("event"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=100)
    object_id = models.CharField(_("about"), max_length=255, blank=True)
    order = models.ForeignKey(Order, models.SET_NULL, null=True, blank=True, related_name="events")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.RECEIVED)
    error = models.CharField(_("error"), max_length=300, blank=True)
    deliveries = models.PositiveIntegerField(_("deliveries"), default=0)
    payload = models.JSONField(_("payload"), help_text=_("Without client secrets."))
    received_at = models.DateTimeField(_("received at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        indexes = [
            models.Index(fields=["status", "-received_at", "-id"], name="event_by_status"),
            models.Index(fields=["-received_at", "-id"], name="event_by_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Timeline(models.Model):
    """What happened to an order, when, and by whom. Only ever added to."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Placed")
        DECLINED = "declined", _("Payment refused")
        PROCESSING = "processing", _("Payment on its way")
        SLIP = "slip", _("Payment slip given out")
        PAID = "paid", _("Paid")
        REOPENED = "reopened", _("The money did not come")
        PAYMENT_CLOSED = "payment_closed", _("Payment closed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")
        ATTENTION = "attention", _("Needs attention")
        RESOLVED = "resolved", _("Looked at")
        SHIPPED = "shipped", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        REFUND_STARTED = "refund_started", _("Refund begun")
        REFUNDED = "refunded", _("Refunded")
        REFUND_FAILED = "refund_failed", _("Refund failed")
        DISPUTED = "disputed", _("Disputed")
        DISPUTE_CLOSED = "dispute_closed", _("Dispute closed")

    class Actor(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        STAFF = "staff", _("Staff")
        RETURN = "return", _("Status page")
        WEBHOOK = "webhook", _("Webhook")
        SWEEP = "sweep", _("Sweep")

    order = models.ForeignKey(Order, models.CASCADE, related_name="timeline")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    actor = models.CharField(_("by"), max_length=10, choices=Actor)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    data = models.JSONField(_("facts"), default=dict, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")

    def __str__(self) -> str:
        return f"{self.order_id} {self.kind}"


class Mail(models.Model):
    """A mail that a fact about an order calls for: queued once in the fact's own transaction, sent when it can be."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Not paid yet")
        PAID = "paid", _("Paid")
        SLIP = "slip", _("Payment slip given out")
        PROCESSING = "processing", _("Payment on its way")
        FAILED = "failed", _("The money did not come")
        SHIPPED = "shipped", _("Sent")
        REFUNDED = "refunded", _("Refunded")
        LINK = "link", _("The link to an order")
        ATTENTION = "attention", _("Needs attention (to staff)")
        WEBHOOK = "webhook", _("Webhook endpoint switched off (to staff)")

    order = models.ForeignKey(Order, models.CASCADE, related_name="mails")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # What the fact is about where an order can have several of a kind: a refund, say.
    about = models.CharField(max_length=255, blank=True, editable=False)
    queued_at = models.DateTimeField(_("queued at"))
    # Claimed by whoever sends it; a claim that nothing came of runs out.
    sending_at = models.DateTimeField(null=True, blank=True, editable=False)
    # It was no longer true when it was to be sent.
    is_dropped = models.BooleanField(_("dropped"), default=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "about"], name="each_mail_is_queued_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} for order {self.order_id}"


class Run(models.Model):
    """The last run of something that must run again and again: when it began, and what it found."""

    LEDGER = "check_books"
    LEDGER_AND_STRIPE = "check_books --stripe"
    # The last time that all events were taken in which webhooks should have brought.
    EVENTS = "events"

    command = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    problems = models.PositiveIntegerField(default=0)
    # The first of them, a line each.
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.command} {self.began_at:%Y-%m-%d %H:%M}"
