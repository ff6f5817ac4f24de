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
CAP = 0.7
"""How high a capital stands, in type sizes."""
HARD_SPACE = "\u00a0"
LEAST_TITLE = 20

_WIDTHS: dict[str, int] = {
    letter: units
    for units, letters in {
        208: "'", 234: "j", 250: " ,.:;\u00a0", 278: "!\u2018\u2019", 291: "ilł\u0131", 326: "t", 333: "()-Jf[]\u2010\u2011",
        337: "I", 371: '"', 389: "*", 395: "r", 424: "s", 444: "?c", 479: "e",
        500: "#$0123456789avz\u201c\u201d\u2013§", 516: "x", 525: "S", 546: "oð", 553: "b", 556: "Fgkyøß", 560: "q",
        565: "v", 582: "hn", 601: "pþ", 603: "u", 604: "PÞ", 606: "+/=", 611: "BELdŁ", 613: "T", 667: "XYZ",
        668: "R", 709: "C", 722: "V", 726: "K", 758: "æ", 763: "G", 774: "DÐ", 778: "&AU", 786: "OQ", 827: "œ",
        831: "N", 832: "H", 833: "Ø", 834: "w", 840: "%", 883: "m", 944: "Æ", 946: "M", 998: "Œ", 1000: "W\u2014\u2026",
    }.items()
    for letter in letters
}  # fmt: skip

# Words that look forward: a line ends on them only when there is no better place.
_LEANING = frozenset((
    "a", "an", "and", "at", "by", "de", "des", "du", "for", "from", "in", "into", "la", "le", "of", "on", "or", "the", "to",
    "with",
))  # fmt: skip
_BOUND = frozenset(("a", "an", "i", "o", "dr", "dr.", "mr", "mr.", "mrs", "mrs.", "st", "st."))


class Setting(NamedTuple):
    """A text set in lines of one size. `size` is in cover units (the cover is 200 wide)."""

    lines: tuple[str, ...]
    size: float

    @property
    def leading(self) -> float:
        """Return the distance from one baseline to the next."""
        return self.size * LEADING

    @property
    def drop(self) -> float:
        """Return the distance from the first baseline to the last."""
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
    """Return the width of one line, in type sizes: `width("Walden") * 30` is its width at size 30."""
    return sum(map(_letter, text))


def is_measured(text: str) -> bool:
    """Tell whether every letter's width is known and not guessed."""
    return all(char in _WIDTHS or unicodedata.normalize("NFD", char)[0] in _WIDTHS for char in text)


@lru_cache(maxsize=512)
def fit(
    text: str,
    *,
    room: float,
    height: float,
    largest: float,
    least: float = LEAST_TITLE,
    most: int = 5,
    freedom: int = 0,
) -> Setting | None:
    """Set `text` as large as it goes well, in at most `most` lines; None if it does not fit even at the size `least`.

    `room` is the width and `height` the distance from the first capitals to the last baseline, in cover units.
    No word is ever cut or dropped. With `freedom` 1 a line may also end on "the", with 2 on a hyphen.
    """
    words = _parts(text, freedom)
    best, size = None, largest
    while size >= least and (best is None or size > _worth(best)):
        lines = _lines(words, room / (size * SPARE), most)
        if lines and CAP * size + (len(lines) - 1) * size * LEADING <= height:
            found = Setting(lines, size)
            best = max(best or found, found, key=_worth)
        size -= 1
    return best


def _worth(setting: Setting) -> float:
    """Return its size, less what uneven lines cost: "Pride and / Prejudice" beats a larger "Pride / and / Prejudice"."""
    # "On / Liberty" is as old as title pages; a small word alone among three lines is an accident.
    lines = setting.lines[1:] if len(setting.lines) == 2 and _leans(setting.lines[0]) else setting.lines
    widths = [width(text) for text in lines]
    ragged = sum((1 - wide / max(widths)) ** 2 for wide in widths) / len(setting.lines)
    return setting.size * (
        1 - 0.8 * ragged - 0.25 * sum(map(_leans, lines)) - 0.1 * (len(lines) < len(setting.lines))
    )


def fit_anyhow(text: str, *, room: float, height: float, largest: float) -> Setting:
    """Do as `fit` does for what no cover was made for: more lines and smaller letters until it fits.

    A word that is too long even so comes out wider than `room`; `pen.lettering` presses its letters together.
    """
    setting = None
    for freedom, press, size, least, most in (
        (0, 1, largest, LEAST_TITLE, 5),
        (1, 1, largest, LEAST_TITLE, 5),
        (2, 1, largest, LEAST_TITLE, 5),
        (2, 1, LEAST_TITLE, 14, 7),
        (2, 1, LEAST_TITLE, 9, 14),
        (2, 1.6, LEAST_TITLE, 5, 40),
    ):
        setting = setting or fit(
            text, room=room * press, height=height, largest=size, least=least, most=most, freedom=freedom
        )
    return setting or Setting((text,), 5)


def _leans(text: str) -> bool:
    return text.lower() in _LEANING


def _parts(text: str, freedom: int) -> list[str]:
    """Return the parts that stay on one line, each with its own space behind it: words, and a small word bound to the next.

    "The" may stand alone before a single word: on "The / Odyssey" that is what lets the title be large.
    """
    words = text.split()
    parts, carry = [], ""
    for place, word in enumerate(words, start=1):
        is_bound = word.lower() in _BOUND or (word.lower() == "the" and len(words) > 2 and not freedom)
        if is_bound and place < len(words):
            carry += word + HARD_SPACE
            continue
        pieces = re.findall(r"[^-–—/]*[-–—/]+|[^-–—/]+", word) if freedom > 1 else [word]
        pieces[0] = carry + pieces[0]
        pieces[-1] += " "
        parts += [turn for piece in pieces for turn in _turns(piece)]
        carry = ""
    return parts


def _turns(word: str) -> list[str]:
    """Split where a line may turn without a space: after an ideograph, if no closing mark follows it."""
    if any(unicodedata.east_asian_width(char) in "WF" for char in word):
        return re.findall(r"[\x00-\u2fff]+|[^\x00-\u2fff](?:[^\x00-\u2fff\w])*", word)
    return [word]


def _lines(words: list[str], room: float, most: int) -> tuple[str, ...] | None:
    """Break into as few lines as `room` (in type sizes) allows, as even as possible; None if over `most`."""
    if not words or any(width(word.strip()) > room for word in words):
        return None
    best: list[tuple[int, float, tuple[str, ...]]] = [(0, 0.0, ())]
    for end in range(1, len(words) + 1):
        leans = end < len(words) and _leans(words[end - 1].strip())
        ways = []
        for start in range(end - 1, -1, -1):
            text = "".join(words[start:end]).strip()
            slack = room - width(text)
            if slack < 0:
                break
            count, cost, before = best[start]
            ways.append((count + 1, cost + slack**2 + (0.15 * room**2 if leans else 0), (*before, text)))
        best.append(min(ways))
    count, _, lines = best[-1]
    return lines if count <= most else None
