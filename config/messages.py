"""Extracts translatable strings into `locale/` and compiles it: `python -m config.messages`.

Babel does it all, so that no machine needs GNU gettext. It reads Python and, with Jinja2's help, the pages; a template
in Django's own language Django turns into what looks like Python.
"""

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config import settings

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
SOURCES = ("accounts", "checkout", "config", "shop", "templates")

# Of Jinja2: as pages are rendered, and loud.
_OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_PLAIN = ("_", "gettext", "gettext_lazy", "gettext_noop")
_KEYWORDS = {
    **dict.fromkeys(_PLAIN),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def extracted() -> Catalog:
    """Return every string of the code and the templates that is marked for translation."""
    catalog = Catalog()
    read = partial(extract, keywords=_KEYWORDS, comment_tags=("Translators:",), options=_OPTIONS)
    for path, kind, source in _sources():
        for _line, message, comments, context in read(kind, BytesIO(source.encode())):
            catalog.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalog


def _sources() -> Iterator[tuple[str, str, str]]:
    """Yield path, language and text of every file that may hold strings."""
    files = [file for name in SOURCES for file in sorted((ROOT / name).rglob("*.*"))]
    for file in files:
        path = file.relative_to(ROOT).as_posix()
        if file.suffix == ".py":
            yield path, "python", file.read_text("utf-8")
        elif path.startswith(tuple(f"templates/{name}" for name in settings.DJANGO_TEMPLATES)):
            lines = templatize(file.read_text("utf-8"), origin=path).splitlines()
            yield path, "python", "\n".join(line.strip() for line in lines)  # Python minds indentation
        elif file.suffix == ".html":
            yield path, "jinja2", file.read_text("utf-8")


def languages() -> list[str]:
    """Return the languages that there is a catalogue for."""
    return sorted(file.parent.parent.name for file in LOCALE.glob("*/LC_MESSAGES/django.po"))


def stored(language: str) -> Catalog:
    """Return a language's catalogue as it is in the repository."""
    with _file(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str, strings: Catalog) -> Catalog:
    """Return a language's catalogue with all strings of today; new ones are empty, those not used any more gone."""
    catalog = stored(language)
    catalog.update(strings, no_fuzzy_matching=True, update_creation_date=False)
    return catalog


def untranslated(catalog: Catalog) -> list[str]:
    """Return the strings that have no translation, or one that a person has yet to look at."""
    return [
        str(message.id)
        for message in catalog
        if message.id and (message.fuzzy or not _is_whole(message.string))
    ]


def _is_whole(string: str | Sequence[str] | None) -> bool:
    return bool(string) if string is None or isinstance(string, str) else all(string)


def main() -> int:
    """Update and compile every catalogue. Return 1 where something is left to translate, and name it."""
    strings, missing = extracted(), 0
    for language in languages():
        catalog = updated(language, strings)
        with _file(language, "po").open("wb") as file:
            # No line numbers, or every change of the code would change the catalogue.
            write_po(file, catalog, width=110, include_lineno=False, ignore_obsolete=True, sort_by_file=True)
        with _file(language, "mo").open("wb") as file:
            write_mo(file, catalog)
        for string in untranslated(catalog):
            missing += 1
            sys.stdout.write(f"{language}: not translated yet: {string}\n")
    return 1 if missing else 0


def _file(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


if __name__ == "__main__":
    sys.exit(main())
