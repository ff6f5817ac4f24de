"""docs/changing.md is complete: its lists of files are what the code says."""

import re
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from django.conf import settings

from checkout.messages import mail_text, mails
from checkout.models import Attention, Mail
from shop.catalogue import cards
from shop.models import Product

ROOT = Path(__file__).parents[2]
CODE = ("shop", "checkout", "config", "accounts", "templates", "static/css", "static/js")
# Elsewhere than in code that somebody changes: what migrations made stays made.
NOT_CODE = re.compile(r"/migrations/|\.(png|svg|ico|webp|avif)$")

AUTHOR = re.compile(r"(?<![a-z])authors?(?![a-z])")
# Names of commands are no words about books.
BOOKS = re.compile(
    r"(?<!check_)books?(?![a-z])|isbn|(?<![a-z])editions?(?![a-z])|hardback|paperback", re.IGNORECASE
)


def section(title: str) -> str:
    return (ROOT / "docs/changing.md").read_text().split(f"\n## {title}\n")[1].split("\n## ")[0]


def listed(text: str) -> set[str]:
    """Return the files and folders in the first columns of the tables."""
    return {
        path
        for row in re.findall(r"^\| (.+?) \|", text, re.MULTILINE)
        for path in re.findall(r"`([^`]+)`", row)
    }


def listed_by_table(text: str) -> list[set[str]]:
    return [listed(table) for table in re.split(r"^\|---.*$", text, flags=re.MULTILINE)[1:]]


def naming(
    pattern: re.Pattern[str], folders: Iterable[str] = CODE, *, beside: Collection[str] = ()
) -> set[str]:
    """Return the files of the code in which a pattern is found."""
    files = subprocess.run(
        ["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    there = [name for name in files if (ROOT / name).exists() and not NOT_CODE.search(name)]
    ours = [name for name in there if not name.startswith(tuple(beside) or ("-",))]
    return {name for name in ours if pattern.search((ROOT / name).read_text())}


# --- A field of a product ---


def test_the_places_of_a_products_field_are_those_of_an_author() -> None:
    shown, besides = listed_by_table(section("Add a field to a product"))
    demonstration = ("shop/demo/", "shop/covers/")
    assert naming(AUTHOR, beside=demonstration) == shown | besides
    assert len(shown) == 7


def test_a_card_takes_a_field_by_its_name_alone() -> None:
    assert set(cards.FIELDS) == set(cards.Card._fields) & {field.name for field in Product._meta.fields}
    assert "author" in cards.FIELDS


# --- A mail ---


def test_every_kind_of_mail_has_its_text_and_template() -> None:
    assert set(mail_text._SENTENCES) == set(Mail.Kind)
    assert set(mails.TO_STAFF) < set(Mail.Kind)
    text = section("Add a mail")
    named = set(re.findall(r"`(templates/mail/[^`]+)`", text))
    assert named == {f"templates/mail/{path.name}" for path in (ROOT / "templates/mail").iterdir()}


def test_the_places_of_a_mails_kind_are_listed() -> None:
    # Besides, each kind is named where its fact is written or asked for: by one name, not in a list of them.
    lists = re.compile(r"Mail\.Kind\.[A-Z]+(:|, Mail)|class Mail\(")
    assert naming(lists, ["checkout"]) == listed(section("Add a mail"))


def test_every_kind_of_mail_is_queued_by_somebody() -> None:
    code = "".join((ROOT / name).read_text() for name in naming(re.compile(r"mails\.queue\("), ["checkout"]))
    queued = set(re.findall(r"mails\.queue\(\s*[\w.]+,\s*Mail\.Kind\.([A-Z]+)", code))
    # Nothing queues it yet, though it has its text.
    assert queued == set(Mail.Kind.names) - {"PROCESSING"}


# --- A reason for attention ---


def test_the_places_of_the_reasons_for_attention_are_listed() -> None:
    text = section("Add a reason for attention")
    code = {name for name in listed(text) if name.endswith(".py")}
    named = naming(re.compile(r"\bAttention\.[A-Z]|class Attention\("), ["checkout", "shop", "config"])
    assert named == code


def test_every_reason_is_given_by_somebody_and_in_the_table_of_the_ways_out() -> None:
    _needed, finds, _differs = listed_by_table(section("Add a reason for attention"))
    code = "".join((ROOT / name).read_text() for name in finds)
    assert [name for name in Attention.names if f"Attention.{name}" not in code] == []
    table = (ROOT / "docs/payments.md").read_text().split("\n## Needs attention\n")[1].split("\n## ")[0]
    assert [value for value in Attention.values if f"`{value}`" not in table] == []


# --- A setting ---

SETTINGS = (ROOT / "config/settings.py").read_text()
# What reads the environment, and `_needed` on top of it.
READERS = re.findall(
    r"\w+", SETTINGS.split("from config.environment import ")[1].split(")\n")[0].split("\n\n")[0]
)
READ = re.compile(rf'\b(?:_needed|{"|".join(READERS)})\(\s*"([A-Z_]+)"')
# In `make`, where one says them: they are no part of a shop's environment.
OF_MAKE = {"PORT", "STANDIN_PORT"}


def test_every_setting_is_an_example_and_documented() -> None:
    read = set(READ.findall(SETTINGS))
    assert len(read) > 20
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert example == read - OF_MAKE
    operations = (ROOT / "docs/operations.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`([A-Z][A-Z_]+)`", operations)) == read | OF_MAKE


@pytest.mark.parametrize("name", ["config/settings.py", ".env.example", "docs/operations.md"])
def test_a_setting_is_looked_for_where_it_is_listed(name: str) -> None:
    assert name in listed(section("Add a setting"))


# --- A language ---


def test_every_language_has_what_is_listed() -> None:
    paths = {path for path in listed(section("Add a language")) if "/de/" in path}
    assert len(paths) == 3
    assert not [path for path in paths if not (ROOT / path).exists()]
    for code, _name in settings.LANGUAGES:
        if code != settings.LANGUAGE_CODE:
            needed = [path.replace("/de/", f"/{code}/") for path in paths]
            assert [path for path in needed if not (ROOT / path).exists()] == []


def test_a_language_is_named_where_it_is_listed_and_nowhere_else() -> None:
    named = naming(re.compile(r"""["']de(?:_DE|-DE)?["']"""), beside=("shop/demo/", "shop/covers/"))
    assert named == {
        path for path in listed(section("Add a language")) if path.startswith(("config/s", "shop/"))
    }


# --- Mugs ---


def test_what_is_about_books_is_listed() -> None:
    text = section("Sell mugs instead of books")
    files = listed(text)
    folders = tuple(path for path in files if path.endswith("/"))
    named = naming(BOOKS)
    assert {name for name in named if not name.startswith(folders)} == files - set(folders)
    assert [folder for folder in folders if not any(name.startswith(folder) for name in named)] == []


def test_the_columns_about_books_are_columns_of_a_product() -> None:
    columns = set(re.findall(r"`([a-z_.A-Z]+)`", section("Sell mugs instead of books").split("\n| file")[0]))
    bare = {name.rpartition(".")[2] for name in columns} - {"Format", "format", "refresh_catalogue"}
    assert bare <= {field.name for field in Product._meta.fields}
    assert {"author", "formats", "year", "years_text", "quote", "language", "pages"} == bare
