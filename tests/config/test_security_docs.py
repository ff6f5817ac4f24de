"""docs/security.md keeps its word: the tests that it names exist, and every requirement of ASVS is there once."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/security.md").read_text()
# How many requirements of levels 1 and 2 each section of ASVS 5.0 has. They are counted from 1, without a gap.
REQUIREMENTS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip
VERDICTS = {"yes", "partly", "no", "yours", "—"}


def rows() -> list[list[str]]:
    """Return the rows of the tables of ASVS: numbers, verdict, how, shown by."""
    _before, tables = DOCUMENT.split("\n## ASVS\n")
    lines = [line for line in tables.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def numbers(cell: str) -> list[str]:
    """Return the requirements that a cell names, of "1.1.2–1.1.4" each."""
    found = []
    for part in cell.split(", "):
        first, _to, last = part.partition("–")
        section, _dot, begin = first.rpartition(".")
        end = int((last or first).rpartition(".")[2])
        found += [f"{section}.{number}" for number in range(int(begin), end + 1)]
    return found


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^\s*(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert len(named) > 90
    assert named - there == set()


def test_every_requirement_of_asvs_is_there_once() -> None:
    wanted = {
        f"{section}.{number}" for section, count in REQUIREMENTS.items() for number in range(1, count + 1)
    }
    found = Counter(number for row in rows() for number in numbers(row[0]))
    assert set(found) == wanted
    assert [number for number, times in found.items() if times > 1] == []


def test_every_row_says_whether_and_how() -> None:
    assert [row for row in rows() if len(row) != 4 or row[1] not in VERDICTS or not row[2]] == []


def test_a_range_names_each_of_its_numbers() -> None:
    assert numbers("10.4.9–10.4.11, 10.6.1") == ["10.4.9", "10.4.10", "10.4.11", "10.6.1"]
