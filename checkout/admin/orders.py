"""Orders in the admin: search, read and act, never edit."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from checkout.admin import order_page, search, tags
from checkout.admin.attention import accept, resolve, ways_out
from checkout.admin.cancellation import cancel, cannot_cancel
from checkout.admin.dates import DatedChangeList
from checkout.admin.downloads import renew
from checkout.admin.filters import AttentionFilter, CustomerFilter, DeliveryFilter, ToSendFilter
from checkout.admin.readonly import ReadOnlyAdmin
from checkout.admin.refunds import box, refund
from checkout.admin.shipping import deliver, ship
from checkout.admin.stripe_page import ask_stripe, compare
from checkout.fulfilment import shipping
from checkout.models import Order
from shop.money import written

Act = Callable[[HttpRequest, Order], HttpResponse]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """The list of orders, the page of one, and what staff can do with it."""

    list_display = ("number", "customer", "state", "money", "placed", "intent")
    list_display_links = ("number",)
    list_filter = (
        CustomerFilter,
        "status",
        AttentionFilter,
        ToSendFilter,
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
        """Return orders with their payments, for the one that counts, and their refunds, for the tag."""
        more = ["flags"] if AttentionFilter.is_queue(request) else []
        return super().get_queryset(request).prefetch_related("payments", "refunds", *more)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DatedChangeList]:  # noqa: ARG002
        """Return our list, whose dates do not look at every row."""
        return DatedChangeList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the columns; in the queue of those who wait, why they do."""
        if AttentionFilter.is_queue(request):
            return ("number", "why", "customer", "state", "money", "placed")
        return self.list_display

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the newest first, and in the queue the oldest."""
        return ("placed_at", "pk") if AttentionFilter.is_queue(request) else self.ordering

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
        if order.user_id is None:
            return format_html("{} <small>{}</small>", order.email, _("guest"))
        return format_html('<a href="{}">{}</a>', orders_of(order.user_id), order.email)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, order: Order) -> SafeString:
        """Return the state as tags."""
        return format_html_join(" ", "{}", ((tags.tag_html(tag),) for tag in tags.order_tags(order)))

    @admin.display(description=gettext_lazy("why"), ordering="needs_attention")
    def why(self, order: Order) -> str:
        """Return why it needs attention."""
        return ", ".join(dict.fromkeys(flag.get_reason_display() for flag in order.open_flags))

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def money(self, order: Order) -> str:
        """Return the total as money."""
        return written(order.total, order.currency)

    @admin.display(description=gettext_lazy("placed"), ordering="placed_at")
    def placed(self, order: Order) -> str:
        """Return when it was placed."""
        return order_page.when(order.placed_at)

    @admin.display(description="PaymentIntent")
    def intent(self, order: Order) -> SafeString | str:
        """Return the id of the payment that counts."""
        payment = order.current_payment
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
        page = order_page.order_page(order)
        context |= {
            "page": page,
            "title": _("Order %s") % order.number,
            "subtitle": None,
            "customer_url": orders_of(order.user_id) if order.user_id else "",
            "can_compare": any(attempt.url for attempt in page.attempts),
            "ways": ways_out(page),
            **(_acts(page) if self.may_act(request) else {}),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add what staff can do with an order. The addresses are relied on by others."""
        return [
            self._act("ask-stripe", ask_stripe),
            self._act("cancel", cancel, "GET", "HEAD"),
            self._act("refund", refund, "GET", "HEAD"),
            self._act("ship", ship),
            self._act("deliver", deliver),
            self._act("downloads", renew),
            self._act("accept", accept),
            self._act("resolve", resolve),
            path(
                "<int:pk>/compare/",
                self.admin_site.admin_view(require_http_methods(["GET", "HEAD"])(self.compare)),
                name="checkout_order_compare",
            ),
            *super().get_urls(),
        ]

    def _act(self, name: str, act: Act, *methods: str) -> URLPattern:
        """Return the address of an act by POST, refused to who may only look, and 404 where there is no such order."""

        def on_order(request: HttpRequest, pk: int) -> HttpResponse:
            if not self.may_act(request):
                raise PermissionDenied
            return act(request, get_object_or_404(Order, pk=pk))

        view = self.admin_site.admin_view(require_http_methods(["POST", *methods])(on_order))
        return path(f"<int:pk>/{name}/", view, name=f"checkout_order_{name.replace('-', '_')}")

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show our facts beside Stripe's to whoever may see orders: it changes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return compare(request, get_object_or_404(Order, pk=pk))


def _acts(page: order_page.OrderPage) -> dict[str, Any]:
    """Return what can be done with an order as it stands, as its page asks for it."""
    order = page.order
    return {
        "may_act": True,
        "can_ask": order.current_payment is not None,
        "can_cancel": not cannot_cancel(order),
        "stop": shipping.stop(order),
        "doubt": shipping.doubt(order),
        "can_ship": order.status == Order.Status.PAID and (page.left > 0 or not order.total),
        "can_renew": any(line.downloads for line in page.lines),
        "can_deliver": order.status == Order.Status.SHIPPED,
        "box": box(page) if page.left > 0 else None,
    }


def orders_of(user_id: int) -> str:
    """Return the address of the list of a customer's orders."""
    return f"{reverse('admin:checkout_order_changelist')}?{CustomerFilter.parameter_name}={user_id}"
