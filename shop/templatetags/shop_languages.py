"""Links to the same page in other languages."""

from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from babel.core import get_global
from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from shop import languages

register = template.Library()


class Link(NamedTuple):
    """A link to a page in a language: its code, its own name, and the address."""

    language: str
    name: str
    url: str


@register.simple_tag(takes_context=True)
def other_languages(context: dict[str, Any]) -> list[Link]:
    """Return links that show this page in each other language and remember the choice."""
    request = context.get("request")
    if request is None:  # a page for when everything is broken
        return []
    here = request.get_full_path()
    return [
        Link(code, languages.own_name(code), _choosing(code, languages.address_in(code, here)))
        for code, _name in settings.LANGUAGES
        if code != get_language()
    ]


def _choosing(code: str, address: str) -> str:
    return f"{reverse('language', args=[code])}?next={quote(address)}"


@register.simple_tag
def alternates(canonical: str) -> list[Link]:
    """Return the absolute addresses of a public page in every language, its own included, and of the default."""
    parts = urlsplit(canonical)
    site = f"{parts.scheme}://{parts.netloc}"
    path = canonical.removeprefix(site)
    links = [
        Link(code, languages.own_name(code), site + languages.address_in(code, path))
        for code, _name in settings.LANGUAGES
    ]
    return [*links, links[0]._replace(language="x-default")]


@register.simple_tag
def lang_of_books() -> str:
    """Return the attribute for what books say of themselves, where the page speaks another language than they do."""
    return mark_safe(f' lang="{settings.LANGUAGE_CODE}"') if get_language() != settings.LANGUAGE_CODE else ""  # noqa: S308 - a setting


@register.simple_tag
def og_locale() -> str:
    """Return the page's language and the country where most speak it, as OpenGraph wants it: de → de_DE."""
    language = get_language() or settings.LANGUAGE_CODE
    likely: str = get_global("likely_subtags")[language]  # as in “de_Latn_DE”
    return f"{language}_{likely.rpartition('_')[2]}"
