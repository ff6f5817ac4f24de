"""Loops over rows go on after one that fails: a bad row must not stop a queue."""

import logging
from collections.abc import Callable

from django.db import connection

from accounts.database import is_away
from shop.errors import ShopError

logger = logging.getLogger(__name__)


def attempt(name: str, act: Callable[[], object]) -> str:
    """Do something with one row of many. Return what stood in the way, as a code for an operator: "" for nothing.

    What no verb foresaw is logged with the row's name. Raises what the database says where it is gone: then no other row
    would do better.
    """
    try:
        act()
    except ShopError as error:
        return error.code
    except Exception as error:
        if is_away(error) and not connection.is_usable():
            raise
        logger.exception("%s could not be done; the others go on", name)
        return type(error).__name__
    return ""
