"""An order from cart to money. Amounts are in minor units of the order's currency; times are UTC."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shop.models import Cart, Variant


class DeliveryOption(models.Model):
    """A way to send books: a flat price, free from a subtotal on."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    note = models.CharField(_("note"), max_length=120, blank=True)
    price = models.PositiveIntegerField(_("price"), help_text=_("In minor units: 450 is €4.50."))
    free_from = models.PositiveIntegerField(
        _("free from"),
        null=True,
        blank=True,
        help_text=_("The subtotal, in minor units, from which it costs nothing."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("is offered"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("delivery option")
        verbose_name_plural = _("delivery options")

    def __str__(self) -> str:
        return self.name


class Attention(models.TextChoices):
    """Why a person must look at an order."""

    AMOUNT_DIFFERS = "amount_differs", _("Stripe has another amount than the order")
    CURRENCY_DIFFERS = "currency_differs", _("Stripe has another currency than the order")
    MODE_DIFFERS = "mode_differs", _("Test and live are mixed up")
    METADATA_DIFFERS = "metadata_differs", _("The PaymentIntent names another order")
    PAID_TWICE = "paid_twice", _("The order was paid a second time")
    UNKNOWN_STATUS = "unknown_status", _("Stripe says a word that we do not know")
    MONEY_AFTER_CLOSE = "money_after_close", _("A payment is on its way to a closed order")
    CLOSED_AFTER_PAID = "closed_after_paid", _("Stripe closed a payment that we count as paid")
    LATE_WITHOUT_STOCK = "late_without_stock", _("The money came late, and a book is gone")
    REFUND_FAILED = "refund_failed", _("A refund failed at Stripe")
    DISPUTED = "disputed", _("The customer disputes the payment")
    LOST_INTENT = "lost_intent", _("A PaymentIntent may exist that we could not find")


class Order(models.Model):
    """A frozen copy of what was agreed. Lines, prices, address and totals are never edited afterwards."""

    class Status(models.TextChoices):
        PLACED = "placed", _("Awaiting payment")
        PROCESSING = "processing", _("Payment on its way")
        PAID = "paid", _("Paid")
        SHIPPED = "shipped", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Expired")

    OPEN = (Status.PLACED, Status.PROCESSING)
    SETTLED = (Status.PAID, Status.SHIPPED, Status.DELIVERED)
    CLOSED = (Status.CANCELLED, Status.EXPIRED)

    number = models.CharField(_("number"), max_length=16, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    email = models.EmailField(_("e-mail"))
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLACED)
    needs_attention = models.CharField(_("needs attention"), max_length=40, choices=Attention, blank=True)

    currency = models.CharField(_("currency"), max_length=3)
    subtotal = models.PositiveIntegerField(_("subtotal"))
    discount = models.PositiveIntegerField(_("discount"), default=0)
    delivery = models.PositiveIntegerField(_("delivery"), default=0)
    tax = models.PositiveIntegerField(_("tax"), default=0)
    total = models.PositiveIntegerField(_("total"))

    tracking = models.CharField(_("tracking"), max_length=120, blank=True)
    delivery_name = models.CharField(_("delivery option"), max_length=80, blank=True)
    full_name = models.CharField(_("full name"), max_length=120)
    line1 = models.CharField(_("street and house number"), max_length=160)
    line2 = models.CharField(_("flat, floor, care of"), max_length=160, blank=True)
    city = models.CharField(_("city"), max_length=80)
    region = models.CharField(_("region"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    # The cart that it was placed from, until what was bought has left it.
    cart = models.ForeignKey(Cart, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)

    placed_at = models.DateTimeField(_("placed at"))
    expires_at = models.DateTimeField(_("time to pay ends"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    class Meta:
        ordering = ["-placed_at", "-pk"]
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["user", "-placed_at"], name="order_by_customer"),
            models.Index(fields=["status", "expires_at"], name="order_by_expiry"),
            models.Index(fields=["-placed_at", "-id"], name="order_by_newest"),
            models.Index(fields=["status", "-placed_at", "-id"], name="order_by_status"),
            models.Index(fields=["paid_at"], name="order_by_paid"),
            models.Index(fields=["id"], condition=~Q(needs_attention=""), name="order_needing_attention"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("delivery") + F("tax")),
                name="order_total_adds_up",
            ),
            models.UniqueConstraint(
                fields=["cart"], condition=Q(status="placed"), name="one_open_order_per_cart"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["paid", "shipped", "delivered"]) | Q(paid_at__isnull=False),
                name="paid_order_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the customer's page of this order."""
        return reverse("checkout:order", args=[self.number])

    @property
    def is_open(self) -> bool:
        """Tell whether it may still be paid in the ordinary way."""
        return self.status in self.OPEN

    @property
    def is_paid(self) -> bool:
        """Tell whether the money is ours."""
        return self.status in self.SETTLED

    @property
    def is_closed(self) -> bool:
        """Tell whether it was cancelled or ran out of time."""
        return self.status in self.CLOSED


class OrderLine(models.Model):
    """One edition in an order, as it was sold. The variant may be gone from the catalogue later."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="order_lines")
    sku = models.CharField(_("SKU"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    edition = models.CharField(_("edition"), max_length=80)
    is_digital = models.BooleanField(_("is digital"), default=False)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.PositiveIntegerField(_("price of one"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "sku"], name="one_line_per_sku_in_an_order"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_has_a_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def total(self) -> int:
        """Return the price of all, in minor units."""
        return self.unit_price * self.quantity


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

    def __str__(self) -> str:
        return self.dispute_id

    @property
    def is_open(self) -> bool:
        """Tell whether it is not decided yet."""
        return self.status not in self.CLOSED


class StripeEvent(models.Model):
    """A webhook delivery, stored before it is acted on. A hint: its body is never the truth about money."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        DONE = "done", _("Done")
        IGNORED = "ignored", _("Not for us")
        FAILED = "failed", _("Could not be handled")

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
        indexes = [models.Index(fields=["status", "-received_at"], name="event_by_status")]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class Timeline(models.Model):
    """What happened to an order, when, and by whom. Only ever added to."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Placed")
        DECLINED = "declined", _("Payment refused")
        PROCESSING = "processing", _("Payment on its way")
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
        PROCESSING = "processing", _("Payment on its way")
        FAILED = "failed", _("The money did not come")
        SHIPPED = "shipped", _("Sent")
        REFUNDED = "refunded", _("Refunded")
        ATTENTION = "attention", _("Needs attention (to staff)")

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
