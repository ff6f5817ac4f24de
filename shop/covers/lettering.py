"""How wide words are, and how a title breaks into lines.

The widths are those of P052, the free Palatino, in thousandths of the type size, read from its metrics file.
Readers may have another serif of the stack, so every line is planned with 8 % to spare.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

SPARE = 1.08
LEADING = 1.08
LEAST_TITLE = 20

_WIDTHS: dict[str, int] = {
    letter: units
    for units, letters in {
        208: "'", 234: "j", 250: " ,.:;\u00a0", 278: "!\u2018\u2019", 291: "ilł\u0131", 326: "t", 333: "()-Jf[]\u2010\u2011",
        337: "I", 371: '"', 389: "*", 395: "r", 424: "s", 444: "?c", 479: "e",
        500: "#$0123456789av" "z\u201c\u201d\u2013§", 516: "x", 525: "S", 546: "oð", 553: "b", 556: "Fgkyøß", 560: "q",
        565: "v", 582: "hn", 601: "pþ", 603: "u", 604: "PÞ", 606: "+/=", 611: "BELdŁ", 613: "T", 667: "XYZ",
        668: "R", 709: "C", 722: "V", 726: "K", 758: "æ", 763: "G", 774: "DÐ", 778: "&AU", 786: "OQ", 827: "œ",
        831: "N", 832: "H", 833: "Ø", 834: "w", 840: "%", 883: "m", 944: "Æ", 946: "M", 998: "Œ", 1000: "W\u2014\u2026",
    }.items()
    for letter in letters
}  # fmt: skip

# Words that look forward: a line ends on them only when there is no better place.
_LEANING = frozenset("a an and at by des du for from in into la le of on or the to with".split())
_TITLES_OF_PEOPLE = frozenset(("Dr", "Dr.", "Mr", "Mr.", "Mrs", "Mrs.", "St", "St."))


class Setting(NamedTuple):
    """A text set in lines of one size. `size` is in cover units (the cover is 200 wide)."""

    lines: tuple[str, ...]
    size: float

    @property
    def leading(self) -> float:
        """From one baseline to the next."""
        return self.size * LEADING

    @property
    def drop(self) -> float:
        """From the first baseline to the last."""
        return self.leading * (len(self.lines) - 1)


@lru_cache(maxsize=4096)
def _letter(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char] / 1000
    base = unicodedata.normalize("NFD", char)[0]
    if base in _WIDTHS:
        return _WIDTHS[base] / 1000
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.78 if char.isupper() else 0.6


def width(text: str) -> float:
    """The width of one line, in type sizes: `width("Walden") * 30` is its width at size 30."""
    return sum(map(_letter, text))


def is_measured(text: str) -> bool:
    """Whether every letter's width is known and not guessed."""
    return all(char in _WIDTHS or unicodedata.normalize("NFD", char)[0] in _WIDTHS for char in text)


def fit(
    text: str, *, room: float, height: float, largest: float, least: float = LEAST_TITLE, most: int = 5
) -> Setting | None:
    """Set `text` as large as `room` (units wide) and `height` (first cap to last baseline) allow, in at most
    `most` lines; None if it does not fit even at the size `least`. No word is ever cut or dropped."""
    for whole in (True, False):
        words = _words(text, keep_the=whole)
        size = largest
        while size >= least:
            lines = _lines(words, room / (size * SPARE), most)
            if lines and 0.7 * size + (len(lines) - 1) * size * LEADING <= height:
                return Setting(lines, size)
            size -= 1
    return None


def fit_anyhow(text: str, *, room: float, height: float, largest: float) -> Setting:
    """Like `fit`, for what no cover was made for: more lines and smaller letters until it fits."""
    setting = fit(text, room=room, height=height, largest=largest)
    for least, most in ((14, 7), (9, 14), (5, 40)):
        setting = setting or fit(text, room=room, height=height, largest=LEAST_TITLE, least=least, most=most)
    # One endless word is left: it stays whole, and `pen.lettering` presses it into the room.
    return setting or Setting((text,), 5)


def _words(text: str, *, keep_the: bool) -> list[str]:
    """What must stay on one line: words, with a small word that leans on the next bound to it by a hard space.

    "The" may stand alone before a single word: on "The / Odyssey" that is what lets the title be large.
    """
    parts = text.split()
    the_alone = len(parts) == 2 or not keep_the
    words: list[str] = []
    carry = ""
    for place, part in enumerate(parts):
        small = len(part) == 1 or part in _TITLES_OF_PEOPLE or part.lower() in {"a", "an"}
        bound = part.isalpha() and small or (part.lower() == "the" and not the_alone)
        if (bound or part in _TITLES_OF_PEOPLE) and place + 1 < len(parts) and part.isascii():
            carry += part + "\u00a0"
            continue
        words += _pieces(carry + part)
        carry = ""
    return words


def _pieces(word: str) -> list[str]:
    """Split where a word may turn the line without being cut: between ideographs, which have no spaces."""
    if any(unicodedata.east_asian_width(char) in "WF" for char in word):
        return re.findall(r"[\x00-\u2fff]+|.[、。，．：；！？」』）・ー]*", word)
    return [word]


def _joined(words: list[str]) -> str:
    text = words[0]
    for before, word in zip(words, words[1:], strict=False):
        wide = unicodedata.east_asian_width(before[-1]) in "WF" and unicodedata.east_asian_width(word[0]) in "WF"
        text += word if wide else " " + word
    return text


def _lines(words: list[str], room: float, most: int) -> tuple[str, ...] | None:
    """Break into as few lines as `room` (in type sizes) allows, as even as possible; None if over `most`."""
    if not words or any(width(word) > room for word in words):
        return None
    best: dict[int, tuple[int, float, tuple[str, ...]]] = {0: (0, 0.0, ())}
    for end in range(1, len(words) + 1):
        for start in range(end - 1, -1, -1):
            text = _joined(words[start:end])
            wide = width(text)
            if wide > room:
                break
            count, cost, before = best[start]
            cost += (room - wide) ** 2 + (0.15 * room**2 if _leans(words[end - 1], end == len(words)) else 0)
            found = (count + 1, cost, (*before, text))
            if end not in best or found[:2] < best[end][:2]:
                best[end] = found
    count, _, lines = best[len(words)]
    return lines if count <= most else None


def _leans(word: str, is_last: bool) -> bool:  # noqa: FBT001
    return not is_last and word.lower() in _LEANING
