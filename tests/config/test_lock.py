"""What is installed is locked: every package that the short lists of requirements lead to, with the hashes of its files."""

import re
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
TO_RUN = ("requirements.txt", "stripe_standin/requirements.txt")
ALL = ("requirements-dev.txt",)
LOCKED = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")

each_lock = pytest.mark.parametrize(
    ("lock", "lists"), [("requirements.lock", TO_RUN), ("requirements-dev.lock", ALL)]
)


def listed(path: str) -> list[Requirement]:
    """Return what a list of requirements asks for, and the lists that it names."""
    found = []
    for line in (ROOT / path).read_text().splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted.startswith("-r "):
            found += listed(wanted.removeprefix("-r "))
        elif wanted:
            found.append(Requirement(wanted))
    return found


def locked(path: str) -> dict[tuple[str, str], set[str]]:
    """Return the hashes of each package in a lock, by its name with its version and by its marker."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in (ROOT / path).read_text().splitlines():
        if match := LOCKED.fullmatch(line):
            hashes = found.setdefault((f"{match['name']}=={match['version']}", match["marker"] or ""), set())
        elif HASH.fullmatch(line):
            hashes.add(line.strip(" \\"))
        else:
            assert line.lstrip().startswith("#"), f"{path} has a line that is no package and no hash: {line}"
    return found


def here(pins: set[str], requirement: Requirement) -> str:
    """Return the name and version by which a requirement is installed on this machine; it must be locked."""
    name = canonicalize_name(requirement.name)
    pin = f"{name}=={version(name)}"
    assert pin in pins, f"{pin} is installed, and not locked. Run make lock, then make .venv/dev."
    return pin


def closure(pins: set[str], wanted: list[Requirement]) -> set[str]:
    """Return all that is installed for some requirements, by what the installed packages say of themselves."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [(requirement, {""}) for requirement in wanted]
    while waiting:
        requirement, extras = waiting.pop()
        marker = requirement.marker
        if str(requirement) in seen or (
            marker and not any(marker.evaluate({"extra": one}) for one in extras)
        ):
            continue
        seen.add(str(requirement))
        found.add(here(pins, requirement))
        waiting += [
            (Requirement(line), {"", *requirement.extras}) for line in requires(requirement.name) or []
        ]
    return found


@each_lock
def test_every_requirement_is_locked_at_its_version(lock: str, lists: tuple[str, ...]) -> None:
    pins = {pin for pin, _marker in locked(lock)}
    wanted = [requirement for path in lists for requirement in listed(path)]
    assert wanted
    not_locked = [
        str(each)
        for each in wanted
        if f"{canonicalize_name(each.name)}{each.specifier}" not in pins or not str(each.specifier)
    ]
    assert not_locked == [], f"Run make lock: {lock} has another version of these, or none"


@each_lock
def test_all_that_a_requirement_brings_is_locked_and_nothing_else(lock: str, lists: tuple[str, ...]) -> None:
    packages = locked(lock)
    pins = {pin for pin, _marker in packages}
    needed = closure(pins, [requirement for path in lists for requirement in listed(path)])
    for_this_machine = {
        pin for pin, marker in packages if not marker or Requirement(f"{pin} ; {marker}").marker.evaluate()
    }
    assert needed == for_this_machine


@each_lock
def test_every_package_in_a_lock_has_hashes(lock: str, lists: tuple[str, ...]) -> None:
    assert [pin for (pin, _marker), hashes in locked(lock).items() if not hashes] == []


def test_the_shop_runs_on_the_same_packages_as_its_tests() -> None:
    to_run, all_of_them = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {each: all_of_them.get(each) for each in to_run} == to_run


@each_lock
def test_a_lock_names_no_package_index(lock: str, lists: tuple[str, ...]) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
