"""Who may see an order: the account it belongs to, and whoever has its key.

The key is in the mails about an order and in the session of the browser that placed it, so that people without an
account see what they bought. To everybody else an order is as if it were not there.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User, normal_email
from checkout.messages import mails
from checkout.models import Mail, Order, Timeline
from checkout.orders.numbers import as_number
from shop.errors import ShopError

HEADER = "X-Order-Key"
# In the session: the keys of the orders that this browser placed, or came to by a link. The oldest make room.
_KEYS = "order_keys"
_MOST_KEYS = 50
# So many mails with the link to one order leave within a day, whoever asks for them.
MOST_LINKS, LINKS_OF = 3, timedelta(days=1)


class UnknownOrderError(ShopError, Http404):
    """There is no such order, or not for who asks. A page that lets it through is the 404 of any address."""

    code = "unknown_order"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("You have no such order."))


def account_of(request: HttpRequest) -> User | None:
    """Return who is logged in, None for a visitor."""
    return request.user if request.user.is_authenticated else None


def orders_of(user: User) -> QuerySet[Order]:
    """Return an account's orders, newest first."""
    return Order.objects.filter(user=user)


def is_by_account(order: str = "pk") -> Exists:
    """Return what is true of an order (by the name of its key in the query) that its account placed while logged in.

    The others came to the account since a guest typed its address, who may have been a stranger.
    """
    return Exists(
        Timeline.objects.filter(order=OuterRef(order), kind=Timeline.Kind.PLACED, user__isnull=False)
    )


def remembered(request: HttpRequest) -> QuerySet[Order]:
    """Return the orders that this browser placed, or came to by a link."""
    return Order.objects.filter(key__in=request.session.get(_KEYS, []))


def has_keys(request: HttpRequest) -> bool:
    """Tell whether this browser placed any order, or came to one by a link."""
    return bool(request.session.get(_KEYS))


def browser(request: HttpRequest) -> str:
    """Return a name for a browser that placed orders, the same whatever key its session has; "" for one that did not."""
    oldest = next(iter(request.session.get(_KEYS, [])), "")
    return salted_hmac("checkout.browser", oldest, algorithm="sha256").hexdigest() if oldest else ""


def visible_to(request: HttpRequest) -> QuerySet[Order]:
    """Return the orders that who asks may see: those of the account, those whose keys the session or a header has."""
    keys: list[str] = [*request.session.get(_KEYS, [])]
    header = request.headers.get(HEADER, "")
    if header.isascii() and header.isprintable():  # PostgreSQL takes no NUL in a text
        keys.append(header)
    user = account_of(request)
    allowed = Q(key__in=keys)
    return Order.objects.filter(allowed | Q(user=user) if user else allowed)


def order_for(request: HttpRequest, number: str) -> Order:
    """Return an order that who asks may see, by its number. Raises UnknownOrderError."""
    return numbered(visible_to(request), number)


def may_see(request: HttpRequest, order: Order) -> bool:
    """Tell whether who asks may see an order without the key in an address."""
    return visible_to(request).filter(pk=order.pk).exists()


def asked_for(request: HttpRequest, number: str) -> Order:
    """Return an order that who asks may see, or that the key in the address opens, as links in mails do.

    Raises UnknownOrderError.
    """
    key = request.GET.get("key")
    return order_for(request, number) if key is None else by_key(number, key)


def numbered(orders: QuerySet[Order], number: str) -> Order:
    """Return the one of these orders that has a number. Raises UnknownOrderError."""
    # PostgreSQL takes no NUL in a text.
    order = orders.filter(number=number).first() if number.isprintable() else None
    if order is None:
        raise UnknownOrderError
    return order


def remember(request: HttpRequest, order: Order) -> None:
    """Let this browser see an order from now on, logged in or not.

    A visitor's session gets another key, as at a log-in: who knew the old one sees nothing of what comes.
    """
    known = request.session.get(_KEYS, [])
    if order.key not in known and not request.user.is_authenticated:
        request.session.cycle_key()
    request.session[_KEYS] = [*(key for key in known if key != order.key), order.key][-_MOST_KEYS:]


def by_key(number: str, key: str) -> Order:
    """Return an order by its number and its key. Raises UnknownOrderError."""
    order = numbered(Order.objects.all(), number)
    if not constant_time_compare(order.key, key):
        raise UnknownOrderError
    return order


def send_link(number: str, email: str, *, now: datetime) -> None:
    """Mail the link to an order to its customer, where number and e-mail address belong together; else do nothing.

    Nor after MOST_LINKS of a day: a stranger may have placed the order in the customer's name, to fill a mailbox.
    """
    order = Order.objects.filter(number=as_number(number), email=normal_email(email)).first()
    if order and order.mails.filter(kind=Mail.Kind.LINK, queued_at__gt=now - LINKS_OF).count() < MOST_LINKS:
        with transaction.atomic():
            mails.queue(order, Mail.Kind.LINK, about=now.isoformat(), now=now)


def claim(user: User, address: str) -> None:
    """Give an account the orders that were placed as a guest with an address which it has proven to be its own."""
    Order.objects.filter(user=None, email=address).update(user=user)
