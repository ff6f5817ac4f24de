"""The picture itself: SVG in the shop's colours, for light and dark pages."""

from collections.abc import Iterator
from itertools import pairwise

from config.architecture import layout
from config.architecture.layout import Layout
from config.architecture.rooms import App

HIGH, STOREY, ROOF, MARGIN = 40, 76, 46, 20

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #211d19; text-anchor: middle }
text.app { font: 20px Palatino, Georgia, serif; text-anchor: start }
.count { font: 11px system-ui, sans-serif; fill: #665e54 }
.back { fill: #fbf8f2 } .floor { stroke: #ddd5c8 } .room { fill: #fff; stroke: #8a8074 }
.arrow { fill: none; stroke: #8a2b26; stroke-width: 1.3 } .head { fill: #8a2b26 }
.down { fill: none; stroke: #8a8074; stroke-width: 3 } .tip { fill: #8a8074 }
@media (prefers-color-scheme: dark) {
  text { fill: #efe9df } .count { fill: #b0a698 }
  .back { fill: #171512 } .floor { stroke: #3b362f } .room { fill: #211e1a; stroke: #857b6e }
  .arrow { stroke: #f09a86 } .head { fill: #f09a86 } .down { stroke: #857b6e } .tip { fill: #857b6e }
}
"""


def svg(apps: list[App], alone: App) -> str:
    """Return the picture: apps from the top, each using those below it, and a program that uses none of them."""
    layouts = [layout.of_app(app) for app in apps]
    wide = max(laid.wide for laid in layouts) + 2 * MARGIN
    parts: list[str] = []
    top = 0
    for app, laid in zip(apps, layouts, strict=True):
        if top:
            parts.append(f'<path class="down" d="M{wide / 2:.0f} {top - 8} v14" marker-end="url(#tip)"/>')
            top += 26
        parts += _house(app, laid, top, wide)
        top += ROOF + STOREY * len(app.floors)
    parts += [_floor(top, 0, wide), _name(alone, top, "on its own: imports none of the others")]
    return "\n".join([*_opening(wide, top + ROOF), *parts, "</svg>", ""])


def _opening(wide: float, high: int) -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high}" role="img">'
    yield f"<title>Which folder of Folio imports which</title><style>{_STYLE}</style>"
    for name, size in (("head", 7), ("tip", 4)):
        yield f'<marker id="{name}" class="{name}" viewBox="0 0 8 8" refX="7" refY="4" orient="auto"'
        yield f' markerWidth="{size}" markerHeight="{size}"><path d="M0 0 L8 4 L0 8 z"/></marker>'
    yield '<rect class="back" width="100%" height="100%" rx="6"/>'


def _name(app: App, top: int, note: str = "") -> str:
    words = " · ".join(part for part in (_lines(sum(app.lines.values())), note) if part)
    return f'<text class="app" x="{MARGIN}" y="{top + 30}">{app.name}<tspan class="count" dx="10">{words}</tspan></text>'


def _floor(y: int, left: float, right: float) -> str:
    return f'<line class="floor" x1="{left:.0f}" x2="{right:.0f}" y1="{y}" y2="{y}"/>'


def _house(app: App, laid: Layout, top: int, wide: float) -> Iterator[str]:
    yield _name(app, top)
    at = {place: (wide - laid.wide) / 2 + x for place, x in laid.x.items()}
    levels = [top + ROOF + STOREY * number for number in range(len(app.floors))]
    for level in levels[1:]:
        yield _floor(level - (STOREY - HIGH) // 2, MARGIN, wide - MARGIN)
    for way in laid.ways.values():
        start = next(level for level, floor in zip(levels, app.floors, strict=True) if way[0] in floor)
        yield _arrow([at[place] for place in way], start + HIGH)
    for level, floor in zip(levels, app.floors, strict=True):
        for room in floor:
            yield _room(room, app.lines.get(room, 0), at[room], level)


def _arrow(xs: list[float], top: int) -> str:
    """Draw an arrow from the foot of a room, past the floors between, to the head of another."""
    path = f"M{xs[0]:.0f} {top}"
    between = STOREY - HIGH
    for number, (start, end) in enumerate(pairwise(xs)):
        y = top + STOREY * number
        past = f" v{HIGH}" if number < len(xs) - 2 else ""
        path += f" C{start:.0f} {y + between // 2} {end:.0f} {y + between // 2} {end:.0f} {y + between}{past}"
    return f'<path class="arrow" d="{path}" marker-end="url(#head)"/>'


def _room(name: str, lines: int, x: float, y: int) -> str:
    box = f'<rect class="room" x="{x - layout.ROOM / 2:.0f}" y="{y}" width="{layout.ROOM}" height="{HIGH}" rx="3"/>'
    count = f'<text class="count" x="{x:.0f}" y="{y + 32}">{_lines(lines)}</text>'
    return f'{box}<text x="{x:.0f}" y="{y + 17}">{name}</text>{count}'


def _lines(count: int) -> str:
    return f"{max(10, round(count, -1)):,} lines"
