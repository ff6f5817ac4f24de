"""Pictures for the upper part of a cover whose title stands on a paper foot. Each fills 200 by `high` units."""

from collections.abc import Callable
from math import exp, pi, sin, sqrt

from .palettes import Palette
from .pen import WIDTH, Dice, chain, curve, disc, line, path, ring, shape, tag


def landscape(p: Palette, dice: Dice, high: float) -> str:
    """Draw sun, three ranges of hills and a lake."""
    x = dice.between(52, 150)
    sun = disc(x, high * dice.between(0.28, 0.36), min(34, high * 0.17), p.second)
    far = shape(_hills(dice, high * 0.58, high * 0.06, high), p.third)
    middle = tag("g", shape(_hills(dice, high * 0.71, high * 0.035, high), p.ink), opacity=0.52)
    water = shape(f"M0 {high * 0.84:.1f}H200V{high:.1f}H0Z", p.third)
    glints = ""
    for step in range(5):
        half, y = 26 + 8 * step + dice.between(-4, 4), high * (0.845 + 0.028 * step)
        glints += path("M", x - half, y, "H", x + half)
    near = shape(_hills(dice, high * 0.99, high * 0.045, high + 1), p.ink)
    return sun + far + middle + water + line(glints, p.ink, 1.4) + near


def _hills(dice: Dice, level: float, swing: float, bottom: float) -> str:
    first, second = dice.between(0, 2 * pi), dice.between(0, 2 * pi)
    long, short = dice.between(24, 34), dice.between(11, 16)
    ridge = [
        (x, level - swing * (sin(x / long + first) + 0.4 * sin(x / short + second)))
        for x in range(-20, 241, 20)
    ]
    return curve(ridge) + path("V", bottom, "H", -20, "Z")


def quarters(p: Palette, dice: Dice, high: float) -> str:
    """Draw squares of 50 units, each with a quarter circle, a disc, or nothing."""
    quarter = ("M{x} {y}h50a50 50 0 0 1-50 50z", "M{r} {y}v50a50 50 0 0 1-50-50z",
               "M{r} {b}h-50a50 50 0 0 1 50-50z", "M{x} {b}v-50a50 50 0 0 1 50 50z")  # fmt: skip
    dot = "M{left} {middle}a17 17 0 1 1 34 0a17 17 0 1 1-34 0z"
    data = {p.second: "", p.text: "", p.third: ""}
    for y in range(0, int(high), 50):
        for x in range(0, WIDTH, 50):
            fill, chance = dice.pick(tuple(data)), dice.roll()
            if chance < 0.94:
                form = dice.pick(quarter) if chance < 0.68 else dot
                data[fill] += form.format(x=x, y=y, r=x + 50, b=y + 50, left=x + 8, middle=y + 25)
    return "".join(shape(drawing, fill) for fill, drawing in data.items() if drawing)


def arcs(p: Palette, dice: Dice, high: float) -> str:
    """Draw bows one inside another, like a rainbow or a hall."""
    x = dice.pick((100, 100, 0, 200))
    order = dice.pick(((p.second, p.third, p.ground), (p.third, p.second, p.ground)))
    thick = high / 9.8 if x == 100 else high / 7.5
    count = 9 if x == 100 else 12
    return "".join(disc(x, high, thick * step, order[step % 3 - 1]) for step in range(count, 0, -1))


def bent_grid(p: Palette, dice: Dice, high: float) -> str:
    """Draw a net that a weight draws together."""
    x0, y0, step = 100 + dice.between(-28, 28), high * dice.between(0.42, 0.58), 16.5

    def bent(x: float, y: float) -> tuple[float, float]:
        far = sqrt((x - x0) ** 2 + (y - y0) ** 2)
        pull = 1 - 0.72 * exp(-((far / 46) ** 2))
        return x0 + (x - x0) * pull, y0 + (y - y0) * pull

    down = [[bent(rank * step, y) for y in range(-8, int(high) + 16, 11)] for rank in range(-1, 14)]
    across = [[bent(x, rank * step) for x in range(-8, 216, 11)] for rank in range(-1, int(high / step) + 2)]
    data = "".join(map(chain, down + across))
    return line(data, p.text, 0.9) + disc(x0, y0, 13, p.second)


def euclid(p: Palette, dice: Dice, high: float) -> str:
    """Draw the first proposition of the Elements: an equal-sided triangle from two circles."""
    del dice
    radius = min(58, high * 0.33)
    left, y = 100 - radius / 2, high * 0.53
    right, top = left + radius, y - radius * sqrt(3) / 2
    low = 2 * y - top
    lens = path(
        "M", 100, top, "A", radius, radius, "0 0 1", 100, low, "A", radius, radius, "0 0 1", 100, top, "Z"
    )
    circles = disc(left, y, radius, p.second) + disc(right, y, radius, p.third)
    edges = ring(left, y, radius, p.text, 1.2) + ring(right, y, radius, p.text, 1.2)
    triangle = shape(path("M", left, y, "H", right, "L", 100, top, "Z"), p.text)
    return circles + shape(lens, p.ground) + triangle + edges


def pythagoras(p: Palette, dice: Dice, high: float) -> str:
    """Draw the squares on the sides of a right-angled triangle, with sides 3, 4 and 5."""
    flip = dice.roll() < 0.5
    unit = high / 13.6
    # The right angle stands on top; the square on the long side hangs below.
    x, y = 100 - 2.5 * unit, high * 0.505
    apex = (x + 1.8 * unit, y - 2.4 * unit)
    drawing = shape(path("M", x, y, "h", 5 * unit, "v", 5 * unit, "h", -5 * unit, "Z"), p.third)
    drawing += shape(_square(x, y, *apex), p.second) + shape(_square(*apex, x + 5 * unit, y), p.text)
    drawing += line(path("M", x, y, "H", x + 5 * unit, "L", *apex, "Z"), p.text, 1.4)
    return tag("g", drawing, transform="matrix(-1 0 0 1 200 0)") if flip else drawing


def _square(x1: float, y1: float, x2: float, y2: float) -> str:
    dx, dy = x2 - x1, y2 - y1
    return path("M", x1, y1, "l", dx, dy, dy, -dx, -dx, -dy, "Z")


def inscribed(p: Palette, dice: Dice, high: float) -> str:
    """Draw circles and regular figures, each drawn inside the last."""
    sides, radius, y = dice.pick((3, 4)), min(high * 0.43, 86), high * 0.5
    drawing, fills = "", (p.second, p.ground, p.third, p.ground, p.text)
    turn = dice.pick((0.0, pi / sides))
    for step, fill in enumerate(fills):
        corners = [turn + 2 * pi * corner / sides for corner in range(sides)]
        places = [
            place
            for angle in corners
            for place in (100 + radius * sin(angle), y - radius * sin(pi / 2 - angle))
        ]
        if step % 2 == 0:
            drawing += disc(100, y, radius, fill) + ring(100, y, radius, p.text, 1)
        else:
            drawing += shape(path("M", *places, "Z"), fill)
            radius *= sin(pi / 2 - pi / sides)
        if radius < 12:
            break
    return drawing


def construction(p: Palette, dice: Dice, high: float) -> str:
    """Draw one of the drawings from geometry."""
    return dice.pick((euclid, pythagoras, inscribed))(p, dice, high)


PLATES: dict[str, Callable[[Palette, Dice, float], str]] = {
    plate.__name__.replace("_", "-"): plate for plate in (landscape, quarters, arcs, bent_grid, construction)
}
OWN_PLATES = {plate.__name__: plate for plate in (euclid, pythagoras, inscribed)}
"""Plates that only a book that names them gets."""
