"""Pages of text that staff write: terms, privacy, imprint. Rows hold each in several languages.

Their text is plain: paragraphs, headings, lists. Templates write the HTML, so nothing of a row is ever markup.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.errors import ShopError
from shop.i18n.links import path
from shop.models import TextPage

_HEADING, _ENTRY = "## ", "- "


class UnknownTextPageError(ShopError):
    """There is no such page of text, in any language."""

    code = "unknown_page"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("We have no such page, or not any more."))


class Block(NamedTuple):
    """A part of a text. `kind`: paragraph, heading (one line each) or list."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A link to a page of text. `language` is that of the text, which may be another than the one that is spoken."""

    slug: str
    language: str
    title: str

    @property
    def url(self) -> str:
        """Return the page's address in the language that is spoken."""
        return path("shop:text_page", self.slug)

    @property
    def lang_attribute(self) -> str:
        """Return the attribute that names the language of the text, where the page around it speaks another."""
        return format_html(' lang="{}"', self.language) if self.language != get_language() else ""


@dataclass(frozen=True)
class Page(Link):
    """A page of text."""

    text: str

    @property
    def blocks(self) -> list[Block]:
        """Return the text in its parts."""
        return list(_blocks(self.text.splitlines()))


def links() -> list[Link]:
    """Return a link to each page of text in the order of the footer, in one SQL statement."""
    shown: dict[str, Link] = {}
    for link in (Link(*row) for row in TextPage.objects.values_list("slug", "language", "title")):
        shown[link.slug] = min(shown.get(link.slug, link), link, key=_preference)
    return list(shown.values())


def by_slug(slug: str) -> Page:
    """Return a page in the language that is spoken; without a text in it, in another. Raises UnknownTextPageError."""
    rows = TextPage.objects.filter(slug=slug).values_list("slug", "language", "title", "text")
    pages = [Page(*row) for row in rows]
    if not pages:
        raise UnknownTextPageError
    return min(pages, key=_preference)


def _preference(link: Link) -> tuple[bool, bool, str]:
    """Sort by how well a language suits: the one that is spoken, the shop's own, the others by their codes."""
    return link.language != get_language(), link.language != settings.LANGUAGE_CODE, link.language


def _blocks(lines: Iterable[str]) -> Iterable[Block]:
    kind = ""
    gathered: list[str] = []
    for line in [*lines, ""]:
        now = _kind(line)
        if gathered and (now != kind or kind == "heading"):
            yield Block(kind, tuple(gathered))
            gathered = []
        kind = now
        if kind:
            gathered.append(
                line.removeprefix(_HEADING if kind == "heading" else _ENTRY if kind == "list" else "")
            )


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    return "heading" if line.startswith(_HEADING) else "list" if line.startswith(_ENTRY) else "paragraph"
