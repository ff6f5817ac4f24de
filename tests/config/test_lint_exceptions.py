"""What ruff's security rules (S) would refuse stands in the code only with the reason beside it."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOQA = re.compile(r"# noqa: (?P<rules>[A-Z0-9, ]+)(?P<reason> - \S.*)?$")


def without_reason(line: str) -> bool:
    """Tell whether a line of code or of pyproject.toml lets a security rule pass and does not say why."""
    if found := NOQA.search(line):
        return bool(re.search(r"\bS\d", found["rules"])) and not found["reason"]
    is_listed = re.search(r'"S(\d+)?"', line.partition("#")[0])
    return bool(is_listed) and not re.search(r"# \S+", line)


def test_no_security_rule_is_passed_without_a_reason() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    code = [(path, line) for path in listed.stdout.split() for line in (ROOT / path).read_text().splitlines()]
    _before, ignored = (ROOT / "pyproject.toml").read_text().split("[tool.ruff.lint.per-file-ignores]\n")
    settings = [("pyproject.toml", line) for line in ignored.partition("\n[")[0].splitlines()]
    assert len(code) > 10_000
    assert len(settings) > 10
    found = [(path, line) for path, line in code if "noqa" in line and without_reason(line)]
    assert found + [(path, line) for path, line in settings if without_reason(line)] == []


def test_one_without_a_reason_would_be_seen() -> None:
    assert without_reason("run(command)  # noqa: S603")
    assert without_reason('"tests/**" = ["ANN", "S"]')
    assert without_reason('  "S101",')
    assert not without_reason("run(command)  # noqa: S603 - our own program")
    assert not without_reason('  "S101",  # asserting is what tests do')
    assert not without_reason("def save(self, commit=True):  # noqa: FBT002")
