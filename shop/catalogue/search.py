"""Finding books by words.

A book is found where it has every word, the last one also as the beginning of a longer one. Books with all words in
the title come first, then those with all in title and author, then those that have them anywhere; accents and case do
not matter. The database's own full-text index answers, and keeps itself current (migration 0005).

A search looks at the first matches only, so that a word in a million books costs what a rare one does.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from shop.catalogue import filters as sql
from shop.catalogue.facets import AUTHORS, COUNT_LIMIT, Facets
from shop.catalogue.filters import Condition, Filters, Sort, joined
from shop.catalogue.paging import ORDERS
from shop.models import Category, Format

# How many matches are looked at: enough to list and count them; where choices narrow them, enough to find some.
FIRST, FIRST_TO_NARROW = COUNT_LIMIT + 1, 3_000
FIRST_TO_SUGGEST, SUGGESTIONS = 200, 6


def tokens(text: str) -> list[str]:
    """Return the words of a text in small letters without accents, as the index has them."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return re.findall(r"[^\W_]+", plain.lower())


# A book that was found, as the row that it is, for a search reads a thousand: its id, what it is counted by, the one
# choice that leaves it out, if any does, and how many were looked at.
Match = tuple[Any, ...]
ID, CATEGORY, FORMATS, PRICE, IN_STOCK, AUTHOR, LEFT_OUT_BY, LOOKED_AT = range(8)


@dataclass(frozen=True)
class Found:
    """What a search found, in order. Where `more`, not every match was looked at."""

    matches: Sequence[Match]
    more: bool

    @cached_property
    def let_through(self) -> list[Match]:
        """Return the books that all choices let through."""
        return [match for match in self.matches if match[LEFT_OUT_BY] is None]

    @property
    def ids(self) -> list[int]:
        """Return their ids."""
        return [match[ID] for match in self.let_through]


def find(filters: Filters, category: Category | None) -> Found:
    """Return what a search finds, in one SQL statement; in another one where no book has the words as they are."""
    words = tokens(filters.q)
    found = _find(words, filters, category, all_begin=False)
    if not found.matches and len(words) > 1:
        found = _find(words, filters, category, all_begin=True)
    return found


def _find(words: list[str], filters: Filters, category: Category | None, *, all_begin: bool) -> Found:
    if not words:
        return Found((), more=False)
    made = sql.conditions(filters, category)
    most = FIRST_TO_NARROW if made else FIRST
    hits = _HITS[connection.vendor](words, most, all_begin=all_begin)
    left_out = [f"CASE WHEN {part.sql} THEN 0 ELSE 1 END" for part in made.values()]
    named = " ".join(f"WHEN NOT ({part.sql}) THEN '{name}'" for name, part in made.items())
    choices = joined(*made.values()).parameters
    order = "hit.tier, LENGTH(p.title), p.id" if filters.order == Sort.MATCH else ORDERS[filters.order].sql
    statement = f"""
        WITH hit AS MATERIALIZED ({hits.sql})
        SELECT p.id, p.category_id, p.formats, p.price_from, p.in_stock, p.author,
            {f"CASE {named} END" if made else "NULL"}, (SELECT COUNT(*) FROM hit)
        FROM hit JOIN shop_product p ON p.id = hit.id
        WHERE {sql.SHOWN.sql} AND {" + ".join(left_out) or "0"} <= 1
        ORDER BY {order} LIMIT {most}
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [*hits.parameters, *choices, *choices])
        matches = cursor.fetchall()
    return Found(matches, more=bool(matches) and matches[0][LOOKED_AT] >= most)


def _best_of(tiers: Sequence[tuple[int, str]], parameters: Sequence[Any], most: int) -> Condition:
    """Return the SQL for ids with the best tier of each, those of a better tier first.

    A tier is looked at only where none before it had `most` matches: `{open}` in its SQL says whether.
    """
    before: list[str] = []
    looked = []
    for number, (_tier, found) in enumerate(tiers):
        sql = found.format(
            open=" AND ".join(f"(SELECT COUNT(*) FROM {name}) < {most}" for name in before) or "1 = 1"
        )
        looked.append(f"look{number} AS MATERIALIZED ({sql} LIMIT {most})")
        before.append(f"look{number}")
    all_looks = " UNION ALL ".join(
        f"SELECT id, {tier} AS tier FROM look{number}" for number, (tier, _found) in enumerate(tiers)
    )
    return Condition(
        f"WITH {', '.join(looked)} "
        f"SELECT id, MIN(tier) AS tier FROM ({all_looks}) AS looks GROUP BY id ORDER BY 2, 1 LIMIT {most}",
        tuple(parameters),
    )


_SQLITE_TIERS = ("shop_titlesearch", "shop_titlesearch", "shop_fullsearch")


def rebuilding() -> list[tuple[str, str]]:
    """Return the SQL that makes SQLite's full-text indexes anew, each in one piece, by their names."""
    return [
        (table, f"INSERT INTO {table} ({table}) VALUES ('{command}')")
        for table in sorted(set(_SQLITE_TIERS))
        for command in ("rebuild", "optimize")
    ]


def _on_sqlite(words: list[str], most: int, *, all_begin: bool) -> Condition:
    texts = [" ".join(text) for text in _texts([f'"{word}"' for word in words], " *", all_begin=all_begin)]
    # An empty phrase is found nowhere.
    look = "SELECT rowid AS id FROM {table} WHERE {table} MATCH CASE WHEN {{open}} THEN %s ELSE '\"\"' END"
    tiers = [(tier, look.format(table=table)) for tier, table in enumerate(_SQLITE_TIERS) for _text in texts]
    asked = [question % text for question in ("title : (%s)", "%s", "%s") for text in texts]
    return _best_of(tiers, asked, most)


def _on_postgresql(words: list[str], most: int, *, all_begin: bool) -> Condition:
    texts = [" & ".join(text) for text in _texts(words, ":*", all_begin=all_begin)]
    look = "SELECT id FROM shop_product WHERE {{open}} AND {vector} @@ to_tsquery('simple', unaccent(%s))"
    tiers = [
        (tier, look.format(vector=vector))
        for tier, vector in enumerate(POSTGRESQL_VECTORS)
        for _text in texts
    ]
    return _best_of(tiers, texts * len(POSTGRESQL_VECTORS), most)


def _texts(words: list[str], begins: str, *, all_begin: bool) -> Iterator[list[str]]:
    """Yield what is looked for within a tier: the last word as it is, and then as the beginning of longer ones.

    In this order, as an index hands out a word's books at once, but must gather all that a beginning leads to.
    """
    *others, last = words
    others = [f"{word}{begins}" for word in others] if all_begin else others
    yield [*others, last]
    if _may_begin(last):
        yield [*others, f"{last}{begins}"]


def _may_begin(word: str) -> bool:
    """Tell whether a word may be the beginning of a longer one. One letter begins a word of every other book."""
    return len(word.strip('"')) > 1


_HITS = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
# As the indexes have them.
POSTGRESQL_VECTORS = (
    "shop_words(title)",
    "shop_words(title || ' ' || author)",
    "shop_words(title || ' ' || author || ' ' || description || ' ' || years_text || ' ' || COALESCE(year::text, ''))",
)


class Suggestion(NamedTuple):
    """A book that somebody who is typing may look for."""

    slug: str
    title: str
    author: str


def suggest(text: str) -> list[Suggestion]:
    """Return a few books for what is being typed, bestsellers first within a tier, in one SQL statement."""
    words = tokens(text)
    if not words:
        return []
    hits = _HITS[connection.vendor](words, FIRST_TO_SUGGEST, all_begin=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH hit AS MATERIALIZED ({hits.sql}) SELECT p.slug, p.title, p.author "
            f"FROM hit JOIN shop_product p ON p.id = hit.id WHERE {sql.SHOWN.sql} "
            f"ORDER BY hit.tier, p.sold DESC, LENGTH(p.title), p.id LIMIT {SUGGESTIONS}",
            hits.parameters,
        )
        return [Suggestion(*row) for row in cursor.fetchall()]


def for_staff(text: str) -> list[int]:
    """Return ids of the first books that have these words, on sale or not, in one SQL statement."""
    words = tokens(text)
    if not words:
        return []
    hits = _HITS[connection.vendor](words, FIRST, all_begin=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM ({hits.sql}) AS hit", hits.parameters)
        return [pk for (pk,) in cursor.fetchall()]


def facets(found: Found, categories: Sequence[Category]) -> Facets:
    """Count the choices of a search among its matches."""
    left_out: dict[str | None, list[Match]] = defaultdict(list)
    for match in found.matches if len(found.let_through) < len(found.matches) else ():
        left_out[match[LEFT_OUT_BY]].append(match)

    def counted(choice: str, column: int) -> Counter[Any]:
        return Counter(map(itemgetter(column), [*found.let_through, *left_out[choice]]))

    in_stock, shelves = counted("in_stock", IN_STOCK), counted("category", CATEGORY)
    authors = counted("author", AUTHOR)
    authors.pop("", None)
    return Facets(
        count=len(found.let_through),
        in_stock=in_stock[True],
        categories={category.slug: shelves[category.pk] for category in categories},
        formats=dict(_by_format(counted("format", FORMATS))),
        prices=dict(_by_price(counted("price", PRICE))),
        authors=dict(authors.most_common(AUTHORS)),
        more=found.more,
    )


def _by_format(counts: Counter[int]) -> Iterator[tuple[str, int]]:
    for value in Format:
        yield value.value, sum(number for mask, number in counts.items() if mask & value.bit)


def _by_price(counts: Counter[int]) -> Iterator[tuple[str, int]]:
    for price in sql.price_ranges():
        yield str(price), sum(number for amount, number in counts.items() if amount in price)
