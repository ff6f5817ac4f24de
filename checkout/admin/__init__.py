"""The staff's side of orders. One module for each noun; importing them registers their pages."""

from django.contrib.admin import site

from checkout.admin import delivery_options, money_lists, orders, records, stripe_events, webhooks

__all__ = ["delivery_options", "money_lists", "orders", "records", "stripe_events", "webhooks"]

# The frame has its own list of pages (`templates/admin/nav.html`), which needs no script.
site.enable_nav_sidebar = False
