"""The files of the demonstration's e-books. Each says what it is; all invented books share one."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from string import Template

from django.core.files.base import ContentFile

from shop.demo import epub_file, invented
from shop.demo.epub_file import Chapter
from shop.demo.titles import Title
from shop.media import private
from shop.media.ebooks import FOLDER
from shop.models import Variant

_CHAPTERS = Path(__file__).parent / "epub/chapters.toml"
_INVENTED = f"{FOLDER}/invented.epub"


def add_missing(all_titles: Sequence[Title]) -> None:
    """Give each e-book of these titles its file, where it has none or ours is not there. What staff chose stays."""
    titles = {edition.sku: title for title in all_titles for edition in title.editions if edition.is_digital}
    found = Variant.objects.filter(sku__in=titles, is_digital=True).only("sku", "file")
    without = []
    for variant in found:
        title = titles[variant.sku]
        name = f"{FOLDER}/{title.slug}.epub"
        if variant.file.name in ("", name):
            _store(name, title)
        if not variant.file:
            variant.file.name = name
            without.append(variant)
    Variant.objects.bulk_update(without, ["file"], batch_size=200)


def shared() -> str:
    """Return the name of the file that all invented books have, and see that it is there."""
    book = Title(
        slug="invented",
        title="A book that nobody wrote",
        author="",
        year=None,
        pages=8,
        about="The title and the author of what you bought were made up, to fill a shop with many books.",
        editions=(),
        created_at=invented.LAST_DAY,
    )
    _store(_INVENTED, book)
    return _INVENTED


def write(title: Title) -> bytes:
    """Return the EPUB of a title."""
    words = {
        "title": title.title,
        "author": title.author,
        "about": title.about,
        "facts": _facts(title),
    }
    chapters = [
        Chapter(one["heading"], [Template(text).substitute(words) for text in one["paragraphs"]])
        for one in tomllib.loads(_CHAPTERS.read_text("utf-8"))["chapters"]
    ]
    return epub_file.write(f"https://folio.example/{title.slug}", title.title, title.author, chapters)


def _facts(title: Title) -> str:
    who = f"by {title.author}" if title.author else "of no known author"
    return f"“{title.title}” is {who}. In print it has {title.pages} pages."


def _store(name: str, title: Title) -> None:
    storage = private.storage()
    if not storage.exists(name):
        storage.save(name, ContentFile(write(title)))
