"""Helpers shared by all staff actions on an order: the acting user, form values, error messages."""

from typing import cast

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.text import one_line
from checkout.models import Order, Timeline
from checkout.orders.transitions import Actor
from checkout.payments.gateway import StripeRefusedError, StripeUnavailableError

# What a form says for no.
NO = frozenset({"", "0", "no", "off", "false"})


def page_of(order: Order) -> str:
    """Return the address of an order's page in the admin."""
    return reverse("admin:checkout_order_change", args=[order.pk])


def order_link(order: Order) -> SafeString:
    """Return an order's number, leading to its page."""
    return format_html('<a class="mono nowrap" href="{}">{}</a>', page_of(order), order.number)


def user_of(request: HttpRequest) -> User:
    """Return the member of staff who asks. The admin lets nobody else come here."""
    return cast("User", request.user)


def actor(request: HttpRequest) -> Actor:
    """Return the member of staff as the timeline names them."""
    return Actor(Timeline.Actor.STAFF, user_of(request))


def says_yes(request: HttpRequest, name: str, *, unsaid: bool) -> bool:
    """Tell whether a field says yes; `unsaid` is what its absence means."""
    value = request.POST.get(name)
    return unsaid if value is None else value.strip().lower() not in NO


def line_of(request: HttpRequest, name: str, *, longest: int) -> str:
    """Return what a field of one line says. Raises BadRequest where it is too long."""
    text = one_line(request.POST.get(name, ""))
    if len(text) > longest:
        raise BadRequest(f"{name} is longer than {longest}.")
    return text


def why_not(error: StripeUnavailableError | StripeRefusedError) -> str:
    """Return what staff read when Stripe did not do what was asked."""
    if isinstance(error, StripeRefusedError):
        return _("Stripe refused (%(reason)s). The secret key may be wrong, or Stripe does not know this payment. "
                 "Nothing is lost.") % {"reason": error.reason or _("no reason given")}  # fmt: skip
    return _("No answer from Stripe. Nothing is lost. Try again in a moment.")
