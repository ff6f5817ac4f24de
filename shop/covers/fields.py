"""Drawings that run off three sides of a cover. Each fills it from `top` (units from above) to its lower edge."""

from collections.abc import Callable
from math import cos, hypot, pi, sin

from .palettes import Palette
from .pen import HEIGHT, WIDTH, Dice, block, chain, disc, line, path, shape, window

Twig = tuple[float, float, float, float, int]


def tree(p: Palette, dice: Dice, top: float) -> str:
    """Draw a tree in fruit, forking five times."""
    twigs: list[Twig] = []
    _grow(twigs, dice, 0, 0, 0, 52, 0)
    tall = (HEIGHT - top - 5) / max(-y for _, _, _, y, _ in twigs)
    left = min(1.4 * tall, 103 / max(-x for _, _, x, _, _ in twigs))
    right = min(1.4 * tall, 103 / max(x for _, _, x, _, _ in twigs))

    def at(x: float, y: float) -> tuple[float, float]:
        return 100 + x * (left if x < 0 else right), HEIGHT + y * tall

    drawing = ""
    for depth in range(6):
        data = "".join(chain([at(x1, y1), at(x2, y2)]) for x1, y1, x2, y2, order in twigs if order == depth)
        drawing += line(data, p.text, 5.6 * 0.68**depth)
    ends = [twig for twig in twigs if twig[4] == 5 and dice.roll() < 0.55]
    return drawing + "".join(disc(*at(x, y), 2.8, p.second) for _, _, x, y, _ in ends)


def _grow(twigs: list[Twig], dice: Dice, x: float, y: float, lean: float, length: float, depth: int) -> None:
    x2, y2 = x + length * sin(lean), y - length * cos(lean)
    twigs.append((x, y, x2, y2, depth))
    if depth < 5:
        for side in (-1, 1):
            turn = side * dice.between(0.24, 0.6) if depth else side * 0.56
            _grow(twigs, dice, x2, y2, lean + turn, length * dice.between(0.72, 0.88), depth + 1)


def sea(p: Palette, dice: Dice, top: float) -> str:
    """Draw waves that rise towards the reader, with a boat or a low sun."""
    return dice.pick((boat, boat, low_sun))(p, dice, top)


def waves(p: Palette, dice: Dice, top: float) -> str:
    """Draw the waves alone."""
    rows = int((HEIGHT - top) / 14.5)
    drawing = ""
    for row in range(rows + 1):
        near = row / rows
        half, y = 19 + dice.between(-2, 2), top + 14.5 * row
        swell = 1.5 + 6 * near
        data = path("M", -dice.between(4, 30), y, "q", half / 2, -swell, half, 0, "t", *((half, 0.0) * 13))
        drawing += line(data, p.text, 1 + 1.1 * near)
    return drawing


def boat(p: Palette, dice: Dice, top: float) -> str:
    """Draw a boat under sail."""
    y = top + (HEIGHT - top) * 0.56
    x = dice.between(92, 108)
    hull = path("M", x - 60, y - 16, "h", 116, "l", -15, 18, "h", -84, "z")
    main = path("M", x - 3, y - 20, "v", -min(75, y - top - 22), "L", x - 48, y - 20, "z")
    fore = path("M", x + 3, y - 20, "v", -min(62, y - top - 34), "L", x + 37, y - 20, "z")
    return waves(p, dice, top) + shape(hull + main, p.second) + shape(fore, p.text)


def fluke(p: Palette, dice: Dice, top: float) -> str:
    """Draw a whale's tail above the water."""
    y = top + (HEIGHT - top) * 0.56
    half = "C{0}4-22 {0}8-46 {0}24-55C{0}36-61 {0}52-62 {0}64-76C{0}44-83 {0}14-80 0-60"
    back = "C14-80 44-83 64-76C52-62 36-61 24-55C8-46 4-22 3 0Z"
    tail = "M-3 0" + half.format("-") + back
    sign = f'<g transform="translate(100 {y:.1f})">{shape(tail, p.second)}</g>'
    foam = shape(path("M", 58, y + 7, "Q", 79, y - 7, 100, y + 1, "Q", 121, y - 7, 142, y + 7, "Z"), p.ground)
    return waves(p, dice, top) + sign + foam


def low_sun(p: Palette, dice: Dice, top: float) -> str:
    """Draw the sun half under the horizon."""
    level = top + (HEIGHT - top) * 0.42
    radius = min(54, level - top)
    sun = disc(100 + dice.between(-22, 22), level, radius, p.second)
    return sun + block(0, level, WIDTH, HEIGHT - level, p.ground) + waves(p, dice, level)


def grass(p: Palette, dice: Dice, top: float) -> str:
    """Draw blades in three colours, near ones over far ones."""
    drawing = ""
    for fill, count in ((p.third, 18), (p.second, 11), (p.text, 9), (p.third, 9), (p.second, 9), (p.text, 6)):
        data = ""
        for _ in range(count):
            x, half = dice.between(-4, WIDTH + 4), dice.between(1.8, 4.2)
            high, lean = (HEIGHT - top) * dice.between(0.5, 1), dice.between(-16, 16)
            waist = half * 0.8
            data += path("M", x - half, HEIGHT, "Q", x - waist, HEIGHT - high * 0.55, x + lean, HEIGHT - high)
            data += path("Q", x + waist, HEIGHT - high * 0.55, x + half, HEIGHT, "Z")
        drawing += shape(data, fill)
    return drawing


def rays(p: Palette, dice: Dice, top: float) -> str:
    """Draw light from one point, with a disc in it."""
    y = (HEIGHT - top) * dice.between(0.46, 0.54)
    return _sunburst(p, top, y, disc(100, y, dice.between(30, 38), p.second))


def bolt(p: Palette, dice: Dice, top: float) -> str:
    """Draw light from one point, with a bolt of lightning in it."""
    del dice
    y = (HEIGHT - top) * 0.48
    flash = shape("M14-78L-27 8H-2L-17 78 33-15H6L21-78Z", p.second)
    return _sunburst(p, top, y, f'<g transform="translate(100 {y:.1f})">{flash}</g>')


def _sunburst(p: Palette, top: float, y: float, sign: str) -> str:
    count, data = 36, ""
    for step in range(count):
        turn, half = 2 * pi * step / count, pi / count / 2
        ends = (
            280 * sin(turn - half),
            -280 * cos(turn - half),
            280 * sin(turn + half),
            -280 * cos(turn + half),
        )
        data += path("M", 100, y, "L", 100 + ends[0], y + ends[1], 100 + ends[2], y + ends[3], "Z")
    return window(top, HEIGHT - top, shape(data, p.third) + sign)


def moon(p: Palette, dice: Dice, top: float) -> str:
    """Draw a waning moon among stars; below it there is room for a line."""
    radius = min(76, (HEIGHT - top - 46) / 2)
    x, y = 100, top + 4 + radius
    horns = path(
        "M", x - 0.12 * radius, y - radius, "A", radius, radius, "0 1 0", x + 0.95 * radius, y + 0.52 * radius
    )
    crescent = horns + path("A", 0.92 * radius, 0.92 * radius, "0 1 1", x - 0.12 * radius, y - radius, "Z")
    stars = ""
    for _ in range(44):
        star_x, star_y, size = (
            dice.between(14, 188),
            dice.between(top - 2, y + radius),
            dice.between(0.5, 1.7),
        )
        inside = hypot(star_x - x, star_y - y) < radius + 5
        if not inside or hypot(star_x - x - 0.42 * radius, star_y - y + 0.3 * radius) < 0.62 * radius:
            stars += disc(star_x, star_y, size, p.text)
    return shape(crescent, p.second) + stars


FIELDS: dict[str, Callable[[Palette, Dice, float], str]] = {
    field.__name__: field for field in (rays, tree, sea, grass, moon)
}
OWN_FIELDS = {"boat": boat, "fluke": fluke, "low-sun": low_sun, "bolt": bolt}
"""Fields that only a book that names them gets."""
