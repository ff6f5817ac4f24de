"""Payments, refunds and disputes, with Stripe's statuses. Amounts are in minor units; times are UTC."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.models.orders import Order, OrderLine


class Payment(models.Model):
    """One attempt to pay an order: one PaymentIntent. The UUID is the idempotency key of its creation.

    `status` is Stripe's word, or `unknown` until Stripe has answered for the first time.
    """

    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    FINAL = (SUCCEEDED, CANCELED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", verbose_name=_("order"))
    intent_id = models.CharField(_("PaymentIntent"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=40, default=UNKNOWN)
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_received = models.PositiveIntegerField(_("amount received"), default=0)
    error_code = models.CharField(_("last error"), max_length=80, blank=True)
    error_reference = models.CharField(max_length=255, blank=True, editable=False)
    method_type = models.CharField(_("way to pay"), max_length=40, blank=True)
    method_brand = models.CharField(_("brand"), max_length=40, blank=True)
    method_last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    # By what the customer pays at a till or in a bank's app, while it is waited for.
    slip_url = models.CharField(_("payment slip"), max_length=1000, blank=True)
    slip_expires_at = models.DateTimeField(_("payment slip ends"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    asked_at = models.DateTimeField(_("Stripe last asked at"), null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = [models.Index(fields=["-created_at", "-id"], name="payment_by_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["intent_id"], condition=~Q(intent_id=""), name="intent_id_is_unique"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(status__in=["succeeded", "canceled"]),
                name="one_open_payment_per_order",
            ),
        ]

    def __str__(self) -> str:
        return self.intent_id or str(self.pk)

    @property
    def is_final(self) -> bool:
        """Tell whether Stripe can never change it again."""
        return self.status in self.FINAL


class Refund(models.Model):
    """Money on its way back. The UUID is the idempotency key of its creation; `status` is Stripe's word, or `unknown`.

    A refund that was made in Stripe's dashboard has a row too, with nobody as `user`.
    """

    UNKNOWN = "unknown"
    FAILED = ("failed", "canceled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds", verbose_name=_("order"))
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    refund_id = models.CharField(_("refund at Stripe"), max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=40, default=UNKNOWN)
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    failure_reason = models.CharField(_("why it failed"), max_length=80, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    asked_at = models.DateTimeField(_("Stripe last asked at"), null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        indexes = [models.Index(fields=["-created_at", "-id"], name="refund_by_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["refund_id"], condition=~Q(refund_id=""), name="refund_id_is_unique"
            ),
            models.CheckConstraint(condition=Q(amount__gte=1), name="refund_has_an_amount"),
        ]

    def __str__(self) -> str:
        return self.refund_id or str(self.pk)

    @property
    def counts(self) -> bool:
        """Tell whether its money is gone or may be: everything but what failed."""
        return self.status not in self.FAILED


class RefundLine(models.Model):
    """How many of an order's line a refund is for, and whether they went back on the shelf."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    restocked = models.BooleanField(_("back in stock"), default=False)

    class Meta:
        verbose_name = _("refund line")
        verbose_name_plural = _("refund lines")
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="one_refund_line_per_order_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="refund_line_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"


class Dispute(models.Model):
    """A customer asked the bank for the money back. `status` is Stripe's word."""

    CLOSED = ("won", "lost", "warning_closed", "prevented")

    dispute_id = models.CharField(_("dispute at Stripe"), max_length=255, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="disputes", verbose_name=_("order"))
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes", verbose_name=_("payment"))
    status = models.CharField(_("status"), max_length=40)
    amount = models.PositiveIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    due_by = models.DateTimeField(_("answer due by"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    asked_at = models.DateTimeField(_("Stripe last asked at"), null=True, blank=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        indexes = [models.Index(fields=["-created_at", "-id"], name="dispute_by_newest")]

    def __str__(self) -> str:
        return self.dispute_id

    @property
    def is_open(self) -> bool:
        """Tell whether it is not decided yet."""
        return self.status not in self.CLOSED
