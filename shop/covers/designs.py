"""The six layouts. Each returns the drawing, or None if the title does not fit it at a size that reads."""

from collections.abc import Callable
from typing import NamedTuple

from .emblems import EMBLEMS
from .fields import FIELDS, OWN_FIELDS
from .lettering import CAP, SPARE, Setting, fit, fit_anyhow, width
from .palettes import Palette
from .patterns import PATTERNS, spread
from .pen import BOX, HEIGHT, MARGIN, WIDTH, Dice, block, box, lettering, tag, window
from .plates import OWN_PLATES, PLATES

OLDEST_YEAR = 1000


class Sheet(NamedTuple):
    """What a layout draws from. `title` and `author` are clean text, `author` may be empty."""

    title: str
    author: str
    year: int | None
    palette: Palette
    motif: str
    seed: int

    @property
    def dice(self) -> Dice:
        """Fresh dice: a drawing does not depend on what was thrown before it."""
        return Dice(self.seed ^ 0x5EED)

    @property
    def shown_year(self) -> int | None:
        """The year, if it is one that books carry."""
        return self.year if is_shown(self.year) else None


def is_shown(year: int | None) -> bool:
    """Tell whether a year goes on a cover: ancient ones do not, and Roman numerals end at 3999."""
    return year is not None and OLDEST_YEAR <= year <= 3999


def _column(setting: Setting, x: float, cap: float, fill: str, room: float, anchor: str = "start") -> str:
    """Draw the lines of `setting`, the capitals of the first one reaching up to `cap`."""
    first = cap + CAP * setting.size
    return "".join(
        lettering(text, x, first + setting.leading * place, setting.size, fill, room=room, anchor=anchor)
        for place, text in enumerate(setting.lines)
        if text
    )


def _foot(setting: Setting, cap: float) -> float:
    """Return the last baseline of a column."""
    return cap + CAP * setting.size + setting.drop


def _gap(setting: Setting, least: float = 11) -> float:
    """Return the room between the last baseline and what stands below it: more if a letter hangs down."""
    return least + (0.1 * setting.size if any(letter in "gjpqyQJ,;" for letter in setting.lines[-1]) else 0)


def _signature(author: str, room: float, title: Setting, largest: float = 15) -> Setting | None:
    """Set the author's name: 12 to `largest` units in one line, else in two or three, never larger than the title."""
    if not author:
        return None
    largest = min(largest, title.size)
    for most in (1, 2, 3):
        found = fit(author, room=room, height=60, largest=largest, least=min(12, largest), most=most)
        if found:
            return found
    return fit_anyhow(author, room=room, height=60, largest=largest)


def label(sheet: Sheet) -> str | None:
    """Draw a pattern all over, and a paper label with everything on it."""
    p, inset, middle = sheet.palette, 22, WIDTH / 2
    room = WIDTH - 2 * inset - 22
    title = fit(sheet.title, room=room, height=112, largest=29, most=4)
    if not title:
        return None
    author = _signature(sheet.author, room, title)
    top, pad = 46.0, 20.0
    foot = _foot(title, top + pad)
    rule = foot + _gap(title, 9)
    end = _foot(author, rule + 10) + 16 if author else foot + pad
    drawing = spread(sheet.motif, p, f"p{sheet.seed:08x}")
    drawing += block(inset, top, WIDTH - 2 * inset, end - top, p.paper)
    drawing += box(inset + 4.5, top + 4.5, WIDTH - 2 * inset - 9, end - top - 9, p.ink, 1)
    drawing += _column(title, middle, top + pad, p.ink, room, "middle")
    if author:
        drawing += block(middle - 12, rule, 24, 1.1, p.ink)
        drawing += _column(author, middle, rule + 10, p.ink, room, "middle")
    return drawing


def frame(sheet: Sheet) -> str | None:
    """Draw a double rule, everything centred, an emblem, the year in Roman numerals."""
    p, middle, room = sheet.palette, WIDTH / 2, 148
    title = fit(sheet.title, room=room, height=92, largest=30, most=4)
    if not title:
        return None
    author = _signature(sheet.author, room, title, 14)
    cap = 52.0 if len(title.lines) < 3 else 40.0
    year_base = 272.0
    foot = _foot(title, cap)
    author_base = 251.0 if sheet.shown_year or not author else 256.0
    ceiling = author_base - (CAP * author.size + author.drop if author else 0)
    radius = min(41, (ceiling - foot - 30) / 2)
    if radius < 22:
        return None
    drawing = box(11, 11, WIDTH - 22, HEIGHT - 22, p.second, 2.6)
    drawing += box(17, 17, WIDTH - 34, HEIGHT - 34, p.second, 0.9)
    drawing += _column(title, middle, cap, p.text, room, "middle")
    place = f"translate(100 {(foot + ceiling) / 2:.1f}) scale({radius / 41:.3f})"
    drawing += tag("g", EMBLEMS[sheet.motif](p, sheet.dice), transform=place)
    if author:
        drawing += _column(author, middle, ceiling, p.text, room, "middle")
    if sheet.shown_year:
        drawing += tag(
            "text", roman(sheet.shown_year), x=middle, y=year_base, font_size=12, fill=p.second, text_anchor="middle",
            letter_spacing=1, aria_hidden="true",
        )  # fmt: skip
    return drawing


def plate(sheet: Sheet) -> str | None:
    """Draw a picture above, a paper foot with the title below."""
    p, room = sheet.palette, BOX
    title = fit(sheet.title, room=room, height=96, largest=30, most=4)
    if not title:
        return None
    author = _signature(sheet.author, room, title)
    author_base = HEIGHT - 17.0
    author_cap = author_base - author.drop - CAP * author.size if author else HEIGHT
    cap = author_cap - 18 - title.drop - CAP * title.size
    edge = round(cap - 18)
    if edge < 130:
        return None
    picture = (PLATES | OWN_PLATES)[sheet.motif](p, sheet.dice, edge)
    drawing = window(0, edge, picture) + block(0, edge, WIDTH, HEIGHT - edge, p.paper)
    drawing += _column(title, MARGIN, cap, p.ink, room)
    return drawing + (_column(author, MARGIN, author_cap, p.ink, room) if author else "")


def type_(sheet: Sheet) -> str:
    """Draw a bar, the title as large as it goes, the year as a ghost. Takes every title."""
    p, room = sheet.palette, BOX
    title = fit_anyhow(sheet.title, room=room, height=172, largest=44)
    author = _signature(sheet.author, room, title, 14)
    author_cap = HEIGHT - 25.0 - (author.drop + CAP * author.size if author else 0)
    rule = author_cap - 13 if author else HEIGHT - 40.0
    drawing = block(MARGIN, 20, BOX, 5, p.second) + _column(title, MARGIN, 40, p.text, room)
    digits = str(sheet.shown_year or "")
    size = 82.0
    if digits and rule - 7 - CAP * size > _foot(title, 40) + 12:
        drawing += tag(
            "text",
            digits,
            x=MARGIN - 1,
            y=rule - 7,
            font_size=size,
            fill=p.third,
            font_variant="lining-nums",
            textLength=size * width(digits),
            lengthAdjust="spacingAndGlyphs",
            aria_hidden="true",
        )
    if author or digits:
        drawing += block(MARGIN, rule, BOX, 1, p.text)
    return drawing + (_column(author, MARGIN, author_cap, p.text, room) if author else "")


def initial(sheet: Sheet) -> str | None:
    """Draw one letter, the size of a hand."""
    p, room = sheet.palette, BOX
    letter = initial_of(sheet.title)
    title = fit(sheet.title, room=room, height=76, largest=32, most=3)
    if not (title and letter):
        return None
    author = _signature(sheet.author, room, title, 14)
    foot = _foot(title, 24)
    if author:
        foot += _gap(title) + CAP * author.size
    # J and Q hang below the line, in most serifs of the stack.
    hang = {"J": 0.2, "Q": 0.18}.get(letter, 0.02)
    floor = HEIGHT - 16
    size = min(
        (floor - foot - 18 - (author.drop if author else 0)) / (CAP + hang),
        (BOX + 4) / (width(letter) * SPARE),
        272,
    )
    if size < 120:
        return None
    drawing = _column(title, MARGIN, 24, p.text, room)
    if author:
        drawing += _column(author, MARGIN, foot - CAP * author.size, p.text, room)
    return drawing + tag(
        "text", letter, x=WIDTH - 12, y=floor - hang * size, font_size=size, fill=p.second, text_anchor="end",
        aria_hidden="true",
    )  # fmt: skip


def field(sheet: Sheet) -> str | None:
    """Draw the title above a drawing that runs off three sides. Under the moon it is centred, as on a bill."""
    p, room, is_moon = sheet.palette, BOX, sheet.motif == "moon"
    title = fit(sheet.title, room=room, height=92, largest=36 if is_moon else 34, most=4)
    if not title:
        return None
    author = _signature(sheet.author, room, title, 14)
    cap = 32.0 if is_moon else 24.0
    foot = _foot(title, cap)
    x, anchor = (WIDTH / 2, "middle") if is_moon else (MARGIN, "start")
    drawing = _column(title, x, cap, p.text, room, anchor)
    if author:
        author_cap = HEIGHT - 24 - author.drop - CAP * author.size if is_moon else foot + _gap(title)
        drawing += _column(author, x, author_cap, p.text, room, anchor)
        foot = foot if is_moon else _foot(author, author_cap)
        if is_moon and author.drop:
            return None
    top = foot + 22
    if HEIGHT - top < 150:
        return None
    return (FIELDS | OWN_FIELDS)[sheet.motif](p, sheet.dice, top) + drawing


DESIGNS: dict[str, Callable[[Sheet], str | None]] = {
    "label": label,
    "frame": frame,
    "plate": plate,
    "type": type_,
    "initial": initial,
    "field": field,
}

MOTIFS: dict[str, tuple[str, ...]] = {
    "label": tuple(PATTERNS),
    "frame": tuple(EMBLEMS),
    "plate": tuple(PLATES),
    "type": (),
    "initial": (),
    "field": tuple(FIELDS),
}
"""The motifs that the seed may pick, by design."""

OWN_MOTIFS: dict[str, tuple[str, ...]] = {"plate": tuple(OWN_PLATES), "field": tuple(OWN_FIELDS)}
"""Further motifs, for books that name them."""


def roman(year: int) -> str:
    """Write a year in Roman numerals: 1871 is MDCCCLXXI. Takes 1 to 3999."""
    numerals = (
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
    )
    letters = ""
    for value, letter in (*numerals, (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        letters += letter * (year // value)
        year %= value
    return letters


def initial_of(title: str) -> str:
    """Return the capital of the first word that is not an article, or "" if a large letter would not look like one."""
    words = title.split()
    if len(words) > 1 and words[0].lower() in {"a", "an", "the"}:
        words = words[1:]
    letter = words[0][0].upper() if words else ""
    return letter if letter.isalpha() and len(letter) == 1 and ord(letter) < 0x530 and letter != "I" else ""
