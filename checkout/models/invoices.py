"""Invoices and credit notes, as they were written. Amounts are in minor units; times are UTC."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkout.models.money import Refund
from checkout.models.orders import Order


class InvoiceSeries(models.Model):
    """The last number of a year. Whoever takes the next holds the row until the document is committed with it."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Invoice(models.Model):
    """A document of the series: an order's invoice, a refund's credit note, or what takes one back. Never edited.

    `total` and `tax` are positive in each kind. `content` is all that is printed: seller, customer, lines, tax by rate.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        # The refund failed, so the money is still the shop's.
        REVERSAL = "reversal", _("Reversal of a credit note")

    number = models.CharField(_("number"), max_length=16, unique=True)
    year = models.PositiveSmallIntegerField(editable=False)
    position = models.PositiveIntegerField(editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INVOICE)
    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices", verbose_name=_("order"))
    refund = models.ForeignKey(
        Refund,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_notes",
        verbose_name=_("refund"),
    )
    issued_at = models.DateTimeField(_("issued at"))
    total = models.PositiveIntegerField(_("total"))
    tax = models.PositiveIntegerField(_("tax"))
    content = models.JSONField(_("content"), default=dict)

    class Meta:
        ordering = ["year", "position"]
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            models.UniqueConstraint(fields=["year", "position"], name="each_invoice_number_is_taken_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="invoice"), name="one_invoice_per_order"
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", refund__isnull=True)
                | (~Q(kind="invoice") & Q(refund__isnull=False)),
                name="credit_note_has_its_refund",
            ),
        ]

    def __str__(self) -> str:
        return self.number
