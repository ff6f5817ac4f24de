"""The catalogues hold every string of today, translated whole, and are compiled."""

import re
from gettext import GNUTranslations
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from django.conf import settings

from config import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?\w+[^>]*>")


@pytest.fixture(scope="module")
def strings() -> Catalog:
    return messages.extracted()


@pytest.fixture(params=messages.languages())
def language(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    return code


def forms(text: object) -> list[str]:
    """Return a message's one text, or its singular and plural."""
    return [text] if isinstance(text, str) else list(text) if isinstance(text, (list, tuple)) else []


def identities(catalog: Catalog) -> set[tuple[str, str]]:
    return {(message.context or "", str(message.id)) for message in catalog if message.id}


def test_every_language_but_the_shops_own_has_a_catalogue() -> None:
    assert messages.languages() == sorted(code for code, _name in settings.LANGUAGES if code != "en")


def test_strings_are_found_in_code_and_templates(strings: Catalog) -> None:
    assert strings.get("Sold out") is not None
    assert strings.get("Your cart is empty.") is not None
    plural = strings.get("%s book")
    assert plural is not None
    assert plural.id == ("%s book", "%s books")
    assert strings.get("Paperback", "row") is not None


def test_a_catalogue_holds_the_strings_of_today_and_no_others(language: str, strings: Catalog) -> None:
    assert identities(messages.stored(language)) == identities(strings)


def test_everything_is_translated(language: str) -> None:
    assert messages.untranslated(messages.stored(language)) == []


def test_a_gap_would_be_seen() -> None:
    catalog = Catalog(locale="de")
    catalog.add("Paid")
    catalog.add("Sent", "Versandt", flags=["fuzzy"])
    catalog.add(("book", "books"), ("Buch", ""))
    catalog.add("Cart", "Warenkorb")
    assert messages.untranslated(catalog) == ["Paid", "Sent", "('book', 'books')"]


def test_placeholders_and_tags_are_those_of_the_english(language: str) -> None:
    def differs(message: Message) -> bool:
        english, other = forms(message.id), forms(message.string)
        wanted = set(PLACEHOLDER.findall(english[-1]))
        # A singular may leave its number out, as “Choose 1.” does.
        return any(set(PLACEHOLDER.findall(text)) != wanted for text in other[-1:]) or any(
            not set(PLACEHOLDER.findall(text)) <= wanted for text in other
        )

    assert [message.id for message in messages.stored(language) if message.id and differs(message)] == []


def test_the_compiled_catalogue_is_what_the_text_says(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, messages.stored(language))
    compiled.seek(0)
    path = messages.LOCALE / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as file:
        committed = GNUTranslations(file)
    assert committed._catalog == GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
