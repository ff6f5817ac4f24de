"""The full-text indexes of both databases behind one small interface.

What each database is asked stands in `sqlite.py` and `postgresql.py`; here it is run.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from django.db import connection

from shop.catalogue.search import postgresql, sqlite
from shop.models import SearchDocument

# Where all words of a search may stand, the best place first.
TIERS = ("title", "title and author", "anywhere")

# A statement with the rows of its parameters.
Statement = tuple[str, Sequence[Sequence[Any]]]


class Engine(Protocol):
    """What the module of a database has."""

    def look(self, tier: int, words: Sequence[str], begun: frozenset[str]) -> tuple[str, Sequence[Any]]:
        """Return the SQL, and its parameters, for ids of products that have all words in a tier of TIERS.

        A word in `begun` counts where a longer one begins with it.
        """

    def forgetting(self, documents: Sequence[SearchDocument]) -> Iterable[Statement]:
        """Return what takes documents, as they were written last, out of the index."""

    def learning(self, documents: Sequence[SearchDocument]) -> Iterable[Statement]:
        """Return what puts documents that were just written into the index."""

    def rebuilding(self) -> Iterable[str]:
        """Return what makes the index anew from all documents."""


_ENGINES: dict[str, Engine] = {"sqlite": sqlite, "postgresql": postgresql}


def _engine() -> Engine:
    return _ENGINES[connection.vendor]


def forget(documents: Sequence[SearchDocument]) -> None:
    """Take documents, as they were written last, out of the index; before they are written anew."""
    _run(_engine().forgetting(documents))


def learn(documents: Sequence[SearchDocument]) -> None:
    """Put documents that were just written into the index."""
    _run(_engine().learning(documents))


def rebuild() -> None:
    """Make the index anew from all documents."""
    _run((sql, [()]) for sql in _engine().rebuilding())


def _run(statements: Iterable[Statement]) -> None:
    with connection.cursor() as cursor:
        for sql, rows in statements:
            cursor.executemany(sql, rows)


def hits(words: Sequence[str], most: int, *, all_begin: bool = False) -> dict[int, int]:
    """Return `{product id: number of its best tier}` of at most `most` products that have all words, the best first.

    The last word may be the beginning of a longer one, with `all_begin` every word.
    """
    found: dict[int, int] = {}
    for tier in range(len(TIERS)):
        for begun in _ways(words, all_begin=all_begin):
            if len(found) < most:
                found = dict.fromkeys(_looked_up(tier, words, begun, most), tier) | found
    return dict(sorted(found.items(), key=lambda hit: (hit[1], hit[0]))[:most])


def _ways(words: Sequence[str], *, all_begin: bool) -> Iterator[frozenset[str]]:
    """Yield which words may be beginnings: first the last one not, then it too.

    In this order, as an index hands out a word's documents at once, but must gather all that a beginning leads to. One
    letter begins a word of every other title, so it counts as a word only.
    """
    *others, last = words
    first = frozenset(others if all_begin else ())
    yield first
    if len(last) > 1:
        yield first | {last}


def _looked_up(tier: int, words: Sequence[str], begun: frozenset[str], most: int) -> list[int]:
    sql, parameters = _engine().look(tier, words, begun)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {most}", parameters)
        return [pk for (pk,) in cursor.fetchall()]
