"""Places the rooms of an app in the picture: each on its floor, near those it uses.

A layered graph drawing in three steps: an arrow that passes floors gets a narrow place on each, so that it goes round
the rooms there; places are ordered by where their neighbours stand; then they move towards them as far as there is room.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from config.architecture.rooms import App, Arrow

ROOM, GAP, NARROW = 128, 22, 8
_ROUNDS = 24

# A room, or a place where an arrow passes a floor: (arrow, number of the floor).
Place = str | tuple[Arrow, int]


@dataclass(frozen=True)
class Layout:
    """Where the middle of every place is, from the left; and by which places each arrow goes."""

    x: dict[Place, float]
    ways: dict[Arrow, list[Place]]
    wide: float


def of_app(app: App) -> Layout:
    """Lay out an app."""
    rows: list[list[Place]] = [[*floor] for floor in app.floors]
    floor_of = {room: number for number, floor in enumerate(app.floors) for room in floor}
    ways = {arrow: _way(arrow, floor_of) for arrow in sorted(app.arrows)}
    above: dict[Place, list[Place]] = {}
    below: dict[Place, list[Place]] = {}
    for (start, _end), way in ways.items():
        for number, place in enumerate(way[1:-1], floor_of[start] + 1):
            rows[number].append(place)
        for upper, lower in pairwise(way):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    x = {place: float(number) for row in rows for number, place in enumerate(row)}
    for step in range(_ROUNDS):
        near = above if step % 2 else below
        for row in rows if step % 2 else reversed(rows):
            wanted = {place: _mean((x[other] for other in near.get(place, ())), x[place]) for place in row}
            if step < _ROUNDS // 2:
                row.sort(key=lambda place: wanted[place])
            x |= _apart(row, wanted)
    left = min((x[place] - _wide(place) / 2 for place in x), default=0.0)
    x = {place: at - left for place, at in x.items()}
    return Layout(x, ways, max((x[place] + _wide(place) / 2 for place in x), default=0.0))


def _way(arrow: Arrow, floor_of: dict[str, int]) -> list[Place]:
    start, end = arrow
    return [start, *((arrow, floor) for floor in range(floor_of[start] + 1, floor_of[end])), end]


def _mean(values: Iterable[float], otherwise: float) -> float:
    known = list(values)
    return sum(known) / len(known) if known else otherwise


def _wide(place: Place) -> int:
    return ROOM if isinstance(place, str) else NARROW


def _apart(row: list[Place], wanted: dict[Place, float]) -> dict[Place, float]:
    """Return where the places of a row stand: as near as may be to where they want to, in their order."""
    to_the_right = _pushed(row, wanted, 1)
    to_the_left = _pushed(row[::-1], wanted, -1)
    return {place: (to_the_right[place] + to_the_left[place]) / 2 for place in row}


def _pushed(row: list[Place], wanted: dict[Place, float], way: int) -> dict[Place, float]:
    at: dict[Place, float] = {}
    before: Place | None = None
    for place in row:
        at[place] = wanted[place]
        if before is not None:
            least = at[before] + way * ((_wide(before) + _wide(place)) / 2 + GAP)
            at[place] = max(at[place], least) if way > 0 else min(at[place], least)
        before = place
    return at
