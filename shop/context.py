"""What the frame of every page needs. Nothing here depends on who asks: public pages are the same for everybody."""

from django.conf import settings
from django.http import HttpRequest

from shop.models import Category


def all_categories() -> list[Category]:
    """Return the categories, as the header lists them."""
    return list(Category.objects.all())


def shop(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - Django's signature
    """Return the shop's name, for templates in Django's language."""
    return {"store_name": settings.STORE_NAME}
