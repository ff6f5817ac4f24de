"""The rooms of an app (its folders and modules), the floors they stand on, and which room uses which.

The floors are import-linter's, from pyproject.toml. What imports what is grimp's answer, on which import-linter stands.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
# Where Django looks by itself. They import nearly anything, and nothing imports them.
FOUND_BY_DJANGO = {"apps", "urls", "context_processors", "templatetags"}

Arrow = tuple[str, str]


@dataclass(frozen=True)
class App:
    """An app: its rooms by floor, from the top; which room uses which, where that does not follow from others."""

    name: str
    floors: list[list[str]]
    arrows: set[Arrow]
    lines: dict[str, int]


def of_app(name: str) -> App:
    """Return an app as its code is now. One that is too small for floors has none."""
    floors = _floors(name)
    return App(name, floors, direct(_imports(name)) if floors else set(), _lines(name))


def _floors(app: str) -> list[list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for contract in settings["tool"]["importlinter"]["contracts"]:
        if contract.get("containers") == [app]:
            rooms = [[room.strip() for room in floor.split("|")] for floor in contract["layers"]]
            return [[room for room in floor if room not in FOUND_BY_DJANGO] for floor in rooms]
    return []


def _imports(app: str) -> set[Arrow]:
    """Return which room of an app imports which other one."""
    graph = grimp.build_graph(app, exclude_type_checking_imports=True, cache_dir=None)
    found = {
        (module.split(".")[1], imported.split(".")[1])
        for module in graph.modules - {app}
        for imported in graph.find_modules_directly_imported_by(module) - {app}
    }
    left_out = FOUND_BY_DJANGO | {"migrations"}
    return {(room, other) for room, other in found if room != other and room not in left_out}


def direct(arrows: set[Arrow]) -> set[Arrow]:
    """Return the arrows that do not follow from others: with a → b → c there is no need of a → c."""
    return {(start, end) for start, end in arrows if end not in _reached(start, arrows - {(start, end)})}


def _reached(start: str, arrows: set[Arrow]) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        at = ahead.pop()
        new = {end for other, end in arrows if other == at} - reached
        reached |= new
        ahead += new
    return reached


def _lines(app: str) -> dict[str, int]:
    """Return the lines of Python in each room, migrations apart."""
    counted: dict[str, int] = {}
    for path in (ROOT / app).rglob("*.py"):
        room = path.relative_to(ROOT / app).parts[0].removesuffix(".py")
        if room != "migrations":
            counted[room] = counted.get(room, 0) + len(path.read_text("utf-8").splitlines())
    return counted
