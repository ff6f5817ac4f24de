"""The documents keep their own rules: short lines, paths that are there, decisions with a date, a status and a link."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (".", "docs", "bench", "stripe_standin", "clients/*", "deploy/*")
DOCUMENTS = sorted(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.md"))
README = (ROOT / "README.md").read_text()
DECISIONS = ROOT / "docs/decisions.md"
LINE = 120

FENCE = re.compile(r"\s*(```|~~~)")
HEADING = re.compile(r"(#{2,3}) (.+)")
STATUS = re.compile(r"(Accepted|Superseded by \[[^]]+\]\(#[^)]+\)) · \d{4}-\d{2}-\d{2}")
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
# Made by a command, or an example of what one may add.
NOT_THERE_YET = ("var/", "clients/vue/dist", "clients/angular/dist", "locale/fr/", "config/formats/fr/")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def written(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are no code, with their numbers."""
    in_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if FENCE.match(line):
            in_code = not in_code
        elif not in_code and not line.startswith("    "):
            yield number, line


def too_long(text: str) -> list[int]:
    """Return the numbers of the lines of prose that are too long. Tables, and where links lead to, do not count."""
    prose = [(number, line) for number, line in written(text) if not line.startswith("|")]
    return [number for number, line in prose if len(re.sub(r"\]\([^)]*\)|https?://\S+", "", line)) >= LINE]


def anchor(heading: str) -> str:
    """Return what a link to a heading ends with, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def headings(text: str) -> list[tuple[int, str]]:
    """Return the level and words of the headings below the title."""
    found = (HEADING.fullmatch(line) for _number, line in written(text))
    return [(len(match[1]), match[2]) for match in found if match]


def decisions(text: str) -> dict[str, str]:
    """Return the line below the heading of each decision."""
    below = {}
    lines = text.splitlines()
    for number, line in written(text):
        if line.startswith("### "):
            below[line.removeprefix("### ")] = next((after for after in lines[number:] if after), "")
    return below


@each_document
def test_lines_of_prose_are_short(document: Path) -> None:
    assert too_long(document.read_text()) == []


@each_document
def test_every_path_that_is_named_is_there(document: Path) -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = {path for _number, line in written(document.read_text()) for path in PATH.findall(line)}
    ours = {path for path in named if path.split("/")[0] in folders and not path.startswith(NOT_THERE_YET)}
    assert [path for path in sorted(ours) if not (ROOT / path).exists()] == []


def test_a_long_line_would_be_seen() -> None:
    link = f"[here](https://example.org/{'x' * LINE})"
    assert too_long(f"short\n| {'a table ' * 20}|\n```\n{'code ' * 30}\n```\n{link}\n{'prose ' * 20}") == [7]


def test_every_decision_has_a_status_and_a_date() -> None:
    below = decisions(DECISIONS.read_text())
    assert [title for title, line in below.items() if not STATUS.fullmatch(line)] == []
    assert len(below) > 50


def test_the_index_leads_to_every_decision_by_area() -> None:
    text = DECISIONS.read_text()
    index, body = text.split("\n## Index\n")[1].split("\n## ", 1)
    wanted = [f"{'  ' * (level - 2)}- [{words}](#{anchor(words)})" for level, words in headings(f"## {body}")]
    assert index.split("\n")[1:-1] == wanted


def test_what_replaced_a_decision_is_there() -> None:
    text = DECISIONS.read_text()
    anchors = {anchor(words) for _level, words in headings(text)}
    replaced_by = {
        target for line in decisions(text).values() for target in re.findall(r"\(#([^)]+)\)", line)
    }
    assert replaced_by <= anchors


def test_the_readme_says_about_how_much_there_is_to_read() -> None:
    told = re.search(r"shop is ([\d,]+) lines of Python, the stand-in ([\d,]+), the tests ([\d,]+)", README)
    assert told
    folders = (("accounts", "checkout", "config", "shop"), ("stripe_standin",), ("tests",))
    for number, names in zip(told.groups(), folders, strict=True):
        files = [
            path for name in names for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts
        ]
        lines = sum(len(path.read_text().splitlines()) for path in files)
        assert abs(lines - int(number.replace(",", ""))) < lines / 5
