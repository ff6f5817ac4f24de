"""Models of orders and payments, one module per noun. Amounts are in minor units; times are UTC."""

from checkout.models.invoices import Invoice, InvoiceSeries
from checkout.models.keys import IdempotencyKey
from checkout.models.money import Dispute, Payment, Refund, RefundLine
from checkout.models.orders import Attention, DeliveryOption, Flag, Order, OrderLine, new_key
from checkout.models.outbound import OutboundDelivery, OutboundEvent, OutboundTry, WebhookEndpoint
from checkout.models.prices import TaxRate, Voucher
from checkout.models.records import Mail, Run, StripeEvent, Timeline

__all__ = [
    "Attention",
    "DeliveryOption",
    "Dispute",
    "Flag",
    "IdempotencyKey",
    "Invoice",
    "InvoiceSeries",
    "Mail",
    "Order",
    "OrderLine",
    "OutboundDelivery",
    "OutboundEvent",
    "OutboundTry",
    "Payment",
    "Refund",
    "RefundLine",
    "Run",
    "StripeEvent",
    "TaxRate",
    "Timeline",
    "Voucher",
    "WebhookEndpoint",
    "new_key",
]
