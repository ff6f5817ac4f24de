"""Ids that look like Stripe's: a prefix that says what it is, then random letters and digits."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def word(length: int) -> str:
    """Return `length` random letters and digits."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(length))


def new(prefix: str) -> str:
    """Return a new id such as `pi_3Rw…`."""
    return f"{prefix}_{word(24)}"


def client_secret(object_id: str) -> str:
    """Return a client secret for an object: its id, `_secret_` and 25 random characters."""
    return f"{object_id}_secret_{word(25)}"
