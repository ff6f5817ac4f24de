"""What every page's frame needs. Nothing here depends on who asks: public pages are the same for everybody."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shop.models import Category


def shop(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - Django's signature
    """Return the shop's name, its categories (asked for only where shown) and whether no real money moves."""
    return {
        "store_name": settings.STORE_NAME,
        "categories": SimpleLazyObject(lambda: list(Category.objects.all())),
        "test_mode": not settings.STRIPE.livemode,
    }
