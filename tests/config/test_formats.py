"""Dates are written by names of formats, which every language has."""

import re
from datetime import datetime

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format, get_format

from config import formats, messages
from config.formats.de import formats as german
from config.formats.en import formats as english

# For machines, and a month's or a year's name alone: these are the same in every language.
PLAIN = {"c", "F", "Y", "Y-m-d"}
ASKED = re.compile(r"""\|date:["']([^"']+)["']|date_format\([^)]*, "([^"]+)"\)""")


def names(module: object) -> set[str]:
    return {name for name in vars(module) if name.isupper()}


def test_no_page_spells_a_date_in_one_language() -> None:
    spelled = {
        f"{path}: {asked}"
        for path in [*messages.ROOT.glob("templates/**/*.*"), *messages.ROOT.glob("[acs]*/**/*.py")]
        for asked in ("".join(found) for found in ASKED.findall(path.read_text("utf-8")))
        if asked not in PLAIN | names(english) | {"YEAR_MONTH_FORMAT"}
    }
    assert spelled == set()


def test_every_language_has_the_same_formats() -> None:
    assert names(english) == names(german)
    assert [get_format(name, lang="de") for name in names(german)] == [
        getattr(german, name) for name in names(german)
    ]
    assert formats.__name__ == settings.FORMAT_MODULE_PATH


@pytest.mark.parametrize(
    ("language", "name", "written"),
    [
        ("en", "DATE_FORMAT", "2 March 2026"),
        ("de", "DATE_FORMAT", "2. März 2026"),
        ("en", "DAY_AND_CLOCK", "Monday 2 March, 09:05"),
        ("de", "DAY_AND_CLOCK", "Montag, 2. März, 09:05 Uhr"),
        ("de", "LETTER", "2. März 2026 um 09:05 Uhr"),
        ("de", "SHORT_DATE_FORMAT", "2. März 2026"),
        ("en", "STAMP", "2 Mar 2026, 09:05:07"),
    ],
)
def test_a_date_is_written_as_the_language_writes_it(language: str, name: str, written: str) -> None:
    with translation.override(language):
        assert date_format(datetime(2026, 3, 2, 9, 5, 7), name) == written  # noqa: DTZ001 - a clock on a wall
