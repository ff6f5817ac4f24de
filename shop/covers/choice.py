"""Which design, palette and motif a book gets, alone and among its neighbours."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .designs import DESIGNS, MOTIFS, OWN_MOTIFS, Sheet, is_shown
from .palettes import PALETTES
from .pen import Dice, seed_of

TRIES = 60


class Look(NamedTuple):
    """The names of what a cover is made of. `motif` is "" for the designs "type" and "initial"."""

    design: str
    palette: str
    motif: str


class Book(NamedTuple):
    """What `arrange` needs of a book; the last three are "" where the choice is left to its seed."""

    title: str
    author: str
    year: int | None
    design: str = ""
    palette: str = ""
    motif: str = ""


def clean(text: str) -> str:
    """Return `text` in one line, without what XML cannot carry: control letters, lone surrogates, non-characters."""
    spaced = " ".join(text.split())
    kept = (
        char
        for char in spaced
        if unicodedata.category(char) not in {"Cc", "Cs"} and char not in "\ufffe\uffff"
    )
    return " ".join("".join(kept).split())


def sheet_for(title: str, author: str, year: int | None, look: Look) -> Sheet:
    """Gather what a layout draws from. Text is cleaned here."""
    title = clean(title)
    return Sheet(title, clean(author), year, PALETTES[look.palette], look.motif, seed_of(title))


def choose(
    title: str,
    author: str,
    year: int | None,
    *,
    design: str = "",
    palette: str = "",
    motif: str = "",
    turn: int = 0,
) -> Look:
    """Return what the seed of `title` chooses where nothing is named. `turn` above 0 gives its next choices.

    A design that the title does not fit gives way to another. Raises ValueError for a name that does not exist.
    """
    design = _design_of(design, motif)
    if palette and palette not in PALETTES:
        raise ValueError(f"There is no palette “{palette}”. There are: {', '.join(PALETTES)}.")
    dice = Dice(seed_of(clean(title)) + turn)
    palette = palette or dice.pick(tuple(PALETTES))
    # Without a year the design "type" is bare, so that only a title that fits nowhere else gets it.
    by_chance = sorted(DESIGNS, key=lambda name: (name == "type" and not is_shown(year), dice.roll()))
    for name in (design, *by_chance) if design else by_chance:
        look = Look(name, palette, motif if motif and name == design else _motif(dice, name))
        if _fits(title, author, year, name, is_moon=look.motif == "moon"):
            return look
    raise AssertionError("The design “type” takes every title.")


@lru_cache(maxsize=1024)
def _fits(title: str, author: str, year: int | None, design: str, *, is_moon: bool) -> bool:
    """Tell whether a design has room for the words. Of all that is drawn, only the moon needs room of its own."""
    motif = "moon" if is_moon else MOTIFS[design][0] if MOTIFS[design] else ""
    return DESIGNS[design](sheet_for(title, author, year, Look(design, "stone", motif))) is not None


def _motif(dice: Dice, design: str) -> str:
    return dice.pick(MOTIFS[design]) if MOTIFS[design] else ""


def _design_of(design: str, motif: str) -> str:
    """Return the named design, or the one that the named motif belongs to."""
    if design and design not in DESIGNS:
        raise ValueError(f"There is no design “{design}”. There are: {', '.join(DESIGNS)}.")
    if not motif:
        return design
    homes = [name for name in DESIGNS if motif in MOTIFS[name] + OWN_MOTIFS.get(name, ())]
    if not homes or design not in {"", *homes}:
        raise ValueError(f"There is no motif “{motif}”" + (f" for the design “{design}”." if homes else "."))
    return homes[0]


def arrange(books: Sequence[Book], orders: Iterable[Sequence[int]] = (), reach: int = 1) -> list[Look]:
    """Pick looks for `books`, in their order, so that neighbours never share design and palette both.

    Neighbours stand at most `reach` places apart, in `books` as given and in each of `orders` (lists of places in
    `books`). Where it can be had, direct neighbours share neither. A look that a book names itself stays.
    """
    near: list[set[int]] = [set() for _ in books]
    for order in (range(len(books)), *orders):
        for at, place in enumerate(order):
            for other in order[at + 1 : at + 1 + reach]:
                near[place].add(other)
                near[other].add(place)
    looks: dict[int, Look] = {}
    by_freedom = sorted(range(len(books)), key=lambda i: (not books[i].palette, not books[i].motif, i))
    for place in by_freedom:
        looks[place] = _beside(books[place], [looks[i] for i in sorted(near[place]) if i in looks])
    return [looks[place] for place in range(len(books))]


def _beside(book: Book, taken: list[Look]) -> Look:
    """Return the first of the book's looks that shares nothing with `taken`, else the one that shares the least."""
    title, author, year, design, palette, motif = book
    best, least = None, 0
    for turn in range(TRIES):
        look = choose(title, author, year, design=design, palette=palette, motif=motif, turn=turn)
        shared = sum(100 if look[:2] == other[:2] else len({*look[:2]} & {*other[:2]}) for other in taken)
        if best is None or shared < least:
            best, least = look, shared
        if not least:
            break
    return best or choose(title, author, year, design=design, palette=palette, motif=motif)
