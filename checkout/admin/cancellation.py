"""Staff cancel an order that awaits payment: at Stripe first, then here."""

from django.contrib import messages
from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.admin import order_page
from checkout.admin.actions import actor, page_of, says_yes, why_not
from checkout.models import Order, Payment
from checkout.payments import refunds
from checkout.payments.gateway import StripeRefusedError, StripeUnavailableError
from checkout.purchase import closing


def cancel(request: HttpRequest, order: Order) -> HttpResponse:
    """Say what cancelling does, and on POST cancel.

    The products go back into stock, unless the field `restock` says in so many words that they do not.
    """
    refusal = cannot_cancel(order)
    if refusal:
        messages.error(request, refusal)
        return redirect(page_of(order))
    if request.method != "POST":
        return _ask_once(request, order)
    restock = says_yes(request, "restock", unsaid=True)
    try:
        closing.cancel(order, actor=actor(request), now=timezone.now(), restock=restock)
    except closing.StillBeingPaidError:
        order = Order.objects.get(pk=order.pk)
        messages.error(request, cannot_cancel(order) or _("The order is being paid just now. Look again."))
    except (StripeUnavailableError, StripeRefusedError) as error:
        messages.error(request, f"{why_not(error)} {_('The order was not cancelled.')}")
    else:
        messages.success(request, _cancelled(order, restock=restock))
    return redirect(page_of(order))


def _ask_once(request: HttpRequest, order: Order) -> HttpResponse:
    context = {
        **site.each_context(request),
        "title": _("Cancel order %s") % order.number,
        "page": order_page.order_page(order),
        "order_url": page_of(order),
    }
    return TemplateResponse(request, "admin/checkout/order/cancel.html", context)


def cannot_cancel(order: Order) -> str:
    """Return why an order cannot be cancelled here, or nothing where it can."""
    match order.status:
        case Order.Status.PLACED:
            has_money = any(payment.status == Payment.SUCCEEDED for payment in order.payments.all())
            if has_money and refunds.left(order) > 0:
                return _("Money has reached Stripe for this order, so it was not cancelled. Refund it first.")
            return ""
        case Order.Status.PROCESSING:
            return _("A payment is on its way, so the order was not cancelled.")
        case Order.Status.CANCELLED:
            return _("The order is cancelled already.")
        case Order.Status.EXPIRED:
            return _("The order has expired: there is nothing to cancel.")
        case _status:
            return _("The order is paid, so it was not cancelled.")


def _cancelled(order: Order, *, restock: bool) -> str:
    copies = sum(line.quantity for line in order.lines.all())
    words = (
        ngettext("%d book is back in stock.", "%d books are back in stock.", copies)
        if restock
        else ngettext("%d book is written off.", "%d books are written off.", copies)
    )
    return f"{_('Cancelled. The order can no longer be paid.')} {words % copies}"
