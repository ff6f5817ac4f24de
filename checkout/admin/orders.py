"""Orders in the admin: found, opened, asked about and cancelled, never edited."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from checkout import closing, paying, staff, words
from checkout.admin import search
from checkout.admin.dates import DatedChangeList
from checkout.admin.filters import AttentionFilter, CustomerFilter, DeliveryFilter
from checkout.admin.readonly import ReadOnlyAdmin
from checkout.facts import Intent
from checkout.gateway import StripeRefusedError, StripeUnavailableError
from checkout.models import Order, Payment, Timeline
from checkout.states import Actor
from shop.money import written

# What a form says for no, where saying nothing means yes.
NO = frozenset({"", "0", "no", "off", "false"})


def tag_html(tag: words.Tag) -> SafeString:
    """Return a tag as `parts/tag.html` writes it, fast enough for a list."""
    return format_html(
        '<span class="tag {}"><svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg> {}</span>',
        tag.tone,
        static("img/icons.svg"),
        tag.icon,
        tag.word,
    )


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """The list of orders, the page of one, and what staff can do with it."""

    list_display = ("number", "customer", "state", "money", "placed", "intent")
    list_display_links = ("number",)
    list_filter = (
        CustomerFilter,
        "status",
        AttentionFilter,
        ("placed_at", admin.DateFieldListFilter),
        ("paid_at", admin.DateFieldListFilter),
        DeliveryFilter,
    )
    date_hierarchy = "placed_at"
    ordering = ("-placed_at", "-pk")
    search_fields = ("number",)
    search_help_text = search.HELP
    change_form_template = "admin/checkout/order/change_form.html"
    change_list_template = "admin/checkout/dated_change_list.html"

    # --- The list ---

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Return orders with their payments, for the one that counts."""
        return super().get_queryset(request).prefetch_related("payments")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DatedChangeList]:  # noqa: ARG002
        """Return our list, whose dates do not look at every row."""
        return DatedChangeList

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Order],
        search_term: str,
    ) -> tuple[QuerySet[Order], bool]:
        """Return the orders that match, none of them twice."""
        return search.matching(queryset, search_term), False

    @admin.display(description=gettext_lazy("customer"), ordering="email")
    def customer(self, order: Order) -> SafeString:
        """Return the customer's e-mail, leading to all orders of theirs."""
        return format_html('<a href="{}">{}</a>', orders_of(order.user_id), order.email)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, order: Order) -> SafeString:
        """Return the state as tags."""
        return format_html_join(" ", "{}", ((tag_html(tag),) for tag in staff.order_tags(order)))

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def money(self, order: Order) -> str:
        """Return the total as money."""
        return written(order.total, order.currency)

    @admin.display(description=gettext_lazy("placed"), ordering="placed_at")
    def placed(self, order: Order) -> str:
        """Return when it was placed."""
        return staff.when(order.placed_at)

    @admin.display(description="PaymentIntent")
    def intent(self, order: Order) -> SafeString | str:
        """Return the id of the payment that counts."""
        payment = paying.current(order)
        return format_html('<span class="mono">{}</span>', payment.intent_id) if payment else ""

    # --- One order ---

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:  # noqa: ARG002
        """Return none: the page is written by its template from `staff.order_page`."""
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the order as a page of facts, with what this member of staff can do about it."""
        order = cast("Order", kwargs.get("obj"))
        may_act = self.may_act(request)
        context |= {
            "page": staff.order_page(order),
            "title": _("Order %s") % order.number,
            "subtitle": None,
            "customer_url": orders_of(order.user_id),
            "can_ask": may_act and paying.current(order) is not None,
            "can_cancel": may_act and not _cannot_cancel(order),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add what staff can do with an order."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/ask-stripe/", wrap(require_POST(self.ask_stripe)), name="checkout_order_ask_stripe"
            ),
            path(
                "<int:pk>/cancel/",
                wrap(require_http_methods(["GET", "HEAD", "POST"])(self.cancel)),
                name="checkout_order_cancel",
            ),
            *super().get_urls(),
        ]

    def ask_stripe(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask Stripe how the order's payment stands, settle the answer, and say what it was."""
        order = self._to_act_on(request, pk)
        before = (order.status, order.needs_attention)
        try:
            intent = paying.look(order, actor=_actor(request), now=timezone.now())
        except (StripeUnavailableError, StripeRefusedError) as error:
            messages.error(request, _why_not(error))
            return redirect(page_of(order))
        if intent is None:
            messages.warning(request, _("There is nothing to ask: Stripe has no payment of this order."))
        elif order.needs_attention:
            messages.warning(request, f"{_heard(intent)} {_now(order, before)}")
        else:
            messages.success(request, f"{_heard(intent)} {_now(order, before)}")
        return redirect(page_of(order))

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what cancelling does, and on POST cancel: at Stripe first, then here.

        The books go back into stock, unless the field `restock` says in so many words that they do not.
        """
        order = self._to_act_on(request, pk)
        refusal = _cannot_cancel(order)
        if refusal:
            messages.error(request, refusal)
            return redirect(page_of(order))
        if request.method != "POST":
            return self._ask_once(request, order)
        restock = request.POST.get("restock", "yes").strip().lower() not in NO
        try:
            closing.cancel(order, actor=_actor(request), now=timezone.now(), restock=restock)
        except closing.StillBeingPaidError:
            order.refresh_from_db()
            messages.error(
                request, _cannot_cancel(order) or _("The order is being paid just now. Look again.")
            )
        except (StripeUnavailableError, StripeRefusedError) as error:
            messages.error(request, f"{_why_not(error)} {_('The order was not cancelled.')}")
        else:
            messages.success(request, _cancelled(order, restock=restock))
        return redirect(page_of(order))

    def _ask_once(self, request: HttpRequest, order: Order) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cancel order %s") % order.number,
            "opts": self.opts,
            "page": staff.order_page(order),
            "order_url": page_of(order),
        }
        return TemplateResponse(request, "admin/checkout/order/cancel.html", context)

    def _to_act_on(self, request: HttpRequest, pk: int) -> Order:
        """Return the order. Raises PermissionDenied where staff may not act on orders, Http404 where there is none."""
        if not self.may_act(request):
            raise PermissionDenied
        return get_object_or_404(Order, pk=pk)


def page_of(order: Order) -> str:
    """Return the address of an order's page in the admin."""
    return reverse("admin:checkout_order_change", args=[order.pk])


def orders_of(user_id: int) -> str:
    """Return the address of the list of a customer's orders."""
    return f"{reverse('admin:checkout_order_changelist')}?{CustomerFilter.parameter_name}={user_id}"


def _actor(request: HttpRequest) -> Actor:
    return Actor(Timeline.Actor.STAFF, cast("User", request.user))


def _heard(intent: Intent) -> str:
    facts = {
        "state": staff.payment_tag(intent.status).word,
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


def _why_not(error: StripeUnavailableError | StripeRefusedError) -> str:
    if isinstance(error, StripeRefusedError):
        return _("Stripe refused (%(reason)s). The secret key may be wrong, or Stripe does not know this payment. "
                 "Nothing is lost.") % {"reason": error.reason or _("no reason given")}  # fmt: skip
    return _("No answer from Stripe. Nothing is lost. Try again in a moment.")


def _cannot_cancel(order: Order) -> str:
    """Return why an order cannot be cancelled here, or nothing where it can."""
    match order.status:
        case Order.Status.PLACED:
            has_money = any(payment.status == Payment.SUCCEEDED for payment in order.payments.all())
            return _("Money has reached Stripe for this order, so it was not cancelled.") if has_money else ""
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
    books = (
        ngettext("%d book is back in stock.", "%d books are back in stock.", copies)
        if restock
        else ngettext("%d book is written off.", "%d books are written off.", copies)
    )
    return f"{_('Cancelled. The order can no longer be paid.')} {books % copies}"
