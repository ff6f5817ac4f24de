"""The staff's side of orders. One module for each noun; importing them registers their pages."""

from django.contrib.admin import site

from checkout.admin import delivery, events, money_out, orders, outbound, records

__all__ = ["delivery", "events", "money_out", "orders", "outbound", "records"]

# The frame has its own list of pages (`templates/admin/nav.html`), which needs no script.
site.enable_nav_sidebar = False
