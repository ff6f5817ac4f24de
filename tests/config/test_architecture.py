"""docs/architecture.md is what the code is: its picture, its rooms, and the functions that it names."""

import ast
import re
from itertools import pairwise

import pytest

from config.architecture import layout, rooms
from config.architecture.__main__ import PICTURE, drawn

DOCUMENT = rooms.ROOT / "docs/architecture.md"
COUNT = re.compile(r"([\d,]+) lines")
FUNCTION = re.compile(r"`(\w+)` in\s+`([\w/]+\.py)`")


@pytest.fixture(params=["checkout", "shop"])
def app(request: pytest.FixtureRequest) -> rooms.App:
    return rooms.of_app(request.param)


@pytest.fixture(scope="module")
def picture() -> str:
    return drawn()


def test_the_picture_is_what_the_command_draws(picture: str) -> None:
    assert COUNT.sub("… lines", PICTURE.read_text()) == COUNT.sub("… lines", picture), "make architecture"


def test_its_counts_of_lines_are_about_right(picture: str) -> None:
    then, now = (
        [int(count.replace(",", "")) for count in COUNT.findall(text)]
        for text in (PICTURE.read_text(), picture)
    )
    assert [abs(old - new) <= max(100, new / 5) for old, new in zip(then, now, strict=True)] == [True] * len(
        now
    )


def test_every_room_has_its_paragraph(app: rooms.App) -> None:
    section = DOCUMENT.read_text().split(f"\n## {app.name}/")[1].split("\n## ")[0]
    told = set(re.findall(r"^\*\*(\w+)\*\*", section, re.MULTILINE))
    assert told == {room for floor in app.floors for room in floor}


def test_every_function_that_is_named_is_there() -> None:
    named = FUNCTION.findall(DOCUMENT.read_text())
    assert [name for name in named if name[0] not in defined_in(name[1])] == []
    assert len(named) > 20


def defined_in(path: str) -> set[str]:
    tree = ast.parse((rooms.ROOT / path).read_text())
    return {part.name for part in tree.body if isinstance(part, ast.FunctionDef | ast.ClassDef)}


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    assert rooms.direct({("views", "cart"), ("cart", "models"), ("views", "models")}) == {
        ("views", "cart"),
        ("cart", "models"),
    }


def test_every_arrow_leads_down(app: rooms.App) -> None:
    floor_of = {room: number for number, floor in enumerate(app.floors) for room in floor}
    assert [(start, end) for start, end in app.arrows if floor_of[start] >= floor_of[end]] == []


def test_no_room_covers_another(app: rooms.App) -> None:
    at = layout.of_app(app).x
    for floor in app.floors:
        assert all(
            right - left >= layout.ROOM for left, right in pairwise(sorted(at[room] for room in floor))
        )
