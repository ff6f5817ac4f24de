"""What staff read about an order: its state and its payments in their words, what happened, when, and by whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from checkout import countries, paying, words
from checkout.models import Attention, Mail, Order, OrderLine, Payment, Timeline
from checkout.words import Tag
from shop.models import StockMovement
from shop.money import written

STRIPE_API = "https://api.stripe.com"
STRIPE_DASHBOARD = "https://dashboard.stripe.com"


@dataclass(frozen=True)
class Attempt:
    """A payment as staff read it. `url` leads to it at Stripe, and is empty while Stripe has not named it."""

    payment: Payment
    tag: Tag
    url: str
    paid_with: str
    is_current: bool


@dataclass(frozen=True)
class Happening:
    """A row of the timeline. `by` is who, `kind` the tone of its dot: done, good, bad or wait."""

    at: datetime
    kind: str
    what: str
    by: str
    facts: str


@dataclass(frozen=True)
class OrderPage:
    """All that the page of an order shows."""

    order: Order
    tags: tuple[Tag, ...]
    attention: str
    country: str
    lines: tuple[OrderLine, ...]
    attempts: tuple[Attempt, ...]
    timeline: tuple[Happening, ...]
    movements: tuple[StockMovement, ...]
    mails: tuple[Mail, ...]
    received: int


def order_page(order: Order) -> OrderPage:
    """Return what the page of an order shows, in one statement for each kind of row. Its payments are prefetched."""
    payments = list(order.payments.all())
    timeline = list(order.timeline.select_related("user"))
    current = paying.current(order)
    return OrderPage(
        order=order,
        tags=order_tags(order),
        attention=_latest_attention(order, timeline),
        country=countries.name(order.country),
        lines=tuple(order.lines.select_related("variant__product")),
        attempts=tuple(attempt(payment, is_current=payment == current) for payment in payments),
        timeline=tuple(_happening(entry, order, payments) for entry in timeline),
        movements=tuple(_movements(order)),
        mails=tuple(order.mails.order_by("pk")),
        received=sum(payment.amount_received for payment in payments),
    )


def _latest_attention(order: Order, timeline: Iterable[Timeline]) -> str:
    facts = [entry.data for entry in timeline if entry.kind == Timeline.Kind.ATTENTION]
    return what_happened(order, facts[-1] if facts else {}) if order.needs_attention else ""


def _movements(order: Order) -> QuerySet[StockMovement]:
    rows = StockMovement.objects.filter(reference=order.number).select_related("variant__product")
    # An adjustment's reference is staff's own words, which may happen to be an order's number.
    return rows.exclude(reason=StockMovement.Reason.ADJUST).order_by("pk")


def order_tags(order: Order) -> tuple[Tag, ...]:
    """Return the state of an order, and beside it that a person must look at it."""
    own = words.state_tag(order)
    return (own, Tag(_("Needs attention"), "alert", "bad")) if order.needs_attention else (own,)


def payment_tag(status: str) -> Tag:
    """Return the state of a payment in staff's words; for a word that we do not know, Stripe's own."""
    return {
        "requires_payment_method": Tag(_("Needs a way to pay"), "clock", "muted"),
        "requires_confirmation": Tag(_("Not confirmed"), "clock", "muted"),
        "requires_action": Tag(_("Waiting for the bank’s check"), "clock", "muted"),
        "processing": Tag(_("Processing"), "clock", "warn"),
        "requires_capture": Tag(_("Set aside, not taken"), "clock", "warn"),
        Payment.SUCCEEDED: Tag(_("Succeeded"), "tick", "good"),
        Payment.CANCELED: Tag(_("Canceled"), "cross", "muted"),
        Payment.UNKNOWN: Tag(_("No answer yet"), "clock", "warn"),
    }.get(status) or Tag(status, "alert", "bad")


def attempt(payment: Payment, *, is_current: bool = False) -> Attempt:
    """Return a payment as staff read it."""
    return Attempt(
        payment,
        payment_tag(payment.status),
        dashboard_url(payment.intent_id),
        words.paid_with(payment) if payment.status == Payment.SUCCEEDED else "",
        is_current,
    )


def dashboard_url(intent_id: str) -> str:
    """Return where a person sees a PaymentIntent: in Stripe's dashboard, or in that of the stand-in."""
    if not intent_id:
        return ""
    if settings.STRIPE.api_base != STRIPE_API:
        return f"{settings.STRIPE.api_base}/payments/{intent_id}"
    mode = "" if settings.STRIPE.livemode else "/test"
    return f"{STRIPE_DASHBOARD}{mode}/payments/{intent_id}"


def what_happened(order: Order, facts: dict[str, Any]) -> str:
    """Return why an order needs a person, from the facts that the timeline keeps (amounts in minor units)."""
    reason = facts.get("reason", order.needs_attention)
    differ = (Attention.AMOUNT_DIFFERS, Attention.CURRENCY_DIFFERS)
    if reason in differ and "amount" in facts and "currency" in facts:
        return _("Stripe has %(theirs)s, the order says %(ours)s") % {
            "theirs": written(facts["amount"], facts["currency"]),
            "ours": written(order.total, order.currency),
        }
    if reason == Attention.UNKNOWN_STATUS and facts.get("status"):
        return _("Stripe says “%(word)s”. We do not know it") % {"word": facts["status"]}
    return str(Attention(reason).label) if reason in Attention.values else str(reason)


def when(at: datetime | None) -> str:
    """Return a time with its day, in the shop's time zone; a dash for none."""
    return date_format(timezone.localtime(at), "j M Y, H:i") if at else "–"


def _happening(entry: Timeline, order: Order, payments: Iterable[Payment]) -> Happening:
    tones = {
        Timeline.Kind.PAID: "good",
        Timeline.Kind.DECLINED: "bad",
        Timeline.Kind.REOPENED: "bad",
        Timeline.Kind.CANCELLED: "bad",
        Timeline.Kind.EXPIRED: "bad",
        Timeline.Kind.ATTENTION: "wait",
    }
    return Happening(
        entry.at,
        tones.get(Timeline.Kind(entry.kind), "done"),
        str(entry.get_kind_display()),
        by(entry),
        facts_of(entry, order, payments),
    )


def by(entry: Timeline) -> str:
    """Return who did it: of staff, also which of them."""
    actor = str(entry.get_actor_display())
    is_staff = entry.actor == Timeline.Actor.STAFF and entry.user
    return f"{actor}, {entry.user}" if is_staff else actor


def facts_of(entry: Timeline, order: Order, payments: Iterable[Payment]) -> str:
    """Return the facts of a timeline row as words: an amount, a reason, a card, a PaymentIntent."""
    if entry.kind == Timeline.Kind.ATTENTION:
        return what_happened(order, entry.data)
    data = dict(entry.data)
    intents = {str(payment.pk): payment.intent_id for payment in payments}
    payment = data.pop("payment", "")
    late = data.pop("late", "")
    amount, currency = data.pop("amount", None), data.pop("currency", order.currency)
    parts = [
        "" if amount is None else written(amount, currency),
        data.pop("code", ""),
        _card(data.pop("method", ""), data.pop("brand", ""), data.pop("last4", "")),
        _("came late; the stock was taken again") if late else "",
        intents.get(payment, payment),
        *(f"{name.replace('_', ' ')}: {value}" for name, value in data.items() if value),
    ]
    return " · ".join(part for part in parts if part)


def _card(method: str, brand: str, last4: str) -> str:
    kind = _("SEPA debit") if method == "sepa_debit" else method.replace("_", " ")
    name = brand.replace("_", " ").title() if method == "card" and brand else kind
    if not last4:
        return name
    return _("%(name)s ending %(last4)s") % {"name": name or _("card"), "last4": last4}
