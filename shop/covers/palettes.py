"""The ten sets of colours a cover can have, and how far two colours stand apart."""

from typing import NamedTuple


class Palette(NamedTuple):
    """Six colours, each "#rrggbb". `text` is read on `ground`, `ink` on `paper`; the others are ornament."""

    ground: str
    text: str
    second: str
    third: str
    paper: str
    ink: str


def _palette(colours: str) -> Palette:
    return Palette(*(f"#{colour}" for colour in colours.split()))


PALETTES: dict[str, Palette] = {
    "oxblood": _palette("74251f f6ead6 d9a558 99433a f5ebda 3a1512"),
    "bottle": _palette("1e4638 f1ead6 d6b25e 2f6350 f3ecda 14332a"),
    "navy": _palette("203250 f0e8d8 d98a5c 34507a f2eadb 182740"),
    "ochre": _palette("c9922f 261c10 7a2a22 dcb05c f7ecd2 2b2013"),
    "teal": _palette("2f5f66 f4ecde efb488 4a8188 f4ecde 1c3f45"),
    "plum": _palette("4d2c49 f3e6df d79a98 6d4468 f4e9e2 3a1f37"),
    "stone": _palette("e8decb 2a241e a3382b d3c5ab f6f0e4 2a241e"),
    "coal": _palette("272628 efe6d8 c5523b 403e41 efe7da 272628"),
    "rose": _palette("dcab9c 3b1c1e 7a2a26 e9c7ba f8ece5 3b1c1e"),
    "sky": _palette("a9c1c2 1b2c36 a9442f c5d6d5 f3eee3 1b2c36"),
}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two "#rrggbb" colours, 1 to 21, by the formula of WCAG 2.2."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
