"""Who asks about one order: whoever is logged in, or has the order's key."""

from django.http import HttpRequest
from ninja.security import APIKeyHeader

from checkout.orders import access
from shop.api.auth import LOGGED_IN, identify


class OrderKey(APIKeyHeader):
    """A guest, with the key that `POST /orders` answered, or in the browser that placed the order."""

    param_name = access.HEADER
    openapi_description = "The `key` that `POST /orders` answered to a guest. It opens that order alone."

    def authenticate(self, request: HttpRequest, key: str | None) -> bool:
        """Let in whoever has some key. Which order it opens, the handler finds out."""
        return identify(request) is None and (key is not None or access.has_keys(request))


# What a handler for one order takes as `auth`.
HOLDS_ORDER = [*LOGGED_IN, OrderKey()]
