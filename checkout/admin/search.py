"""Order search by number, name, e-mail, product title or PaymentIntent id."""

import re
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy

from checkout.models import Order, OrderLine, Payment
from checkout.orders.numbers import ALPHABET, as_number

HELP = gettext_lazy("An order number, an e-mail, a name, a title or SKU, or a PaymentIntent id (pi_…).")
Row = TypeVar("Row", bound=Model)

_NUMBER = re.compile(rf"[{ALPHABET}]{{4}}-?[{ALPHABET}]{{1,4}}", re.IGNORECASE)
# More words narrow nothing down, and each costs a look at every line.
MOST_WORDS = 6


def matching(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Return the orders in which every word of the text is found, in whatever place.

    A PaymentIntent's id or a whole order number is looked up by its index. No statement joins or repeats a row.
    """
    for word in _words(text):
        orders = orders.filter(_anywhere(word))
    return orders


def of_matching(rows: QuerySet[Row], text: str) -> QuerySet[Row]:
    """Return the payments, timeline rows or mails of the orders that match."""
    return rows.filter(order__in=matching(Order.objects.order_by(), text).values("pk"))


def _words(text: str) -> list[str]:
    words = [
        unescape_string_literal(word) if word[0] == word[-1] and word[0] in "\"'" and len(word) > 1 else word
        for word in smart_split(text.replace("\x00", ""))
    ]
    return words[:MOST_WORDS]


def _anywhere(word: str) -> Q:
    if word.startswith("pi_"):
        # The index leaves payments without an id out; SQLite uses it only for a statement that does so too.
        named = Payment.objects.exclude(intent_id="").filter(intent_id=word)
        return Q(pk__in=named.values("order_id"))
    if _is_uuid(word):
        return Q(pk__in=Payment.objects.filter(pk=word).values("order_id"))
    if "@" in word:
        return Q(email__icontains=word)
    number = as_number(word) if _NUMBER.fullmatch(word) else word
    if _NUMBER.fullmatch(word) and len(number) == len("XXXX-XXXX"):
        return Q(number=number)
    if _NUMBER.fullmatch(word) and "-" in word:
        return Q(number__startswith=number)
    lines = OrderLine.objects.filter(Q(title__icontains=word) | Q(sku__icontains=word))
    return (
        Q(number__icontains=number)
        | Q(full_name__icontains=word)
        | Q(email__icontains=word)
        | Q(pk__in=lines.values("order_id"))
    )


def _is_uuid(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True
