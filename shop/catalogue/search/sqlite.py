"""The search's index on SQLite: FTS5.

https://www.sqlite.org/fts5.html
Two indexes, or a word that stands in every description would have to be waded through to find the titles that have it.
Both read the documents' table when they are made anew (`content`); the words in it are folded already, so the tokenizer
has only to cut at spaces.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from shop.models import SearchDocument

INDEXES = {"shop_searchtitles": ("title", "author"), "shop_searchall": ("title", "author", "text")}
# By the number of the tier.
_LOOK = (
    ("shop_searchtitles", "title : ({words})"),
    ("shop_searchtitles", "{words}"),
    ("shop_searchall", "{words}"),
)


def look(tier: int, words: Sequence[str], begun: frozenset[str]) -> tuple[str, Sequence[str]]:
    """Return the SQL for ids of documents with all words in a tier."""
    table, question = _LOOK[tier]
    asked = question.format(words=" ".join(f'"{word}" *' if word in begun else f'"{word}"' for word in words))
    return f"SELECT rowid FROM {table} WHERE {table} MATCH %s", [asked]


def forgetting(documents: Sequence[SearchDocument]) -> Iterator[tuple[str, Sequence[Sequence[Any]]]]:
    """Yield what takes documents, as they were written last, out of the indexes."""
    for table, columns in INDEXES.items():
        rows = [("delete", each.pk, *_values(each, columns)) for each in documents]
        yield _insert(table, (table, "rowid", *columns)), rows


def learning(documents: Sequence[SearchDocument]) -> Iterator[tuple[str, Sequence[Sequence[Any]]]]:
    """Yield what puts documents into the indexes."""
    for table, columns in INDEXES.items():
        yield (
            _insert(table, ("rowid", *columns)),
            [(each.pk, *_values(each, columns)) for each in documents],
        )


def rebuilding() -> Iterator[str]:
    """Yield what makes the indexes anew, each in one piece."""
    for table in INDEXES:
        for command in ("rebuild", "optimize"):
            yield f"INSERT INTO {table} ({table}) VALUES ('{command}')"


def _values(document: SearchDocument, columns: Sequence[str]) -> list[str]:
    return [getattr(document, column) for column in columns]


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
