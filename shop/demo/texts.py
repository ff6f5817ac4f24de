"""The demonstration's pages of text, from `texts.toml`."""

import tomllib
from pathlib import Path

from shop.models import TextPage

_FILE = Path(__file__).with_suffix(".toml")


def load() -> int:
    """Add the texts that are missing, found by slug and language; return how many. Two SQL statements."""
    there = set(TextPage.objects.values_list("slug", "language"))
    rows = [
        TextPage(
            slug=slug, language=language, title=text["title"], text=text["text"].strip(), position=number
        )
        for number, page in enumerate(tomllib.loads(_FILE.read_text(encoding="utf-8"))["page"], start=1)
        for slug in [page.pop("slug")]
        for language, text in page.items()
        if (slug, language) not in there
    ]
    return len(TextPage.objects.bulk_create(rows))
