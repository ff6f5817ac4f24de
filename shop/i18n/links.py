"""URLs of pages: the path on this site, and the absolute URL for mails, feeds and search engines."""

from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language


def path(name: str, *arguments: object) -> str:
    """Return the path of the page with this name, in the language that is spoken."""
    return path_in(get_language(), name, *arguments)


def path_in(language: str | None, name: str, *arguments: object) -> str:
    """Return the path of the page with this name in a language, which must be the one that is spoken."""
    return _path(get_script_prefix(), language, name, arguments)


# A page names the same two dozen again and again, and to work one out takes as long as to write a card. What it depends
# on is all in the call.
@lru_cache(maxsize=1024)
def _path(_prefix: str, _language: str | None, name: str, arguments: tuple[object, ...]) -> str:
    return reverse(name, args=arguments)


def absolute(path: str) -> str:
    """Return the whole address of a path of ours. It does not hang on the name under which somebody asked."""
    origin = settings.STORE_URL.removesuffix(get_script_prefix().removesuffix("/"))
    return f"{origin}{path}"
