"""Puts what an order held into the cart once more."""

from django.contrib import messages
from django.http import HttpRequest

from checkout.models import Order
from shop.cart import session
from shop.cart.refill import Wanted
from shop.cart.review import Change
from shop.i18n.stored_text import inside_sentence


def order_again(
    request: HttpRequest, order: Order, *, tell: session.Tell = messages.add_message
) -> tuple[Change, ...]:
    """Put what is still sold of an order into the request's cart, at today's prices; return what is not as it was, line by line."""
    wanted = [
        Wanted(
            line.variant_id, f"{line.title}, {inside_sentence(line.edition)}", line.quantity, line.unit_price
        )
        for line in order.lines.all()
    ]
    return session.refill(request, wanted, tell=tell)
