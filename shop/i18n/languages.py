"""The language of a page, and its address in another.

A page's language depends on its address alone (`/de/…` is German, no prefix the shop's own), so that it is the same
bytes for everybody. What is no page, the API and the admin, asks the browser.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from babel.core import get_global
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.utils.translation import (
    get_language,
    get_language_from_request,
    get_language_info,
    get_supported_language_variant,
)
from django.utils.translation.trans_real import parse_accept_lang_header

from shop.i18n.links import path

# Programs are answered in the language that they ask for.
APIS = ("/api/", "/_allauth/")
# Here it is the language that was chosen (its cookie), else the browser's.
CHOSEN = ("/admin/",)


def of_path(path: str) -> str:
    """Return the language of a page by its path, as in `/de/cart/`; the shop's own where the path names none."""
    return _by_prefix().get(path.split("/", 2)[1] if path.startswith("/") else "", settings.LANGUAGE_CODE)


def of_request(request: HttpRequest) -> str:
    """Return the language to answer in: of the address or, where that does not say, the one the browser asks for."""
    path = request.path_info
    if path.startswith(APIS):
        return _of_header(request.headers.get("Accept-Language", ""))
    return get_language_from_request(request) if is_chosen(path) else of_path(path)


def is_chosen(path: str) -> bool:
    """Tell whether the language under a path is the one that the visitor chose (a cookie), else the browser's."""
    return path == "/" or path.startswith(CHOSEN)


def _of_header(accepted: str) -> str:
    """Return the first language of an `Accept-Language` header that the shop speaks, else the shop's own."""
    for code, _weight in parse_accept_lang_header(accepted):
        with suppress(LookupError):
            return get_supported_language_variant(code)
    return settings.LANGUAGE_CODE


def address_in(language: str, address: str) -> str:
    """Return the address of the same page in another language: `/de/cart/?a=b`, en → `/cart/?a=b`."""
    root = get_script_prefix()
    page = address.removeprefix(root)
    first, _slash, rest = page.partition("/")
    plain = rest if first in _by_prefix() else page
    return f"{root}{plain}" if language == settings.LANGUAGE_CODE else f"{root}{language}/{plain}"


def prefixes() -> list[str]:
    """Return what addresses of pages begin with, one for each language: "" and "/de"."""
    return [address_in(code, get_script_prefix()).removesuffix("/") for code, _name in settings.LANGUAGES]


def own_name(language: str) -> str:
    """Return what a language is called by those who speak it: de → “Deutsch”."""
    return str(get_language_info(language)["name_local"])


class Link(NamedTuple):
    """A link to a page in a language: its code, its own name, and the address."""

    language: str
    name: str
    url: str


def links_to_others(address: str) -> list[Link]:
    """Return links that show the page at an address in each other language and remember the choice."""
    return [
        Link(code, own_name(code), _choosing(code, address_in(code, address)))
        for code, _name in settings.LANGUAGES
        if code != get_language()
    ]


def _choosing(code: str, address: str) -> str:
    return f"{path('language', code)}?next={quote(address)}"


def alternates(canonical: str) -> list[Link]:
    """Return the absolute addresses of a public page in every language, its own included, and of the default."""
    parts = urlsplit(canonical)
    site = f"{parts.scheme}://{parts.netloc}"
    path = canonical.removeprefix(site)
    links = [Link(code, own_name(code), site + address_in(code, path)) for code, _name in settings.LANGUAGES]
    return [*links, links[0]._replace(language="x-default")]


def lang_of_products() -> str:
    """Return the attribute for what products say in their own words, where the page speaks another language than they do."""
    return mark_safe(f' lang="{settings.LANGUAGE_CODE}"') if get_language() != settings.LANGUAGE_CODE else ""  # noqa: S308 - a setting


def og_locale() -> str:
    """Return the page's language and the country where most speak it, as OpenGraph wants it: de → de_DE."""
    language = get_language() or settings.LANGUAGE_CODE
    likely: str = get_global("likely_subtags")[language]  # as in “de_Latn_DE”
    return f"{language}_{likely.rpartition('_')[2]}"


@cache
def _by_prefix() -> dict[str, str]:
    return {code: code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}


class LanguageMiddleware:
    """Speaks the language of the address, and leads who comes to the first page to the one the browser asks for.

    Django's own middleware would let every answer vary by `Accept-Language`, which public pages do not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the request's language."""
        path, language = request.path_info, of_request(request)
        if path == "/" and language != settings.LANGUAGE_CODE and request.method in {"GET", "HEAD"}:
            response: HttpResponse = HttpResponseRedirect(address_in(language, request.get_full_path()))
            response["Cache-Control"] = "private, no-store"
        else:
            with translation.override(language):
                response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)
        if path.startswith(APIS):
            patch_vary_headers(response, ["Accept-Language"])
        elif is_chosen(path):
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response
