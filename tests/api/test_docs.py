"""docs/api.md and the page with the schema say what is so."""

import re
from pathlib import Path

import pytest
from django.test import Client

from config import api_errors
from shop.errors import ShopError
from tests.api.app import ROOT

ROOT_FOLDER = Path(__file__).parents[2]
TOUR = (ROOT_FOLDER / "docs" / "api.md").read_text()


# What only staff meet, in the admin, what is said to Stripe, and what we find when we send events.
NOT_IN_THE_API = re.compile(
    r"checkout\.(admin\.\w+|fulfilment\.shipping|messages\.\w+|payments\.(refunds|webhooks)|purchase\.attention)|shop\.(admin|media)\.\w+"
)
ON_PAGES_ONLY = {"unknown_page", "cookies_refused"}


def codes(kind: type[ShopError] = ShopError) -> set[str]:
    """Return the code of every error that the API may answer."""
    found: set[str] = set()
    for child in kind.__subclasses__():
        found |= codes(child)
        if not NOT_IN_THE_API.fullmatch(child.__module__):
            found.add(child.code)
    return found


def test_every_code_is_listed_and_every_listed_code_is_one() -> None:
    listed = re.findall(r"^\| `([a-z_]+)` \|", TOUR, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == (codes() | api_errors.CODES) - ON_PAGES_ONLY


@pytest.mark.django_db
def test_the_schemas_page_loads_nothing_from_elsewhere() -> None:
    page = Client().get(f"{ROOT}/docs")
    assert page.status_code == 200
    assert not re.findall(r'(?:src|href)="(?!/)', page.text)
    assert f'"{ROOT}/openapi.json"' in page.text
