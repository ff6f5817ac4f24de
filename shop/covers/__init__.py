"""Book covers, drawn by rule from title, author and year.

    >>> from shop.covers import draw
    >>> svg = draw("Middlemarch", "George Eliot", 1871, motif="leaf", palette="bottle")

`draw` returns a whole SVG file, 200 by 300 units, as text. The same words always give the same bytes. `arrange` picks
looks for a list, so that neighbours differ.
"""

from xml.sax.saxutils import escape

from .choice import Book, Look, arrange, choose, sheet_for
from .designs import DESIGNS, MOTIFS, OWN_MOTIFS
from .palettes import PALETTES, contrast
from .pen import HEIGHT, HINGE, SERIF, WIDTH, block, tag

__all__ = [
    "DESIGNS",
    "HEIGHT",
    "MOTIFS",
    "OWN_MOTIFS",
    "PALETTES",
    "WIDTH",
    "Book",
    "Look",
    "arrange",
    "choose",
    "contrast",
    "draw",
]


def draw(
    title: str, author: str, year: int | None, *, design: str = "", palette: str = "", motif: str = ""
) -> str:
    """Draw the cover as an SVG file.

    `author` may be "", `year` None or before our era (negative). `design`, `palette` and `motif` are names from
    `DESIGNS`, `PALETTES`, `MOTIFS` and `OWN_MOTIFS`; what is "" hangs on the title. Raises ValueError for other names.
    """
    look = choose(title, author, year, design=design, palette=palette, motif=motif)
    sheet = sheet_for(title, author, year, look)
    drawing = DESIGNS[look.design](sheet) or ""
    ground = block(0, 0, WIDTH, HEIGHT, sheet.palette.ground)
    name = tag("title", escape(", ".join(filter(None, (sheet.title, sheet.author)))))
    return tag(
        "svg", name + ground + drawing + _hinge(), xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH, height=HEIGHT, font_family=SERIF, text_rendering="geometricPrecision",
    )  # fmt: skip


def _hinge() -> str:
    """Where a cloth cover bends: a shaded strip, a dark line and a light one."""
    strip = tag("path", d=f"M0 0H{HINGE}V{HEIGHT}H0z", opacity=".06")
    dark = tag("path", d=f"M{HINGE} 0h1v{HEIGHT}h-1z", opacity=".2")
    return strip + dark + tag("path", d=f"M{HINGE + 1} 0h.6v{HEIGHT}h-.6z", fill="#fff", opacity=".22")
