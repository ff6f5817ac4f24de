"""The pages of one database as bars."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bench.lines import PageLine

_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #2b2722 } .bar { fill: #8a3b2a } .soft { fill: #6f675d }
.target { stroke: #2b2722; stroke-width: 2 } .back { fill: #fbf8f2 }
@media (prefers-color-scheme: dark) {
  text { fill: #efe9df } .bar { fill: #d98a73 } .soft { fill: #b3a99b } .target { stroke: #efe9df } .back { fill: #171512 }
}
"""
_ROW, _LEFT, _WIDE = 26, 250, 640


def draw(lines: Sequence[PageLine], title: str) -> str:
    """Return an SVG: a bar for how many of each page cost as much as a bare one, and a stroke where the target is."""
    most = max(max(line.ratio, line.least or 0) for line in lines)
    height = 60 + _ROW * len(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect class="back" width="100%" height="100%" rx="6"/><text x="16" y="28">{escape(title)}</text>',
    ]
    scale = (_WIDE - 200) / most
    for number, line in enumerate(lines):
        y = 48 + _ROW * number
        target = line.least or 0
        stroke = _LEFT + target * scale
        end = _LEFT + max(line.ratio, target) * scale + 8
        parts += [
            f'<text x="{_LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(line.name)}</text>',
            f'<rect class="bar" x="{_LEFT}" y="{y + 2}" width="{line.ratio * scale:.1f}" height="16" rx="2"/>',
            f'<line class="target" x1="{stroke:.1f}" x2="{stroke:.1f}" y1="{y - 1}" y2="{y + 21}"/>',
            f'<text class="soft" x="{end:.1f}" y="{y + 14}">{line.ratio:.2f} × {line.reference}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
