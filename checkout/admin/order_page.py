"""Everything that the page of an order shows to staff: payments, refunds, disputes, timeline, stock movements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import countries
from checkout.admin import stripe_links, tags
from checkout.messages import order_text
from checkout.messages.order_text import Tag
from checkout.models import Attention, Dispute, Flag, Mail, Order, OrderLine, Payment, Refund, Timeline
from shop.models import StockMovement
from shop.money import written


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
class MoneyBack:
    """A refund as staff read it. `why` is the reason given, and why it failed where it did; `products` what went back."""

    refund: Refund
    tag: Tag
    url: str
    why: str
    products: str
    by: str


@dataclass(frozen=True)
class Disputed:
    """A dispute as staff read it. `url` leads to where it is answered."""

    dispute: Dispute
    tag: Tag
    url: str


@dataclass(frozen=True)
class OpenFlag:
    """A reason why a person must look, in words, and what was known then. `key` names it when it is settled."""

    key: int | None
    what: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class OrderPage:
    """All that the page of an order shows. `received`, `returned` and `left` are in minor units."""

    order: Order
    tags: tuple[Tag, ...]
    flags: tuple[OpenFlag, ...]
    country: str
    lines: tuple[OrderLine, ...]
    attempts: tuple[Attempt, ...]
    timeline: tuple[Happening, ...]
    movements: tuple[StockMovement, ...]
    mails: tuple[Mail, ...]
    refunds: tuple[MoneyBack, ...]
    disputes: tuple[Disputed, ...]
    received: int
    returned: int
    # Words and amount, by rate.
    taxes: tuple[tuple[str, str], ...]

    @property
    def left(self) -> int:
        """Return what may still be refunded."""
        return self.received - self.returned

    @property
    def is_disputed(self) -> bool:
        """Tell whether a dispute is not decided yet."""
        return any(row.dispute.is_open for row in self.disputes)


def order_page(order: Order) -> OrderPage:
    """Return what the page of an order shows, in one statement for each kind of row."""
    of_lines = Prefetch("lines", OrderLine.objects.select_related("variant__product"))
    prefetch_related_objects([order], of_lines, "payments", "refunds__lines", "refunds__user", "disputes")
    payments = list(order.payments.all())
    timeline = list(order.timeline.select_related("user"))
    current = order.current_payment
    lines = tuple(order.lines.all())
    refunds = list(order.refunds.all())
    return OrderPage(
        order=order,
        tags=tags.order_tags(order),
        flags=tuple(OpenFlag(flag.pk, what_to_look_at(flag), flag.facts) for flag in order.open_flags),
        country=countries.name(order.country),
        lines=lines,
        attempts=tuple(attempt(payment, is_current=payment == current) for payment in payments),
        timeline=tuple(_happening(entry, order, payments) for entry in timeline),
        movements=tuple(_movements(order)),
        mails=tuple(order.mails.order_by("pk")),
        refunds=tuple(money_back(row, payments, lines) for row in refunds),
        disputes=tuple(map(disputed, order.disputes.all())),
        received=sum(p.amount_received for p in payments if p.status == Payment.SUCCEEDED),
        returned=sum(row.amount for row in refunds if row.counts),
        taxes=tuple(
            (order_text.tax_line(order, part), written(part.tax, order.currency)) for part in order.taxes
        ),
    )


def _movements(order: Order) -> QuerySet[StockMovement]:
    rows = StockMovement.objects.filter(reference=order.number).select_related("variant__product")
    # An adjustment's reference is staff's own words, which may happen to be an order's number.
    return rows.exclude(reason=StockMovement.Reason.ADJUST).order_by("pk")


def money_back(row: Refund, payments: Iterable[Payment], lines: Iterable[OrderLine]) -> MoneyBack:
    """Return a refund as staff read it. Its user and lines are fetched."""
    titles = {line.pk: line.title for line in lines}
    products = [
        (
            _("%(quantity)d × %(title)s, back in stock")
            if line.restocked
            else _("%(quantity)d × %(title)s, not back yet")
        )
        % {"quantity": line.quantity, "title": titles.get(line.line_id, "")}
        for line in row.lines.all()
    ]
    intents = {payment.pk: payment.intent_id for payment in payments}
    return MoneyBack(
        row,
        tags.refund_tag(row.status),
        stripe_links.refund_url(row.refund_id, intents.get(row.payment_id, "")),
        " · ".join(filter(None, [row.reason, row.failure_reason])),
        "; ".join(products),
        str(row.user) if row.user else _("Stripe’s dashboard"),
    )


def disputed(row: Dispute) -> Disputed:
    """Return a dispute as staff read it."""
    return Disputed(row, tags.dispute_tag(row.status), stripe_links.dispute_url(row.dispute_id))


def attempt(payment: Payment, *, is_current: bool = False) -> Attempt:
    """Return a payment as staff read it."""
    return Attempt(
        payment,
        tags.payment_tag(payment.status),
        stripe_links.dashboard_url(payment.intent_id),
        order_text.paid_with(payment) if payment.status == Payment.SUCCEEDED else "",
        is_current,
    )


def what_to_look_at(flag: Flag) -> str:
    """Return why a flag was raised, as words."""
    return what_happened(flag.order, {**flag.facts, "reason": flag.reason})


def what_happened(order: Order, facts: dict[str, Any]) -> str:
    """Return why an order needs a person, from what was known then: the reason, and amounts in minor units."""
    reason = facts.get("reason", "")
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
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else "–"


def _happening(entry: Timeline, order: Order, payments: Iterable[Payment]) -> Happening:
    tones = {
        Timeline.Kind.PAID: "good",
        Timeline.Kind.DELIVERED: "good",
        Timeline.Kind.REFUND_FAILED: "bad",
        Timeline.Kind.DISPUTED: "wait",
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
    if entry.kind == Timeline.Kind.RESOLVED:
        return str(entry.data.get("words", ""))
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
