"""Normalises words for the search: lower case, without accents and punctuation, in every script."""

import re
import unicodedata

# Longer than any word that people type. A tsvector takes no lexeme of more than 2 kB.
LONGEST = 60

# Letters that Unicode does not take apart, as people type them who have no key for them.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Accents of Latin, Greek and Cyrillic letters, the points of Hebrew and Arabic. Vowel signs of other scripts are letters.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Inside a word these join its parts, as in l'étranger and Hawaiʻi.
_JOINS = re.compile("['’‘ʼʻʹ`´′]")
_SIGN = re.compile(r"[^\w ]|_")


def tokens(text: str) -> list[str]:
    """Return the words of a text, folded; a word with an apostrophe as its parts."""
    return [part for word in _words(text) for part in _parts(word)]


def indexed(text: str) -> str:
    """Return the words of a text as a document has them: those of `tokens`, and words with an apostrophe whole too."""
    found = []
    for word in _words(text):
        parts = _parts(word)
        found += parts if len(parts) < 2 else [*parts, "".join(parts)[:LONGEST]]
    return " ".join(found)


def _words(text: str) -> list[str]:
    """Return the runs of letters, digits and marks, with apostrophes between them."""
    folded = _ACCENTS.sub("", _decomposed(_decomposed(text).casefold())).translate(_PLAIN)
    return _SIGN.sub(_kept_or_space, folded).split()


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _kept_or_space(sign: re.Match[str]) -> str:
    belongs = _JOINS.match(sign[0]) or unicodedata.category(sign[0])[0] == "M"
    return sign[0] if belongs else " "


def _parts(word: str) -> list[str]:
    return [part[:LONGEST] for part in _JOINS.split(word) if part]
