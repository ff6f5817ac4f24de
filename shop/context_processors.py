"""Context of templates in Django's own language: mails, forms and the admin. Pages have config/jinja.py."""

from django.conf import settings
from django.http import HttpRequest


def shop(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001 - Django's signature
    """Return the shop's name, for templates in Django's language."""
    return {"store_name": settings.STORE_NAME}
