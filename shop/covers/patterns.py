"""Tiles that repeat behind a paper label. Each returns the tile's width, height and drawing."""

from collections.abc import Callable
from math import cos, pi, sin

from .palettes import Palette
from .pen import block, disc, line, path, ring, shape, tag

Tile = tuple[float, float, str]


def leaf(p: Palette) -> Tile:
    """Draw upright leaves on a thread."""
    blade = path("M", 13, 2, "C", 22, 8, 22, 18, 13, 24, "C", 4, 18, 4, 8, 13, 2, "Z")
    thread = line("M13 23V34", p.second, 1.1)
    vein = line("M13 7V24", p.ground, 1.2)
    return 26, 34, thread + shape(blade, p.second) + vein


def chevron(p: Palette) -> Tile:
    """Draw zigzags with a fine one between."""
    zigzag = "M-2 15.2L0 13.5 12.5 4 25 13.5 27 15.2"
    return 25, 17, line(zigzag, p.second, 4.2)


def bloom(p: Palette) -> Tile:
    """Draw flowers of six petals, with a dot where four of them meet."""
    petals = "".join(
        tag("ellipse", cx=18, cy=9.4, rx=3.7, ry=6.2, transform=f"rotate({turn} 18 18)")
        for turn in range(0, 360, 60)
    )
    corners = "".join(disc(x, y, 1.9, p.second) for x in (0, 36) for y in (0, 36))
    return 36, 36, tag("g", petals, fill=p.second) + disc(18, 18, 3, p.ink) + corners


def star(p: Palette) -> Tile:
    """Draw stars of eight points and small squares, as in tiled halls."""
    points: list[str | float] = ["M"]
    for step in range(16):
        reach = 12.5 if step % 2 == 0 else 7.2
        turn = step * pi / 8
        points += [17 + reach * sin(turn), 17 - reach * cos(turn)]
    small = "".join(shape(f"M{x - 4} {y}l4-4 4 4-4 4z", p.third) for x in (0, 34) for y in (0, 34))
    return 34, 34, small + shape(path(*points, "Z"), p.second) + disc(17, 17, 3.4, p.ground)


def lattice(p: Palette) -> Tile:
    """Draw crossed rods with a knot in each opening."""
    rods = line("M-2-2L32 32M32-2L-2 32", p.second, 2)
    knots = "".join(
        shape(f"M{x} {y - 5}l5 5-5 5-5-5z", p.third) for x, y in ((15, 0), (0, 15), (30, 15), (15, 30))
    )
    return 30, 30, knots + rods + shape("M15 10l5 5-5 5-5-5z", p.second)


def scale(p: Palette) -> Tile:
    """Draw scales that overlap like a fish's or a roof's; the lower rows lie on the upper ones."""
    rows = ((0, 0), (28, 0), (14, 14), (-14, 14), (42, 14), (0, 28), (28, 28))
    one = [
        disc(x, y, 14, p.ground)
        + ring(x, y, 13, p.second, 1.8)
        + ring(x, y, 8, p.second, 1.4)
        + disc(x, y, 3.4, p.second)
        for x, y in sorted(rows, key=lambda place: -place[1])
    ]
    return 28, 28, "".join(one)


def wave(p: Palette) -> Tile:
    """Draw long swells, a broad line and a fine one."""
    swell = "M-10 {0}Q0 {1} 10 {0}T30 {0} 50 {0}"
    return 40, 20, line(swell.format(7, -2), p.second, 3.6) + line(swell.format(16, 7), p.third, 2)


def spot(p: Palette) -> Tile:
    """Draw dots in two sizes, set in quincunx."""
    corners = "".join(disc(x, y, 3.2, p.third) for x in (0, 24) for y in (0, 24))
    return 24, 24, corners + disc(12, 12, 6, p.second) + disc(12, 12, 2, p.ground)


PATTERNS: dict[str, Callable[[Palette], Tile]] = {
    tile.__name__: tile for tile in (leaf, chevron, bloom, star, lattice, scale, wave, spot)
}


def spread(name: str, palette: Palette, mark: str) -> str:
    """Cover the whole ground with the pattern `name`; `mark` makes its id unlike any other cover's."""
    wide, high, drawing = PATTERNS[name](palette)
    tile = tag("pattern", drawing, id=mark, width=wide, height=high, patternUnits="userSpaceOnUse")
    return f"<defs>{tile}</defs>" + block(0, 0, 200, 300, f"url(#{mark})")
