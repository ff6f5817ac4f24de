"""The admin's front page: figures of the day, orders that need attention, revenue, ledger, Stripe and low stock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import site
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from checkout.admin import order_page
from checkout.admin.actions import page_of
from checkout.admin.filters import ToSendFilter, to_send
from checkout.admin.sales import Sales, sales
from checkout.messages.order_text import Tag
from checkout.models import Attention, Dispute, Flag, Order, Payment, Refund, Run, StripeEvent
from shop.models import FEW, Variant
from shop.money import written

LONGEST_LIST = 8
# The ledger is checked every night, the sweep runs every five minutes: later than this, somebody forgot to set it up.
CHECK_IS_OLD = timedelta(hours=36)
SWEEP_IS_OLD = timedelta(minutes=30)


@dataclass(frozen=True)
class Figure:
    """A number that leads to what it counts. `tone` is bad, warn or nothing."""

    value: str
    words: str
    url: str
    tone: str = ""


@dataclass(frozen=True)
class Likely:
    """What one does most likely. By POST it is done at once, else the link leads to where it is done."""

    words: str
    url: str
    is_post: bool = False
    is_danger: bool = False


@dataclass(frozen=True)
class Waiting:
    """An order that needs a person: why, for how long, and how much Stripe has received for it (minor units)."""

    order: Order
    what: str
    received: int
    waiting: str
    likely: Likely


@dataclass(frozen=True)
class Ledger:
    """Whether the ledger held when it was last checked, and what was found."""

    tag: Tag
    words: str
    breaches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """A word and its number. `tone` is bad, warn or nothing."""

    words: str
    value: str
    tone: str = ""


@dataclass(frozen=True)
class Dashboard:
    """All that the first page shows, as far as this member of staff may see it."""

    today: datetime
    figures: tuple[Figure, ...]
    sees_orders: bool
    waiting: tuple[Waiting, ...]
    may_act: bool
    disputes: tuple[order_page.Disputed, ...]
    refunds: tuple[Refund, ...]
    events: tuple[StripeEvent, ...]
    sales: Sales | None
    ledger: Ledger | None
    stripe: tuple[Line, ...]
    sees_stock: bool
    nearly_gone: tuple[Variant, ...]
    nearly_gone_url: str


def dashboard(user: User, *, now: datetime) -> Dashboard:
    """Return the dashboard of a member of staff, in a fixed number of statements whatever the number of orders and products."""
    may_act = user.has_perm("checkout.change_order")
    sees_orders = user.has_perm("checkout.view_order") or user.has_perm("checkout.change_order")
    sees_stock = user.has_perm("shop.view_variant") or user.has_perm("shop.change_variant")
    orders = reverse("admin:checkout_order_changelist")
    runs = {run.command: run for run in Run.objects.all()} if sees_orders else {}
    return Dashboard(
        today=timezone.localtime(now),
        figures=(
            *(_order_figures(orders, now=now) if sees_orders else ()),
            *((_stock_figure(),) if sees_stock else ()),
        ),
        sees_orders=sees_orders,
        waiting=_waiting(may_act=may_act, now=now) if sees_orders else (),
        may_act=may_act,
        disputes=_disputes() if sees_orders else (),
        refunds=_refunds() if sees_orders else (),
        events=_events() if sees_orders else (),
        sales=sales(now=now) if sees_orders else None,
        ledger=_ledger(runs, now=now) if sees_orders else None,
        stripe=_stripe(runs, now=now) if sees_orders else (),
        sees_stock=sees_stock,
        nearly_gone=_nearly_gone() if sees_stock else (),
        nearly_gone_url=_variants_url(),
    )


def _order_figures(orders: str, *, now: datetime) -> tuple[Figure, ...]:
    sending = to_send(Order.objects.all()).count()
    attention = Order.objects.exclude(needs_attention="").count()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + timedelta(days=1)
    # The same words as the list's own filter has for today, so that it shows as chosen there.
    since = urlencode({"paid_at__gte": str(today), "paid_at__lt": str(tomorrow)})
    paid = Order.objects.filter(paid_at__gte=today, paid_at__lt=tomorrow).aggregate(
        count=Count("pk"), total=Sum("total", filter=Q(currency=settings.STORE_CURRENCY))
    )
    return (
        Figure(
            written(paid["total"] or 0),
            ngettext("paid today, %d order", "paid today, %d orders", paid["count"]) % paid["count"],
            f"{orders}?{since}",
        ),
        Figure(
            str(sending),
            ngettext("order to send", "orders to send", sending),
            f"{orders}?{ToSendFilter.parameter_name}=yes",
        ),
        Figure(
            str(attention),
            ngettext("order needs attention", "orders need attention", attention),
            f"{orders}?needs_attention=yes",
            "bad" if attention else "",
        ),
    )


def _few() -> QuerySet[Variant]:
    """Return the variants on sale of which a few are left; what is sold out is not nearly gone, it is gone."""
    return Variant.objects.filter(stock__range=(1, FEW), product__is_published=True)


def _stock_figure() -> Figure:
    few = _few().count()
    words = ngettext("edition nearly gone", "editions nearly gone", few)
    return Figure(str(few), words, _variants_url(), "warn" if few else "")


def _nearly_gone() -> tuple[Variant, ...]:
    return tuple(_few().select_related("product").order_by("stock", "product__title", "pk")[:LONGEST_LIST])


def _variants_url() -> str:
    if not site.is_registered(Variant):
        return "#nearly-gone"
    few = urlencode({"stock__gte": 1, "stock__lte": FEW, "product__is_published__exact": 1})
    return f"{reverse('admin:shop_variant_changelist')}?{few}"


def _waiting(*, may_act: bool, now: datetime) -> tuple[Waiting, ...]:
    """Return the orders that need a person, those that wait longest first."""
    raised = Flag.objects.filter(order=OuterRef("pk"), settled_at=None).order_by("raised_at")
    orders = Order.objects.exclude(needs_attention="").annotate(
        since=Subquery(raised.values("raised_at")[:1])
    )
    return tuple(
        Waiting(
            order,
            ", ".join(dict.fromkeys(map(order_page.what_to_look_at, order.open_flags))),
            sum(payment.amount_received for payment in order.payments.all()),
            timesince(order.since, now, depth=1) if order.since else "",
            _likely(order, may_act=may_act),
        )
        for order in orders.order_by("since", "pk").prefetch_related("payments", "flags")[:LONGEST_LIST]
    )


# What nobody but the bank or a person can settle is looked at; what is the customer's goes back; the rest is asked.
GOES_BACK = frozenset({Attention.LATE_WITHOUT_STOCK, Attention.PAID_TWICE})
LOOKED_AT = frozenset({Attention.DISPUTED, Attention.REFUND_FAILED})


def _likely(order: Order, *, may_act: bool) -> Likely:
    if may_act and order.needs_attention in GOES_BACK:
        return Likely(_("Refund"), reverse("admin:checkout_order_refund", args=[order.pk]), is_danger=True)
    if may_act and order.needs_attention not in LOOKED_AT and order.current_payment is not None:
        url = reverse("admin:checkout_order_ask_stripe", args=[order.pk])
        return Likely(_("Ask Stripe"), url, is_post=True)
    return Likely(_("Look"), page_of(order))


def _disputes() -> tuple[order_page.Disputed, ...]:
    """Return the disputes that are not decided, those due first at the top."""
    rows = Dispute.objects.exclude(status__in=Dispute.CLOSED).select_related("order")
    return tuple(
        map(order_page.disputed, rows.order_by(F("due_by").asc(nulls_last=True), "pk")[:LONGEST_LIST])
    )


def _refunds() -> tuple[Refund, ...]:
    """Return the refunds that failed, of orders that nobody has looked at since."""
    rows = Refund.objects.filter(status__in=Refund.FAILED).exclude(order__needs_attention="")
    return tuple(rows.select_related("order").order_by("created_at", "pk")[:LONGEST_LIST])


def _events() -> tuple[StripeEvent, ...]:
    """Return the events that could not be handled, the latest first, without their bodies."""
    rows = StripeEvent.objects.filter(status=StripeEvent.Status.FAILED).defer("payload")
    return tuple(rows.order_by("-received_at", "-pk")[:LONGEST_LIST])


def _ledger(runs: dict[str, Run], *, now: datetime) -> Ledger:
    checks = [runs[name] for name in (Run.LEDGER, Run.LEDGER_AND_STRIPE) if name in runs]
    if not checks:
        return Ledger(
            Tag(_("Not checked yet"), "clock", "warn"), _("Let check_books --stripe run every night.")
        )
    last = max(checks, key=lambda run: run.began_at)
    words = _("Checked %s ago.") % timesince(last.began_at, now, depth=1)
    if last.problems:
        tag = ngettext("%d breach", "%d breaches", last.problems) % last.problems
        return Ledger(Tag(tag, "alert", "bad"), words, tuple(last.words.splitlines()[:3]))
    if last.began_at < now - CHECK_IS_OLD:
        return Ledger(Tag(_("Checked long ago"), "clock", "warn"), words)
    if last.command == Run.LEDGER_AND_STRIPE:
        words = f"{words} {_('Stripe and the orders agree.')}"
    return Ledger(Tag(_("All rules hold"), "tick", "good"), words)


def _stripe(runs: dict[str, Run], *, now: datetime) -> tuple[Line, ...]:
    """Return when Stripe was last heard of, and what is not finished."""
    heard = StripeEvent.objects.aggregate(at=Max("received_at"))["at"]
    swept = runs[Run.EVENTS].began_at if Run.EVENTS in runs else None
    unhandled = StripeEvent.objects.filter(status__in=StripeEvent.UNFINISHED).count()
    payments = Payment.objects.exclude(status__in=Payment.FINAL).aggregate(
        open=Count("pk"), unknown=Count("pk", filter=Q(status=Payment.UNKNOWN))
    )
    return (
        Line(_("Last event"), _ago(heard, now)),
        Line(_("Last sweep"), _ago(swept, now), "" if swept and swept > now - SWEEP_IS_OLD else "warn"),
        Line(_("Events not handled yet"), str(unhandled), "bad" if unhandled else ""),
        Line(_("Open payments"), str(payments["open"])),
        Line(
            _("Of these without an answer"), str(payments["unknown"]), "warn" if payments["unknown"] else ""
        ),
    )


def _ago(at: datetime | None, now: datetime) -> str:
    return _("%s ago") % timesince(at, now, depth=1) if at else _("never")
