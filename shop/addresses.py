"""The one address of each page, for those outside: search engines, feeds, people who share a link."""

from django.conf import settings


def absolute(path: str) -> str:
    """Return the whole address of a path of ours. It does not hang on the name under which somebody asked."""
    return f"{settings.STORE_URL}{path}"
