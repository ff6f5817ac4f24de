"""Writes small EPUB files by https://www.w3.org/TR/epub-33/: the same words are always the same bytes."""

from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_PARTS = Path(__file__).parent / "epub"
_ITEM = '    <item id="$id" href="$id.xhtml" media-type="application/xhtml+xml"/>'
_SPINE = '    <itemref idref="$id"/>'
_LINK = '      <li><a href="$id.xhtml">$heading</a></li>'
_PARAGRAPH = "    <p>$text</p>"


class Chapter(NamedTuple):
    """A chapter: its heading and its paragraphs, as plain text."""

    heading: str
    paragraphs: Sequence[str]


def write(name: str, title: str, author: str, chapters: Sequence[Chapter]) -> bytes:
    """Return an EPUB. `name` tells books apart."""
    book = {
        "identifier": f"urn:uuid:{uuid5(NAMESPACE_URL, name)}",
        "title": title,
        "author": author or "Unknown",
    }
    places = [{"id": f"chapter-{number}", "heading": one.heading} for number, one in enumerate(chapters, 1)]
    files = {
        "META-INF/container.xml": _part("container.xml"),
        "EPUB/package.opf": _fill(
            "package.opf", book, items=_each(_ITEM, places), spine=_each(_SPINE, places)
        ),
        "EPUB/nav.xhtml": _fill("nav.xhtml", book, links=_each(_LINK, places)),
        "EPUB/title.xhtml": _fill("title.xhtml", book),
        "EPUB/style.css": _part("style.css"),
    }
    for place, chapter in zip(places, chapters, strict=True):
        paragraphs = _each(_PARAGRAPH, [{"text": text} for text in chapter.paragraphs])
        files[f"EPUB/{place['id']}.xhtml"] = _fill("chapter.xhtml", place, paragraphs=paragraphs)
    return _zip(files)


def _part(name: str) -> str:
    return (_PARTS / name).read_text("utf-8")


def _fill(name: str, texts: Mapping[str, str], **markup: str) -> str:
    escaped = {key: escape(text) for key, text in texts.items()}
    return Template(_part(name)).substitute(escaped, **markup)


def _each(template: str, rows: Sequence[Mapping[str, str]]) -> str:
    line = Template(template)
    return "\n".join(line.substitute({key: escape(text) for key, text in row.items()}) for row in rows)


def _zip(files: Mapping[str, str]) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        # First and not compressed, so that whoever reads the first bytes knows what it is.
        archive.writestr(_entry("mimetype"), "application/epub+zip", ZIP_STORED)
        for name, text in files.items():
            archive.writestr(_entry(name), text, ZIP_DEFLATED)
    return content.getvalue()


def _entry(name: str) -> ZipInfo:
    """Return an entry that says neither when nor on which system it was made."""
    entry = ZipInfo(name, (2026, 1, 2, 9, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry
