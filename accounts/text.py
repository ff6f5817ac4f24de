"""Cleans what people type, so that a text shows as what it is: in forms, in the admin and in JSON.

Left out are letters that nobody sees and that turn the line around (https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
Joiners stay between letters: Persian and Hindi spell with them, and so do many emoji.
"""

import re
import unicodedata
from typing import Annotated, Any

from django import forms
from django.db import models
from pydantic import BeforeValidator

_JOINERS = "\u200c\u200d"
_LOOSE_JOINERS = re.compile(f"(?<![^\\x00-\\x7f])[{_JOINERS}]+|[{_JOINERS}]+(?![^\\x00-\\x7f])")
# Letters and signs to Unicode, nothing to the eye: fillers of Hangul, Braille's empty pattern, two vowels of Khmer.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
# Controls (tabs, breaks, NUL) part words; formats and halves of pairs of surrogates do not.
_INSTEAD = {"Cc": " ", "Zl": " ", "Zp": " ", "Zs": " ", "Cf": "", "Cs": ""}


def one_line(text: str) -> str:
    """Return a text in one line, as it shows: composed (NFC), single spaces, and empty where there is nothing to see."""
    line = " ".join(_shown(text).split())
    return line if any(map(_is_seen, line)) else ""


def many_lines(text: str) -> str:
    """Return a text as it shows, with its lines and its spaces inside them."""
    lines = "\n".join(_shown(line).rstrip() for line in text.splitlines()).strip()
    return lines if any(map(_is_seen, lines)) else ""


def _shown(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text)
    return _LOOSE_JOINERS.sub("", "".join(map(_instead, composed)))


def _instead(letter: str) -> str:
    if letter in _JOINERS:
        return letter
    return " " if letter in _BLANK else _INSTEAD.get(unicodedata.category(letter), letter)


def _is_seen(letter: str) -> bool:
    # A mark (Mn, Me) shows only on a letter before it.
    return unicodedata.category(letter) not in {"Cc", "Cf", "Mn", "Me", "Zs"}


# PostgreSQL takes no NUL, and neither database half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """Return a text, or a value read from JSON, with U+FFFD for what no database takes."""
    if isinstance(value, str):
        return value if value.isascii() and "\x00" not in value else _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(name): storable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return value


class OneLineField(forms.CharField):
    """A text field whose value is one line, as it shows."""

    def to_python(self, value: object) -> Any:
        """Clean what was typed, before it is measured."""
        typed = super().to_python(value)
        return one_line(typed or "") or self.empty_value


# The same for JSON; its length is measured after it was cleaned.
OneLine = Annotated[str, BeforeValidator(lambda typed: one_line(typed) if isinstance(typed, str) else typed)]


class ManyLinesField(forms.CharField):
    """A text field whose value may have several lines."""

    def to_python(self, value: object) -> Any:
        """Clean what was typed, before it is measured."""
        typed = super().to_python(value)
        return many_lines(typed or "") or self.empty_value


# What `formfield_overrides` of an admin takes. A slug has a stricter rule of its own.
IN_ADMIN: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.CharField: {"form_class": OneLineField},
    models.SlugField: {},
    models.TextField: {"form_class": ManyLinesField},
}
