"""The search's index on PostgreSQL: GIN over tsvectors of the documents.

https://www.postgresql.org/docs/current/textsearch.html
The words in a document are folded already, so they become lexemes as they are. The indexes keep themselves current.
"""

from collections.abc import Sequence

from shop.models import SearchDocument

_WORDS = "array_to_tsvector(array_remove(string_to_array({text}, ' '), ''))"
# By the number of the tier: as the indexes have them (migration 0009), or they would not be used.
VECTORS = (
    _WORDS.format(text="title"),
    _WORDS.format(text="title || ' ' || author"),
    _WORDS.format(text="title || ' ' || author || ' ' || text"),
)


def look(tier: int, words: Sequence[str], begun: frozenset[str]) -> tuple[str, Sequence[str]]:
    """Return the SQL for ids of documents with all words in a tier. Folded words have no quotes in them."""
    asked = " & ".join(f"'{word}':*" if word in begun else f"'{word}'" for word in words)
    return f"SELECT product_id FROM shop_searchdocument WHERE {VECTORS[tier]} @@ %s::tsquery", [asked]


def forgetting(documents: Sequence[SearchDocument]) -> tuple[()]:  # noqa: ARG001 - as every engine
    """Return nothing: the indexes follow the documents."""
    return ()


def learning(documents: Sequence[SearchDocument]) -> tuple[()]:  # noqa: ARG001 - as every engine
    """Return nothing: the indexes follow the documents."""
    return ()


def rebuilding() -> tuple[()]:
    """Return nothing: the indexes follow the documents."""
    return ()
