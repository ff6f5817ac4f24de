"""The pages from checkout to order status. Each view parses, calls one verb, and renders."""

import logging
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reselect, reswap, retarget, trigger_client_event

from accounts import addresses, countries
from accounts.models import Address, User
from checkout.fulfilment import downloads
from checkout.messages import order_text
from checkout.messages.order_text import Sentence
from checkout.models import Order
from checkout.orders import access
from checkout.orders.access import account_of
from checkout.orders.delivery import NoDeliveryError, NotReachedError, UnknownDeliveryError
from checkout.orders.vouchers import VoucherError
from checkout.pages import presentation
from checkout.pages.forms import CheckoutForm, beginning, with_saved_address
from checkout.payments import limits, paying, webhooks
from checkout.payments.stripe_types import Intent
from checkout.purchase import placing
from checkout.purchase.closing import StillBeingPaidError
from checkout.purchase.placing import Agreement, CartChangedError, EmptyCartError, Terms, TotalChangedError
from shop.cart import lines as carts
from shop.cart.header import Personal, personal_half
from shop.cart.review import Change
from shop.cart.session import find_cart
from shop.catalogue import text_pages
from shop.errors import ShopError
from shop.models import Cart
from shop.money import written
from shop.views import Request

logger = logging.getLogger(__name__)

# For pages whose header shows no cart, so that nobody counts what is in it.
MESSAGES_ONLY = Personal(cart_count=0)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Ask for an address and a way to send; by POST, place the order and go on to pay."""
    cart = find_cart(request)
    try:
        if request.method == "POST":
            return _place(request, cart)
        user = account_of(request)
        saved = addresses.of(user) if user else []
        form = CheckoutForm(initial=beginning(user, saved), for_guest=user is None)
        return _checkout_page(request, cart, form, saved)
    except EmptyCartError as error:
        messages.info(request, error.message)
        return redirect("shop:cart")
    except CartChangedError as error:
        return _nothing_left(request, error)
    except NoDeliveryError as error:
        logger.error("No way to send books is offered: nobody can order")  # noqa: TRY400 - no fault of the code
        return _sorry(request, order_text.no_delivery(), error)


def _place(request: HttpRequest, cart: Cart | None) -> HttpResponse:
    """Place what was sent. Raises as `placing.agree` does when there is nothing that could be placed."""
    if cart is None:
        raise EmptyCartError
    user = account_of(request)
    sent = with_saved_address(request.POST, user)
    form = CheckoutForm(sent, for_guest=user is None, is_sent=carts.is_sent(cart))
    shown = _whole_number(request.POST.get("total", ""))
    changes: tuple[Change, ...] = ()
    problem: ShopError | None = _too_many_vouchers(request, form, user)
    may_try = problem is None
    if may_try and form.is_valid():
        try:
            return _go_on_to_pay(request, cart, form, shown)
        except StillBeingPaidError as error:
            messages.warning(request, error.message)
            return redirect("checkout:status", error.order.number)
        except CartChangedError as error:
            if not error.review:
                raise
            changes = error.changes
        except (UnknownDeliveryError, VoucherError):
            pass  # the page says so beside the field
        except ShopError as error:
            problem = error
    saved = addresses.of(user) if user else []
    return _checkout_page(
        request, cart, form, saved, shown=shown, changes=changes, problem=problem, try_voucher=may_try
    )


def _too_many_vouchers(
    request: HttpRequest, form: CheckoutForm, user: User | None
) -> limits.TooManyTriesError | None:
    """Count a voucher being tried, whether the rest of the form is right or not; return the error of too many."""
    if form.terms(user).voucher:
        try:
            limits.check_voucher(request, user)
        except limits.TooManyTriesError as error:
            return error
    return None


def _agreement(cart: Cart | None, terms: Terms) -> tuple[Agreement, list[ShopError]]:
    """Return what a cart costs on these terms, as far as they can be had, and what is wrong with the others.

    Raises EmptyCartError, CartChangedError or NoDeliveryError.
    """
    wrong: list[ShopError] = []
    while True:
        try:
            return placing.agree(cart, terms), wrong
        except NoDeliveryError:
            raise
        except VoucherError as error:
            terms = replace(terms, voucher="")
            wrong.append(error)
        except NotReachedError as error:
            terms = replace(terms, country="")
            wrong.append(error)
        except UnknownDeliveryError:  # the page shows those that are offered
            terms = replace(terms, delivery="")


def _go_on_to_pay(request: HttpRequest, cart: Cart, form: CheckoutForm, shown: int | None) -> HttpResponse:
    now, user = timezone.now(), account_of(request)
    limits.check_placing(request, user, form.email_address)
    order = placing.place(
        user=user,
        email=form.email_address,
        cart=cart,
        address=form.address(),
        delivery=form.chosen_delivery,
        voucher=form.cleaned_data["voucher"],
        total_shown=shown,
        now=now,
    )
    if user is None:
        access.remember(request, order)
    elif "save_address" in request.POST and form.cleaned_data.get("line1"):
        with suppress(addresses.TooManyAddressesError):
            addresses.add(user, vars(form.address()))
    paying.begin(order, now=now)
    return redirect("checkout:pay", order.number)


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _checkout_page(
    request: HttpRequest,
    cart: Cart | None,
    form: CheckoutForm,
    saved: list[Address],
    *,
    shown: int | None = None,
    changes: tuple[Change, ...] = (),
    problem: ShopError | None = None,
    try_voucher: bool = True,
) -> HttpResponse:
    """Show the form with what it costs now, and everything that stands in the way of placing it.

    Whoever tried too many vouchers is not told whether this one counts (`try_voucher`).
    """
    terms = form.terms(account_of(request))
    agreement, wrong = _agreement(cart, terms if try_voucher else replace(terms, voucher=""))
    changes = changes or agreement.review.changes
    total = agreement.totals.total
    if form.is_bound:
        for error in wrong:
            form.refuse(error)
    if not agreement.review.needs_delivery:
        form.ask_for_files()
    form.offer(agreement.options, agreement.totals.subtotal)
    is_moved = form.is_bound and shown != total and try_voucher
    context = {
        "form": form,
        "summary": presentation.agreement_summary(agreement),
        "assumed": "" if terms.country else countries.name(agreement.country),
        "changes": changes,
        "moved": TotalChangedError(shown, total) if is_moved else None,
        "problem": None if isinstance(problem, TotalChangedError) else problem,
        "total": total,
        "minutes": settings.ORDER_TTL_MINUTES,
        "texts": text_pages.links(),
        "saved": saved,
        "is_typed": form.is_bound and not form.data.get("address"),
        "personal": MESSAGES_ONLY,
    }
    status = HTTPStatus.OK
    if form.is_bound:
        wrong_form = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.CONFLICT
        status = problem.status if problem else wrong_form
    response = render(request, "checkout/checkout.html", context, status=status)
    return _with_retry(response, problem)


def _with_retry(response: HttpResponse, error: ShopError | None) -> HttpResponse:
    if error and error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def _nothing_left(request: HttpRequest, error: CartChangedError) -> HttpResponse:
    context = {"changes": error.changes, "personal": personal_half(request)}
    return render(request, "checkout/nothing_left.html", context, status=error.status)


def _sorry(
    request: HttpRequest, sentence: Sentence, error: ShopError, order: Order | None = None
) -> HttpResponse:
    """Say what does not work just now, and lead back to the same page."""
    context = {
        "sentence": sentence,
        "order": order,
        "payment": order and order.current_payment,
        "personal": MESSAGES_ONLY,
    }
    return _with_retry(render(request, "checkout/sorry.html", context, status=error.status), error)


@never_cache
@require_safe
def summary(request: HttpRequest) -> HttpResponse:
    """Return the summary and the hidden total for other terms, without placing anything."""
    user = account_of(request)
    form = CheckoutForm(request.GET)
    try:
        terms = form.terms(user)
        if terms.voucher:
            limits.check_voucher(request, user)
        agreement, wrong = _agreement(find_cart(request), terms)
    except ShopError as error:
        return HttpResponse(error.message, status=error.status, headers={"HX-Refresh": "true"})
    total = agreement.totals.total
    form.offer(agreement.options, agreement.totals.subtotal)
    # The cart tells a change once: if it is now, it must be shown here.
    context = {
        "form": form,
        "summary": presentation.agreement_summary(agreement),
        "total": total,
        "changes": agreement.review.changes,
        "wrong": wrong,
        "with_offers": form.offered != request.GET.get("offered", ""),
    }
    response = render(request, "checkout/summary.html", context)
    said = " ".join([*(error.message for error in wrong), _("Total %s.") % written(total)])
    return trigger_client_event(response, "announce", {"value": said})


@never_cache
@require_safe
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Show the Payment Element for an order that awaits payment; any other goes to its status."""
    order = get_object_or_404(_with_payments(request), number=number)
    now = timezone.now()
    try:
        limits.check_paying(request, account_of(request), order, now=now)
        intent = paying.payable(order, now=now)
    except paying.NothingToPayError:
        return redirect("checkout:status", number)
    except ShopError as error:
        return _sorry(request, order_text.no_card_form(error), error, order)
    return _pay_page(request, order, intent)


def _with_payments(request: HttpRequest) -> QuerySet[Order]:
    """Return the orders that who asks may see, to be asked about at Stripe."""
    return access.visible_to(request).prefetch_related("payments")


def _pay_page(request: HttpRequest, order: Order, intent: Intent) -> HttpResponse:
    presentation.load_lines(order)
    notices = order_text.decline_notices()
    context = {
        "order": order,
        "payment": order.current_payment,
        "summary": presentation.order_summary(order),
        "address": order_text.address_line(order),
        "cart_differs": presentation.cart_differs(order),
        "client_secret": intent.client_secret,
        "publishable_key": settings.STRIPE.publishable_key,
        "stripe_js_url": settings.STRIPE.js_url,
        "return_url": request.build_absolute_uri(reverse("checkout:status", args=[order.number])),
        "declined": notices.get(intent.error.code, notices[""]) if intent.error else "",
        "declines": notices,
        "kept_until": order_text.clock(order.expires_at),
        "personal": MESSAGES_ONLY,
    }
    return render(request, "checkout/pay.html", context)


@never_cache
@require_safe
def status(request: Request, number: str) -> HttpResponse:
    """Ask Stripe, reconcile, and say in one sentence where the money is. Safe to reload."""
    order = get_object_or_404(_with_payments(request), number=number)
    if request.GET:
        # Stripe's return carries the client secret in the address, and nothing there is proof of anything.
        return redirect("checkout:status", number)
    now = timezone.now()
    answered = limits.may_look(request, order) and paying.look_or_know(order, now=now)
    context = _order_context(request, order)
    sentence = order_text.sentence(order, context["payment"], answered=answered)
    context |= {"sentence": sentence, "next_look": presentation.seconds_to_next_look(order, now=now)}
    return _status_page(request, context, answered=answered)


def _status_page(request: Request, context: dict[str, Any], *, answered: bool) -> HttpResponse:
    """Answer the page; to a page that looks again by itself, only what is different."""
    payment = context["payment"]
    seen = f"{context['order'].status} {payment.status if payment else ''} {answered}"
    context["seen"] = seen
    if not request.htmx:
        return render(request, "checkout/status.html", context)
    if request.headers.get("X-Seen") == seen:
        return render(request, "checkout/looking.html", context)
    response = render(request, "checkout/status.html", context)
    response = reswap(retarget(reselect(response, "#main"), "#main"), "outerHTML")
    return trigger_client_event(response, "announce", {"value": context["sentence"].heading})


@never_cache
@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Show an order as it was last known, for its customer to find again and to print."""
    found = get_object_or_404(access.visible_to(request), number=number)
    context = _order_context(request, found)
    can_be_paid = found.status == Order.Status.PLACED and not found.needs_attention
    context |= {
        "kept": order_text.kept_until(found) if can_be_paid else "",
        "in_doubt": found.status == Order.Status.PROCESSING or (found.needs_attention and not found.is_paid),
    }
    return render(request, "checkout/order.html", context)


def _order_context(request: HttpRequest, order: Order) -> dict[str, Any]:
    presentation.complete(order)
    payment = order.current_payment
    return {
        "order": order,
        "payment": payment,
        "slip_url": order_text.slip_url(order),
        "method": order_text.method_line(payment),
        "tag": order_text.tag(order),
        "refund_tag": order_text.refund_tag(order),
        "refunded": order_text.refunded(order),
        "summary": presentation.order_summary(order),
        "address": order_text.address_line(order),
        "steps": presentation.steps(order),
        "downloads": downloads.offered(order),
        "papers": presentation.papers(order),
        "personal": personal_half(request),
    }


@login_required
@never_cache
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """List a customer's orders, newest first."""
    found = presentation.with_lines(access.orders_of(cast("User", request.user)))
    page = Paginator(found, presentation.ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": presentation.order_rows(list(page)), "personal": personal_half(request)}
    return render(request, "checkout/orders.html", context)


@csrf_exempt  # Stripe's signature on the raw bytes is its proof
@require_POST
def webhook(request: HttpRequest) -> JsonResponse:
    """Take a delivery of Stripe's: 200 when done, 4xx when it is not for us, 503 when it is to be sent again."""
    try:
        # One byte more than we take is enough to see that it is too much.
        body = request.read(webhooks.LARGEST_BODY + 1)
        event = webhooks.receive(body, request.headers.get("Stripe-Signature", ""), now=timezone.now())
    except ShopError as error:
        return JsonResponse({"error": {"code": error.code, "message": error.message}}, status=error.status)
    return JsonResponse({"received": event.event_id, "status": event.status})
