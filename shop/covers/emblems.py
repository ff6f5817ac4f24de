"""Small signs for the middle of a framed cover, drawn round (0, 0) with the radius 40."""

from collections.abc import Callable
from math import cos, pi, sin

from .palettes import Palette
from .pen import Dice, block, disc, path, ring, shape, tag


def rings(p: Palette, dice: Dice) -> str:
    """Draw circles within circles."""
    count = dice.pick((5, 6, 7))
    return "".join(ring(0, 0, 40 * step / count, p.second, 1.5) for step in range(1, count + 1))


def sun(p: Palette, dice: Dice) -> str:
    """Draw a disc with long and short rays."""
    count = dice.pick((12, 16, 20))
    rays: list[str | float] = []
    for step in range(count):
        turn, reach = 2 * pi * step / count, 40 if step % 2 == 0 else 32
        half = pi / count * 0.52
        rays += [
            "M",
            21 * sin(turn - half),
            -21 * cos(turn - half),
            "L",
            reach * sin(turn),
            -reach * cos(turn),
        ]
        rays += ["L", 21 * sin(turn + half), -21 * cos(turn + half), "Z"]
    return shape(path(*rays), p.second) + disc(0, 0, 17, p.second) + ring(0, 0, 12.5, p.ground, 1.1)


def crown(p: Palette, dice: Dice) -> str:
    """Draw a crown of three or five points on its band."""
    if dice.roll() < 0.5:
        points = "M-40-19L-20-1 0-27 20-1 40-19 32 16H-32Z"
    else:
        points = "M-40-16L-28 0-20-22-9-2 0-27 9-2 20-22 28 0 40-16 33 16H-33Z"
    return shape(points, p.second) + block(-33, 20, 66, 5, p.second)


def fleuron(p: Palette, dice: Dice) -> str:
    """Draw a printer's flower."""
    count = dice.pick((6, 8, 10))
    petals = "".join(
        tag(
            "ellipse",
            cy=-22,
            rx=64 / count if count > 6 else 8.6,
            ry=15,
            transform=f"rotate({360 * step // count})",
        )
        for step in range(count)
    )
    return tag("g", petals, fill=p.second) + disc(0, 0, 6.6, p.ground) + disc(0, 0, 3.8, p.text)


EMBLEMS: dict[str, Callable[[Palette, Dice], str]] = {
    emblem.__name__: emblem for emblem in (rings, sun, crown, fleuron)
}
