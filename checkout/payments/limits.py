"""Limits against card testing.

Honest people stay far below; who does not is told for how long to wait, and keeps order and cart. Counters live in the
cache, per minute or hour; with several processes use a cache that they share. https://docs.stripe.com/disputes/prevention/card-testing
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.client_network import client_network
from accounts.models import User
from checkout.models import Order, Timeline
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


# Per account, and per address, behind which an office or a whole mobile network may sit.
ASKING = (Limit(300, MINUTE), Limit(1500, MINUTE))
PLACING = (Limit(20, MINUTE), Limit(90, MINUTE))
PAYING = (Limit(30, MINUTE), Limit(180, MINUTE))
# What Stripe refused within an hour, on all orders of one account, and of all accounts seen at one address.
DECLINES = (Limit(15, HOUR), Limit(90, HOUR))
MOST_ACCOUNTS = 200


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
    _count("ask", request, user, ASKING)


def check_placing(request: HttpRequest, user: User) -> None:
    """Count an order being placed. Raises TooManyTriesError."""
    _count("place", request, user, PLACING)


def check_paying(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Count a look at a pay page, which asks Stripe and may make an intent. Raises TooManyTriesError."""
    if not settings.RATE_LIMITS:
        return
    of_account, of_address = DECLINES
    # Of the latest refusals at this address. Were there more, then nobody here may go on, whoever's they are.
    refused = _refused(_accounts_at(request, user), of_address, now=now)
    if refused.count(user.pk) >= of_account.most or len(refused) >= of_address.most:
        raise TooManyTriesError(of_account.seconds)
    _count("pay", request, user, PAYING)


def is_stopped(order: Order, *, now: datetime) -> bool:
    """Tell whether so many cards were refused that the order's intent must not be tried again.

    Who has its client secret needs no page of ours for that.
    """
    of_account, _of_address = DECLINES
    return settings.RATE_LIMITS and len(_refused([order.user_id], of_account, now=now)) >= of_account.most


def _refused(accounts: list[int], limit: Limit, *, now: datetime) -> list[int]:
    """Return whose cards were refused, the latest first and as many as a limit allows: no look at a whole history."""
    since = now - timedelta(seconds=limit.seconds)
    rows = Timeline.objects.filter(order__user__in=accounts, kind=Timeline.Kind.DECLINED, at__gt=since)
    return list(rows.order_by("-at").values_list("order__user_id", flat=True)[: limit.most])


def _accounts_at(request: HttpRequest, user: User) -> list[int]:
    """Return the accounts that looked at pay pages from a request's address within the hour, this one included."""
    key = f"limit:accounts:{client_network(request)}"
    known: list[int] = cache.get(key, [])
    accounts = [*(pk for pk in known if pk != user.pk), user.pk][-MOST_ACCOUNTS:]
    cache.set(key, accounts, HOUR)
    return accounts


def usages(request: HttpRequest) -> list[Usage]:
    """Return how the limits stand against which a request was counted."""
    found: list[Usage] = request.META.get("checkout.limits", [])
    return found


def _count(what: str, request: HttpRequest, user: User | None, limits: tuple[Limit, Limit]) -> None:
    if not settings.RATE_LIMITS:
        return
    of_account, of_address = limits
    if user:
        _count_one(f"{what}-account", str(user.pk), request, of_account)
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
