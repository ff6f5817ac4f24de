"""Translates words stored in rows: names of categories, variants and delivery options.

They are looked up in the catalogues under the context “row”, so that what an order froze is read in any language too.
A word that no catalogue knows is shown as it was written. The demonstration's words are in `shop/demo/words.py`.
"""

import re
from functools import lru_cache

from django.conf import settings
from django.utils.translation import get_language, pgettext

CONTEXT = "row"

_NUMBER = re.compile(r"\d+")


def translate_value(word: str) -> str:
    """Return a word of a row in the page's language. Its numbers stand as %d in the catalogues: “Sewn, %d pages”."""
    return translate_value_in(get_language(), word)


@lru_cache(maxsize=1024)
def translate_value_in(_language: str | None, word: str) -> str:
    """Return a word of a row in a language, which must be the one that is spoken."""
    numbers = iter(_NUMBER.findall(word))
    text = pgettext(CONTEXT, _NUMBER.sub("%d", word)) if word else ""
    return re.sub("%d", lambda place: next(numbers, place[0]), text)


def inside_sentence(word: str) -> str:
    """Return it as it stands within a sentence: “Paperback” → “paperback”, but “Taschenbuch”."""
    text = translate_value(word)
    has_capital_nouns = (get_language() or settings.LANGUAGE_CODE).startswith("de")
    return text if has_capital_nouns else f"{text[:1].lower()}{text[1:]}"
