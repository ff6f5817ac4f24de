"""Staff ask Stripe about an order: compare both sides, or reconcile."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.admin import stripe_links, tags
from checkout.admin.actions import actor, page_of, why_not
from checkout.audit import stripe_comparison
from checkout.models import Order, Payment
from checkout.payments import gateway, paying
from checkout.payments.gateway import StripeRefusedError, StripeUnavailableError
from checkout.payments.stripe_types import Intent
from shop.money import written


def ask_stripe(request: HttpRequest, order: Order) -> HttpResponse:
    """Ask Stripe how the order's payment stands, settle the answer, and say what it was."""
    before = (order.status, order.needs_attention)
    try:
        intent = paying.look(order, actor=actor(request), now=timezone.now())
    except (StripeUnavailableError, StripeRefusedError) as error:
        messages.error(request, why_not(error))
        return redirect(page_of(order))
    if intent is None:
        messages.warning(request, _("There is nothing to ask: Stripe has no payment of this order."))
    elif order.needs_attention:
        messages.warning(request, f"{_heard(intent)} {_now(order, before)}")
    else:
        messages.success(request, f"{_heard(intent)} {_now(order, before)}")
    return redirect(page_of(order))


def compare(request: HttpRequest, order: Order) -> HttpResponse:
    """Show our facts beside Stripe's, asked for now, and change nothing. One call to Stripe.

    `payment` names an attempt by its UUID; else it is the one that counts.
    """
    payment = _chosen(order, request.GET.get("payment", ""))
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": _("Order %s beside Stripe") % order.number,
        "order": order,
        "order_url": page_of(order),
        "payment": payment,
        "payment_url": stripe_links.dashboard_url(payment.intent_id) if payment else "",
        "can_settle": request.user.has_perm("checkout.change_order"),
        "others": [other for other in order.payments.all() if other != payment and other.intent_id],
    }
    status = HTTPStatus.OK
    if payment and payment.intent_id:
        try:
            facts = stripe_comparison.facts(payment, gateway.retrieve_intent(payment.intent_id))
            context |= {"facts": facts, "differences": sum(fact.differs for fact in facts)}
        except (StripeUnavailableError, StripeRefusedError) as error:
            context["problem"], status = why_not(error), error.status
    return TemplateResponse(request, "admin/checkout/order/compare.html", context, status=status)


def _chosen(order: Order, asked_for: str) -> Payment | None:
    if not asked_for:
        return order.current_payment
    try:
        return get_object_or_404(order.payments, pk=UUID(asked_for))
    except ValueError as error:
        raise BadRequest("payment is no UUID.") from error


def _heard(intent: Intent) -> str:
    facts = {
        "state": tags.payment_tag(intent.status).word,
        "received": written(intent.amount_received, intent.currency),
    }
    if intent.amount_received:
        return _("Stripe says: %(state)s, %(received)s received.") % facts
    return _("Stripe says: %(state)s.") % facts


def _now(order: Order, before: tuple[str, str]) -> str:
    if order.needs_attention:
        return _("The order needs attention: %s.") % order.get_needs_attention_display()
    if (order.status, order.needs_attention) == before:
        return _("Nothing changed.")
    return _("The order is now: %s.") % order.get_status_display()
