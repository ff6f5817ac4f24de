"""The admin of orders and payments, one module per list or action. Importing the package registers them."""

from django.contrib.admin import site

from checkout.admin import (
    delivery_options,
    dispute_list,
    mail_list,
    orders,
    payment_list,
    refund_list,
    stripe_events,
    tax_rates,
    timeline_list,
    vouchers,
    webhook_endpoint_list,
    webhook_event_list,
)

__all__ = [
    "delivery_options",
    "dispute_list",
    "mail_list",
    "orders",
    "payment_list",
    "refund_list",
    "stripe_events",
    "tax_rates",
    "timeline_list",
    "vouchers",
    "webhook_endpoint_list",
    "webhook_event_list",
]

# The frame has its own list of pages (`templates/admin/nav.html`), which needs no script.
site.enable_nav_sidebar = False
