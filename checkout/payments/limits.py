"""Limits against card testing.

Honest people stay far below; who does not is told for how long to wait, and keeps order and cart. Counters live in the
cache, per minute or hour; with several processes use a cache that they share. https://docs.stripe.com/disputes/prevention/card-testing
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.client_network import client_network
from accounts.models import User, mailbox
from checkout.models import Order, Timeline
from checkout.orders import access
from shop.errors import ShopError

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Limit:
    """At most `most` times in `seconds`."""

    most: int
    seconds: int


@dataclass(frozen=True)
class Usage:
    """How a limit stands: what it is of, how often is left, and the seconds until it begins anew."""

    name: str
    limit: Limit
    left: int
    resets: int


@dataclass(frozen=True)
class Limits:
    """What holds for one customer, and for all behind one address: an office, perhaps, or a whole mobile network.

    A customer is an account, or a guest by session and e-mail address. `declines`: what Stripe refused, on all orders.
    """

    placing: tuple[Limit, Limit]
    paying: tuple[Limit, Limit]
    declines: tuple[Limit, Limit]


OF_ACCOUNTS = Limits(
    placing=(Limit(20, MINUTE), Limit(90, MINUTE)),
    paying=(Limit(30, MINUTE), Limit(180, MINUTE)),
    declines=(Limit(15, HOUR), Limit(90, HOUR)),
)
# Whoever tries stolen cards needs no account for it any more, so less is enough.
OF_GUESTS = Limits(
    placing=(Limit(8, MINUTE), Limit(45, MINUTE)),
    paying=(Limit(20, MINUTE), Limit(90, MINUTE)),
    declines=(Limit(8, HOUR), Limit(45, HOUR)),
)
ASKING = (Limit(300, MINUTE), Limit(1500, MINUTE))
MOST_OWNERS = 200
# A status page that looks again by itself does so thirty times a minute at most.
LOOKING = (Limit(120, MINUTE), Limit(600, MINUTE))
VOUCHERS = (Limit(20, 5 * MINUTE), Limit(60, 5 * MINUTE))
# What guests place in the name of one mailbox, whose owner gets mails about it and may know of nothing.
PLACING_FOR_MAILBOX = Limit(15, HOUR)
FINDING = (Limit(5, 5 * MINUTE), Limit(10, MINUTE))


class TooManyTriesError(ShopError):
    """Too often in too short a time. `retry_after` is in seconds."""

    code = "too_many_tries"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // MINUTE)
        wait = ngettext("Wait a minute, then go on.", "Wait %(minutes)d minutes, then go on.", minutes)
        kept = _("Your cart and your orders are kept.")
        super().__init__(f"{wait % {'minutes': minutes}} {kept}")
        self.retry_after = retry_after


def check_asking(request: HttpRequest, user: User | None) -> None:
    """Count a request to the API that is not the same for everybody. Raises TooManyTriesError."""
    _count("ask", request, [f"account:{user.pk}"] if user else [], ASKING)


def check_placing(request: HttpRequest, user: User | None, email: str = "") -> None:
    """Count an order being placed, by an account or by a guest with an e-mail address. Raises TooManyTriesError."""
    who = [f"account:{user.pk}"] if user else [*_session(request), f"email:{mailbox(email)}"]
    _count("place", request, who, _limits(user).placing)
    if user is None and settings.RATE_LIMITS:
        _count_one("place-mailbox", mailbox(email), request, PLACING_FOR_MAILBOX)


def check_finding(request: HttpRequest, email: str) -> None:
    """Count a question for an order's link. Raises TooManyTriesError."""
    _count("find", request, [f"email:{mailbox(email)}"], FINDING)


def may_look(request: HttpRequest, order: Order) -> bool:
    """Count a look at an order's status, and tell whether Stripe may be asked for it; else what is known must do."""
    try:
        _count("look", request, [f"order:{order.pk}"], LOOKING)
    except TooManyTriesError:
        return False
    return True


def check_voucher(request: HttpRequest, user: User | None) -> None:
    """Count a voucher being tried, so that nobody guesses one. Raises TooManyTriesError."""
    _count("voucher", request, [f"account:{user.pk}"] if user else _session(request), VOUCHERS)


def check_paying(request: HttpRequest, user: User | None, order: Order, *, now: datetime) -> None:
    """Count a look at a pay page, which asks Stripe and may make an intent. Raises TooManyTriesError."""
    if not settings.RATE_LIMITS:
        return
    of_one, of_address = _limits(user).declines
    owner = _owner(order)
    if user is None and len(_refused(access.remembered(request), of_one, now=now)) >= of_one.most:
        raise TooManyTriesError(of_one.seconds)
    # Of the latest refusals at this address. Were there more, then nobody here may go on, whoever's they are.
    refused = _refused(_orders_of(_owners_at(request, owner)), of_address, now=now)
    if refused.count(owner) >= of_one.most or len(refused) >= of_address.most:
        raise TooManyTriesError(of_one.seconds)
    _count("pay", request, [owner] if user else [*_session(request), owner], _limits(user).paying)


def _limits(user: User | None) -> Limits:
    return OF_ACCOUNTS if user else OF_GUESTS


def _owner(order: Order) -> str:
    """Return whose refusals count together: an account's, or a guest's by e-mail address.

    What a guest ordered with an account's address counts for guests: else a stranger would lock the account out.
    """
    is_by_account = order.user_id and Order.objects.filter(access.is_by_account(), pk=order.pk).exists()
    return _name(order, is_by_account=bool(is_by_account))


def _name(order: Order, *, is_by_account: bool) -> str:
    return f"account:{order.user_id}" if is_by_account else f"email:{order.email}"


def _session(request: HttpRequest) -> list[str]:
    browser = access.browser(request)
    return [f"session:{browser}"] if browser else []


def is_stopped(order: Order, *, now: datetime) -> bool:
    """Tell whether so many cards were refused that the order's intent must not be tried again.

    Who has its client secret needs no page of ours for that.
    """
    if not settings.RATE_LIMITS:
        return False
    owner = _owner(order)
    of_one, _of_address = (OF_ACCOUNTS if owner.startswith("account:") else OF_GUESTS).declines
    return len(_refused(_orders_of([owner]), of_one, now=now)) >= of_one.most


def _orders_of(owners: list[str]) -> QuerySet[Order]:
    named = [owner.partition(":") for owner in owners]
    accounts = [name for kind, _colon, name in named if kind == "account"]
    emails = [name for kind, _colon, name in named if kind == "email"]
    whose = Q(access.is_by_account(), user__in=accounts) if accounts else Q()
    if emails:
        # Found by their accounts' index where they came to one.
        owners = EmailAddress.objects.filter(email__in=emails).values("user")
        whose |= Q(user=None, email__in=emails) | Q(
            ~access.is_by_account(), user__in=owners, email__in=emails
        )
    return Order.objects.filter(whose)


def _refused(orders: QuerySet[Order], limit: Limit, *, now: datetime) -> list[str]:
    """Return whose cards were refused, the latest first and as many as a limit allows: no look at a whole history."""
    rows = Timeline.objects.filter(
        order__in=orders.order_by().values("pk"),
        kind=Timeline.Kind.DECLINED,
        at__gt=now - timedelta(seconds=limit.seconds),
    )
    latest = (
        rows.annotate(is_by_account=access.is_by_account("order")).select_related("order").order_by("-at")
    )
    return [_name(row.order, is_by_account=row.is_by_account) for row in latest[: limit.most]]


def _owners_at(request: HttpRequest, owner: str) -> list[str]:
    """Return whose pay pages were looked at from a request's address within the hour, this one's included."""
    key = f"limit:owners:{client_network(request)}"
    known: list[str] = cache.get(key, [])
    owners = [*(one for one in known if one != owner), owner][-MOST_OWNERS:]
    cache.set(key, owners, HOUR)
    return owners


def usages(request: HttpRequest) -> list[Usage]:
    """Return how the limits stand against which a request was counted."""
    found: list[Usage] = request.META.get("checkout.limits", [])
    return found


def _count(what: str, request: HttpRequest, who: Sequence[str], limits: tuple[Limit, Limit]) -> None:
    """Count a request against whoever asks, by each name that they have, and against the address they ask from."""
    if not settings.RATE_LIMITS:
        return
    of_one, of_address = limits
    for name in who:
        kind, _colon, source = name.partition(":")
        _count_one(f"{what}-{kind}", source, request, of_one)
    _count_one(f"{what}-address", client_network(request), request, of_address)


def _count_one(name: str, source: str, request: HttpRequest, limit: Limit) -> None:
    window, past = divmod(int(time.time()), limit.seconds)
    key = f"limit:{name}:{source}:{window}"
    left = limit.most - _counted(key, 2 * limit.seconds)
    usage = Usage(name, limit, max(left, 0), limit.seconds - past)
    request.META["checkout.limits"] = [*usages(request), usage]
    if left < 0:
        raise TooManyTriesError(usage.resets)


def _counted(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the cache forgot it in between: it is another one now, or has begun anew
        cache.set(key, 1, seconds)
        return 1
