"""Orders, their lines and delivery options. Amounts are in minor units of the order's currency."""

import re
import secrets
from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from checkout.models.prices import Taxed, by_rate, totals_add_up
from shop.models import Cart, Variant
from shop.money import check_prices

if TYPE_CHECKING:
    from checkout.models.money import Payment


class DeliveryOption(models.Model):
    """A way to send products: a flat price, free from a subtotal on."""

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
    countries = models.JSONField(
        _("countries"),
        default=list,
        blank=True,
        help_text=_("Where it reaches, as in NL, BE. Empty: everywhere."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("is offered"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("delivery option")
        verbose_name_plural = _("delivery options")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a price that Stripe could not charge."""
        check_prices(price=self.price)


class Attention(models.TextChoices):
    """Why a person must look at an order, the gravest first."""

    LATE_WITHOUT_STOCK = "late_without_stock", _("The money came late, and a book is gone")
    DISPUTED = "disputed", _("The customer disputes the payment")
    MODE_DIFFERS = "mode_differs", _("Test and live are mixed up")
    CLOSED_AFTER_PAID = "closed_after_paid", _("Stripe closed a payment that we count as paid")
    AMOUNT_DIFFERS = "amount_differs", _("Stripe has another amount than the order")
    CURRENCY_DIFFERS = "currency_differs", _("Stripe has another currency than the order")
    METADATA_DIFFERS = "metadata_differs", _("The PaymentIntent names another order")
    PAID_TWICE = "paid_twice", _("The order was paid a second time")
    UNKNOWN_STATUS = "unknown_status", _("Stripe says a word that we do not know")
    MONEY_AFTER_CLOSE = "money_after_close", _("A payment is on its way to a closed order")
    REFUND_FAILED = "refund_failed", _("A refund failed at Stripe")
    LOST_INTENT = "lost_intent", _("A PaymentIntent may exist that we could not find")

    @property
    def stops_sending(self) -> bool:
        """Tell whether nothing passes it, since the money may not be there: it must be settled before anything is sent."""
        return self in {self.DISPUTED, self.MODE_DIFFERS, self.CLOSED_AFTER_PAID}


def new_key() -> str:
    """Return 32 random letters that may stand in an address."""
    return secrets.token_urlsafe(24)


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
    ADDRESS_FIELDS = ("full_name", "line1", "line2", "city", "region", "postal_code", "country", "phone")

    number = models.CharField(_("number"), max_length=16, unique=True)
    # Whoever has it may see the order: it is in the mails, and in the session of the browser that placed it.
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    # Nobody's, for a guest.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("customer"),
    )
    email = models.EmailField(_("e-mail"))
    # What the customer read when placing it: the mails that follow speak it too.
    language = models.CharField(_("language"), max_length=10, default="en")
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLACED)
    # The gravest of its open flags, or nothing; written with them (`transitions`), for lists and for other programs.
    needs_attention = models.CharField(_("needs attention"), max_length=40, choices=Attention, blank=True)

    currency = models.CharField(_("currency"), max_length=3)
    subtotal = models.PositiveIntegerField(_("subtotal"))
    discount = models.PositiveIntegerField(_("discount"), default=0)
    delivery = models.PositiveIntegerField(_("delivery"), default=0)
    # Of the lines and of the delivery. Where prices include it, it is in them already, and not added to the total.
    tax = models.PositiveIntegerField(_("tax"), default=0)
    delivery_tax = models.PositiveIntegerField(_("tax in the delivery"), default=0)
    delivery_tax_rate = models.PositiveIntegerField(_("tax rate of the delivery"), default=0)
    tax_included = models.BooleanField(_("prices include tax"), default=False)
    voucher_code = models.CharField(_("voucher"), max_length=40, blank=True, db_index=True)
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
            models.Index(fields=["email"], condition=Q(user=None), name="order_of_guest"),
        ]
        constraints = [
            models.CheckConstraint(condition=totals_add_up(), name="order_total_adds_up"),
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

    def get_keyed_url(self) -> str:
        """Return the address that opens this page without a log-in, for mails to the customer."""
        return reverse("checkout:order_by_key", args=[self.number, self.key])

    def get_keyed_invoice_url(self) -> str:
        """Return the address that shows its invoice without a log-in, once it is paid. Keys in queries are not logged."""
        return f"{reverse('checkout:invoice', args=[self.number])}?{urlencode({'key': self.key})}"

    @property
    def current_payment(self) -> "Payment | None":
        """Return the payment that counts: the one that succeeded, else the open one, else the last."""
        payments = list(self.payments.all())
        succeeded = [payment for payment in payments if payment.status == payment.SUCCEEDED]
        unfinished = [payment for payment in payments if not payment.is_final]
        return next(iter([*succeeded, *unfinished, *reversed(payments)]), None)

    @property
    def open_flags(self) -> "list[Flag]":
        """Return why a person must look at it now, the gravest first."""
        if not self.needs_attention:
            return []
        found = gravest_first(flag for flag in self.flags.all() if flag.settled_at is None)
        # Where somebody wrote the column alone, that counts too.
        return found or [Flag(order=self, reason=self.needs_attention, raised_at=self.placed_at)]

    @property
    def taxes(self) -> list[Taxed]:
        """Return the tax in it by rate."""
        lines = [(line.tax_rate, line.total - line.discount, line.tax) for line in self.lines.all()]
        parts = [*lines, (self.delivery_tax_rate, self.delivery, self.delivery_tax)]
        return by_rate(parts, included=self.tax_included)

    @property
    def is_open(self) -> bool:
        """Tell whether it may still be paid in the ordinary way."""
        return self.status in self.OPEN

    @property
    def is_paid(self) -> bool:
        """Tell whether the money is ours."""
        return self.status in self.SETTLED

    @property
    def can_be_cancelled(self) -> bool:
        """Tell whether its customer may cancel it: it awaits payment, and nothing of it is left to staff."""
        return self.status == self.Status.PLACED and not self.needs_attention

    @property
    def is_closed(self) -> bool:
        """Tell whether it was cancelled or ran out of time."""
        return self.status in self.CLOSED


class Flag(models.Model):
    """One reason why a person must look at an order. It stays open until it is settled by itself, whatever comes after.

    `about` is the id, ours or Stripe's, of what it is about; `facts` is what was known then.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="flags", verbose_name=_("order"))
    reason = models.CharField(_("reason"), max_length=40, choices=Attention)
    about = models.CharField(max_length=255, blank=True)
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    raised_at = models.DateTimeField(_("raised at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        constraints = [
            models.UniqueConstraint(fields=["order", "reason", "about"], name="each_flag_is_raised_once")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.reason}"


def gravest_first(flags: Iterable[Flag]) -> list[Flag]:
    """Return flags in the order in which a person should look at them; of the same reason the oldest first."""
    reasons = list(Attention.values)
    return sorted(flags, key=lambda flag: (reasons.index(flag.reason), flag.pk))


class OrderLine(models.Model):
    """One variant in an order, as it was sold. The variant may be gone from the catalogue later."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.SET_NULL, null=True, related_name="order_lines")
    sku = models.CharField(_("SKU"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    edition = models.CharField(_("edition"), max_length=80)
    is_digital = models.BooleanField(_("is digital"), default=False)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.PositiveIntegerField(_("price of one"))
    # Of the whole line: its share of the order's discount, and the tax on what is left, at a rate in hundredths of a
    # percent.
    discount = models.PositiveIntegerField(_("discount"), default=0)
    tax_rate = models.PositiveIntegerField(_("tax rate"), default=0)
    tax = models.PositiveIntegerField(_("tax"), default=0)
    # How often its file was downloaded from the beginning, and when last.
    downloads = models.PositiveIntegerField(_("downloads"), default=0, db_default=0, editable=False)
    downloaded_at = models.DateTimeField(_("downloaded at"), null=True, blank=True, editable=False)

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

    @property
    def file(self) -> FieldFile | None:
        """Return the file that its buyer downloads, where it has one. The variant is best prefetched."""
        return (self.variant.file or None) if self.variant else None

    @property
    def file_name(self) -> str:
        """Return what its file is called where it is kept: the title, without what file systems refuse."""
        title = re.sub(r'[\\/:*?"<>|\x00-\x1f\x7f]+', " ", self.title)
        name = " ".join(title.split())[:120].strip(" .") or self.sku
        return f"{name}{PurePath(self.file.name or '').suffix.lower()}" if self.file else name

    def get_keyed_file_url(self) -> str:
        """Return the address that downloads its file without a log-in, for the customer. Keys in queries are not logged."""
        path = reverse("checkout:file", args=[self.order.number, self.pk])
        return f"{path}?{urlencode({'key': self.order.key})}"
