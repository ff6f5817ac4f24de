"""The panel of an order that needs attention: the reason, our facts beside Stripe's, and the ways to resolve it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.admin import order_page, tags
from checkout.admin.actions import actor, line_of, page_of
from checkout.models import Order, Payment
from checkout.purchase import attention
from checkout.purchase.attention import Preview
from shop.money import written
from shop.stock import NotEnoughStockError

LONGEST_WORDS = 500


@dataclass(frozen=True)
class Side:
    """One thing as the order has it and as Stripe said it last."""

    name: str
    ours: str
    stripes: str


@dataclass(frozen=True)
class WaysOut:
    """What can be done about an order. A way that does not fit is None. `refund` is of all that is left."""

    flags: tuple[order_page.OpenFlag, ...]
    sides: tuple[Side, ...]
    asked: str
    accept: Preview | None
    refund: Preview | None
    ask: Preview | None
    resolve: Preview | None


def ways_out(page: order_page.OrderPage) -> WaysOut | None:
    """Return the ways out of an order that needs attention, or None for any other."""
    order = page.order
    if not page.flags:
        return None
    payment = _payment_meant(order, page.flags[0].facts)
    return WaysOut(
        flags=page.flags,
        sides=tuple(_sides(page, payment)),
        asked=order_page.when(payment.asked_at) if payment else "",
        accept=attention.preview_accept(order) if attention.can_accept(order) else None,
        refund=attention.preview_refund(order) if page.left > 0 else None,
        ask=attention.preview_ask(order) if payment else None,
        resolve=attention.preview_resolve() if order.is_paid or page.left <= 0 else None,
    )


def _payment_meant(order: Order, facts: dict[str, Any]) -> Payment | None:
    """Return the payment that a flag is about, else the one that counts."""
    about = [payment for payment in order.payments.all() if str(payment.pk) == facts.get("about")]
    return about[0] if about else order.current_payment


def _sides(page: order_page.OrderPage, payment: Payment | None) -> Iterable[Side]:
    order, facts = page.order, page.flags[0].facts
    state = tags.payment_tag(payment.status).word if payment else _("no payment")
    received, currency = page.received, order.currency
    if payment and facts.get("about") == str(payment.pk) and "amount" in facts:
        # What Stripe said, in its own currency, which may be what is wrong.
        received, currency = facts["amount"], facts.get("currency", currency)
    yield Side(_("State"), str(order.get_status_display()), state)
    total = _("%s to pay") % written(order.total, order.currency)
    yield Side(_("Money"), total, _("%s received") % written(received, currency))
    if page.returned:
        stays = _("%s stays") % written(page.left, order.currency)
        yield Side(_("Given back"), stays, _("%s given back") % written(page.returned, order.currency))
    yield Side(_("Books"), _("holds none") if order.is_closed else _("kept for the customer"), "–")


def accept(request: HttpRequest, order: Order) -> HttpResponse:
    """Take the stock again for money that came late, and count the order as paid."""
    try:
        attention.accept(order, actor=actor(request), now=timezone.now())
    except attention.CannotResolveError as error:
        messages.error(request, error.message)
    except NotEnoughStockError:
        missing = attention.preview_accept(order).stock
        messages.error(request, f"{_('The order was not accepted.')} {missing}")
    else:
        messages.success(request, _("Accepted. The stock is taken, the order is paid, the customer is told."))
    return redirect(page_of(order))


def resolve(request: HttpRequest, order: Order) -> HttpResponse:
    """Note in staff's words that somebody looked at one flag (`flag`, its number); the order waits for its others."""
    words = line_of(request, "words", longest=LONGEST_WORDS)
    if not words:
        messages.error(request, _("Write what you found and what you did. Nothing was changed."))
        return redirect(page_of(order))
    try:
        named = line_of(request, "flag", longest=20)
        flag = int(named) if named.isascii() and named.isdigit() else None
        left = attention.resolve(order, words, actor=actor(request), now=timezone.now(), flag_id=flag)
    except attention.CannotResolveError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            _("Looked at. Other things are open.") if left else _("Looked at. The order has left the queue."),
        )
    return redirect(page_of(order))
