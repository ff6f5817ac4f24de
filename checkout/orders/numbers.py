"""Numbers of orders: random, easy to read out, with no letters that look alike: FQ7K-3MWD."""

import secrets

from checkout.models import Order

# No vowels, so no words; no look-alikes: 0 O, 1 I L, 2 Z, 5 S, 8 B.
ALPHABET = "34679CDFGHJKMNPQRTVWXY"


def new_number() -> str:
    """Return a number that no order has."""
    while True:
        number = random_number()
        if not Order.objects.filter(number=number).exists():
            return number


def random_number() -> str:
    """Return a number, which an order may have by a chance of one in fifty thousand millions."""
    return as_number("".join(secrets.choice(ALPHABET) for _position in range(8)))


def as_number(typed: str) -> str:
    """Return what somebody typed as it would stand in a number: in capitals, without spaces, with its dash."""
    letters = "".join(typed.split()).replace("-", "").upper()
    return f"{letters[:4]}-{letters[4:]}"
