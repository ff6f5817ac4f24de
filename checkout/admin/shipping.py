"""Staff actions: mark an order as shipped or delivered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.admin.actions import actor, line_of, page_of, says_yes
from checkout.fulfilment import shipping
from checkout.models import Order

LONGEST_TRACKING = 120


def ship(request: HttpRequest, order: Order) -> HttpResponse:
    """Mark an order as sent and tell the customer. `tracking` may be empty; `anyway` sends what is in doubt."""
    tracking = line_of(request, "tracking", longest=LONGEST_TRACKING)
    anyway = says_yes(request, "anyway", unsaid=False)
    try:
        shipping.ship(order, tracking=tracking, actor=actor(request), now=timezone.now(), anyway=anyway)
    except shipping.CannotShipError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Sent. The customer is told by mail."))
    return redirect(page_of(order))


def deliver(request: HttpRequest, order: Order) -> HttpResponse:
    """Note that a sent order arrived."""
    try:
        shipping.deliver(order, actor=actor(request), now=timezone.now())
    except shipping.CannotShipError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Delivered. No mail is sent."))
    return redirect(page_of(order))
