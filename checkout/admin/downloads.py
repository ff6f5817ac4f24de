"""Staff let a customer download the e-books of an order once more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from checkout.admin.actions import page_of
from checkout.fulfilment import downloads
from checkout.models import Order


def renew(request: HttpRequest, order: Order) -> HttpResponse:
    """Count the downloads of an order from nothing again."""
    downloads.renew(order)
    messages.success(request, _("The customer may download the e-books of this order again."))
    return redirect(page_of(order))
