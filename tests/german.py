"""Finds what a German page says in English: texts of the catalogue that stand there as in the code."""

import re
from functools import cache
from html.parser import HTMLParser

from config import messages
from tests.accounts.reading import VOID

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
_SAID = {"alt", "aria-label", "content", "data-busy", "label", "placeholder", "title"}


class _Texts(HTMLParser):
    """Collects every text of a page that is not marked as being in a language of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._foreign: list[bool] = [False]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that are read out, and whether what is inside is foreign."""
        given = dict(attrs)
        foreign = self._foreign[-1] or given.get("lang", "de") != "de" or tag in {"script", "style"}
        if not foreign:
            said = [value for name, value in attrs if name in _SAID and value]
            # One word in a <meta> is for machines.
            self.texts += [value for value in said if tag != "meta" or " " in value]
        if tag not in VOID:
            self._foreign.append(foreign)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        if len(self._foreign) > 1:
            self._foreign.pop()

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if data.strip() and not self._foreign[-1]:
            self.texts.append(data)


def english_in(text: str) -> list[str]:
    """Return the English of the catalogue that a page, or the text of a mail, still says."""
    page = _Texts()
    page.feed(text)
    lines = (line for text in page.texts for line in (text, *text.splitlines()))
    said = {" ".join(line.split()) for line in lines}
    return sorted({line for line in said if line and any(pattern.fullmatch(line) for pattern in _patterns())})


@cache
def _patterns() -> list[re.Pattern[str]]:
    """Return one expression for each hundred English texts that German says otherwise."""
    texts = [
        text
        for message in messages.stored("de")
        if message.string != message.id
        for text in _forms(message.id)
    ]
    english = [_pattern(text) for text in texts if re.search("[A-Za-z]{2}", _PLACEHOLDER.sub("", text))]
    return [re.compile("|".join(english[start : start + 100])) for start in range(0, len(english), 100)]


def _forms(text: str | list[str] | tuple[str, ...]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _pattern(text: str) -> str:
    plain = " ".join(re.sub("<[^>]*>", "", text).split())
    return ".+".join(re.escape(part) for part in _PLACEHOLDER.split(plain))
