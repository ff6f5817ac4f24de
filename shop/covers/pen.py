"""What all drawings share: the page, short numbers, tags, lettering on a line, and dice that fall the same way twice."""

import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar
from xml.sax.saxutils import escape, quoteattr

from .lettering import SPARE, is_measured, width

T = TypeVar("T")

WIDTH, HEIGHT = 200, 300
MARGIN = 16
HINGE = 7
BOX = WIDTH - 2 * MARGIN
SERIF = "Iowan Old Style,Palatino Linotype,Palatino,URW Palladio L,P052,Georgia,serif"


class Dice:
    """Chance that falls the same way on every machine and version: a counter, stirred by a 32-bit integer hash."""

    def __init__(self, seed: int) -> None:
        self._count = seed

    def roll(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        self._count += 0x9E3779B9
        bits = self._count & 0xFFFFFFFF
        for factor in (0x85EBCA6B, 0xC2B2AE35):
            bits = ((bits ^ (bits >> 16)) * factor) & 0xFFFFFFFF
        return (bits ^ (bits >> 16)) / (1 << 32)

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` up to `high`."""
        return low + (high - low) * self.roll()

    def pick(self, things: Sequence[T]) -> T:
        """Return one of `things`."""
        return things[int(self.roll() * len(things))]


def seed_of(title: str) -> int:
    """Return the CRC of the title: what all chance on its cover hangs on."""
    return zlib.crc32(title.encode())


def num(value: float) -> str:
    """Write a number with at most one decimal, as short as SVG allows."""
    text = f"{value:.1f}".removesuffix(".0")
    if text == "-0":
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def path(*steps: str | float) -> str:
    """Write path data: letters and numbers in a row, with a space only where two numbers would run together."""
    data = ""
    for step in steps:
        word = step if isinstance(step, str) else num(step)
        if data and data[-1].isdigit() and word[0] != "-" and not word[0].isalpha():
            data += " "
        data += word
    return data


def chain(points: Sequence[tuple[float, float]]) -> str:
    """Write a broken line through `points`, as short path data: steps between rounded places, so that no error adds up."""
    places = [(round(x, 1), round(y, 1)) for x, y in points]
    steps: list[str | float] = ["M", *places[0], "l"]
    for (x1, y1), (x2, y2) in pairwise(places):
        steps += [x2 - x1, y2 - y1]
    return path(*steps)


def curve(points: Sequence[tuple[float, float]]) -> str:
    """Write a smooth line from the first to the last of `points`, drawn towards those between."""
    steps: list[str | float] = ["M", *points[0]]
    for (x1, y1), (x2, y2) in pairwise(points[1:]):
        steps += ["Q", x1, y1, (x1 + x2) / 2, (y1 + y2) / 2]
    return path(*steps, "L", *points[-1])


def tag(name: str, /, content: str = "", **attributes: str | float) -> str:
    """Write one element; `stroke_width=2` becomes `stroke-width="2"`. `content` is markup and is not escaped."""
    shown = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else num(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{shown}>{content}</{name}>" if content else f"<{name}{shown}/>"


def disc(x: float, y: float, radius: float, fill: str) -> str:
    """Draw a filled circle."""
    return tag("circle", cx=x, cy=y, r=radius, fill=fill)


def ring(x: float, y: float, radius: float, stroke: str, thick: float) -> str:
    """Draw a circle's outline."""
    return tag("circle", cx=x, cy=y, r=radius, fill="none", stroke=stroke, stroke_width=thick)


def block(x: float, y: float, wide: float, high: float, fill: str) -> str:
    """Draw a filled rectangle."""
    return tag("rect", x=x, y=y, width=wide, height=high, fill=fill)


def box(x: float, y: float, wide: float, high: float, stroke: str, thick: float) -> str:
    """Draw a rectangle's outline."""
    return tag("rect", x=x, y=y, width=wide, height=high, fill="none", stroke=stroke, stroke_width=thick)


def shape(data: str, fill: str) -> str:
    """Draw a filled path."""
    return tag("path", d=data, fill=fill)


def line(data: str, stroke: str, thick: float) -> str:
    """Draw a path's outline, with round joins."""
    return tag("path", d=data, fill="none", stroke=stroke, stroke_width=thick, stroke_linejoin="round")


def window(top: float, high: float, content: str) -> str:
    """Open a part of the cover, full width, that cuts off what runs over its edges; inside, y counts from its top."""
    return tag("svg", content, y=top, width=WIDTH, height=high)


def lettering(
    text: str, x: float, y: float, size: float, fill: str, *, room: float, anchor: str = "start"
) -> str:
    """Set one line of text on the baseline `y`.

    Where another font than the measured one could make it wider than `room`, its length is held, so that
    no machine's serif runs over an edge.
    """
    attributes: dict[str, str | float] = {"x": x, "y": y, "font_size": size, "fill": fill}
    if anchor != "start":
        attributes["text_anchor"] = anchor
    natural = width(text) * size
    if natural > room:
        attributes |= {"textLength": room, "lengthAdjust": "spacingAndGlyphs"}
    elif is_measured(text) and natural * SPARE * 1.12 > room:
        attributes |= {"textLength": natural, "lengthAdjust": "spacingAndGlyphs"}
    return tag("text", escape(text), **attributes)
