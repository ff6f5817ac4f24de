"""What a customer does with an order: cancel it while it is unpaid, and order the same again."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from checkout.models import Order
from checkout.orders import access
from checkout.orders.access import account_of
from checkout.purchase import closing
from checkout.purchase.again import order_again
from shop.cart.header import personal_half
from shop.errors import ShopError

_writing = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@_writing
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask whether an unpaid order shall be cancelled, and on POST cancel it. The question needs no script."""
    order = access.order_for(request, number)
    if request.method != "POST":
        return _question(request, order) if order.can_be_cancelled else redirect(order)
    try:
        closing.cancel_own(order, user=account_of(request), now=timezone.now())
    except ShopError as error:
        return _question(request, Order.objects.get(pk=order.pk), error)
    if order.status == Order.Status.CANCELLED:
        messages.success(request, _("Order %s is cancelled. Nothing will be charged.") % order.number)
    return redirect(order)


def _question(request: HttpRequest, order: Order, error: ShopError | None = None) -> HttpResponse:
    context = {"order": order, "error": error, "personal": personal_half(request)}
    response = render(
        request, "checkout/cancel.html", context, status=error.status if error else HTTPStatus.OK
    )
    if error and error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


@never_cache
@_writing
def again(request: HttpRequest, number: str) -> HttpResponse:
    """Put what is still sold of an order into the cart, and say line by line what is not as it was."""
    order = access.order_for(request, number)
    if request.method != "POST":
        return redirect(order)
    changes = order_again(request, order)
    if not changes:
        messages.success(request, _("All of order %s is in your cart.") % order.number)
        return redirect("shop:cart")
    missing = [change for change in changes if change.kind in {"gone", "sold_out"}]
    context = {
        "order": order,
        "changes": changes,
        "nothing": len(missing) == order.lines.count(),
        "all": {change.kind for change in changes} == {"price"},
        "personal": personal_half(request),
    }
    return render(request, "checkout/again.html", context)
