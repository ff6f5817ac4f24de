"""Search results narrowed by filters, with their facet counts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from shop.catalogue.facets import AUTHORS, COUNT_LIMIT, Facets
from shop.catalogue.filters import ORDERS, Filters, PriceRange, Sort, price_ranges
from shop.catalogue.search import engines
from shop.catalogue.search.folding import tokens
from shop.models import Category, Format, Product

# How many matches are looked at: enough to list and count them; where choices narrow them, enough to find some.
FIRST, FIRST_TO_NARROW = COUNT_LIMIT + 1, 3_000
FIRST_TO_SUGGEST, SUGGESTIONS = 200, 6


class Match(NamedTuple):
    """A product that has the words: what it is counted by."""

    pk: int
    category_id: int
    formats: int
    price_from: int
    in_stock: bool
    author: str
    title: str


@dataclass(frozen=True)
class Found:
    """What a search found. Where `more`, not every match was looked at.

    `matches` are those that all choices let through, in order; `nearly`, by the name of a choice, those that only this
    one leaves out.
    """

    matches: Sequence[Match]
    nearly: Mapping[str, Sequence[Match]]
    more: bool

    @cached_property
    def ids(self) -> list[int]:
        """Return the ids of the products."""
        return [match.pk for match in self.matches]


def find(filters: Filters, category: Category | None) -> Found:
    """Return what a search finds. Where no product has the words as they are, each may be the beginning of a longer one."""
    words = tokens(filters.q)
    choices = _choices(filters, category)
    most = FIRST_TO_NARROW if choices else FIRST
    hits = engines.hits(words, most) if words else {}
    matches = _matches(hits, filters.order)
    if not matches and len(words) > 1:
        hits = engines.hits(words, most, all_begin=True)
        matches = _matches(hits, filters.order)
    return _narrowed(matches, choices, more=len(hits) >= most)


def _matches(hits: Mapping[int, int], order: Sort) -> list[Match]:
    """Return the products that were hit and are shown, in order."""
    if not hits:
        return []
    products = Product.objects.shown().filter(pk__in=hits)
    if order != Sort.MATCH:
        products = products.order_by(*ORDERS[order])
    matches = [Match(*row) for row in products.values_list(*Match._fields)]
    if order == Sort.MATCH:
        matches.sort(key=lambda match: (hits[match.pk], len(match.title), match.pk))
    return matches


def _choices(filters: Filters, category: Category | None) -> dict[str, Callable[[Match], Any]]:
    """Return, by its name, what each choice that was made lets through."""
    choices: dict[str, Callable[[Match], Any]] = {}
    if category:
        choices["category"] = lambda match: match.category_id == category.pk
    if filters.format:
        bit = Format(filters.format).bit
        choices["format"] = lambda match: match.formats & bit
    if wanted := PriceRange.read(filters.price):
        choices["price"] = lambda match: match.price_from in wanted
    if filters.author:
        choices["author"] = lambda match: match.author == filters.author
    if filters.in_stock:
        choices["in_stock"] = attrgetter("in_stock")
    return choices


def _narrowed(
    matches: Sequence[Match], choices: Mapping[str, Callable[[Match], Any]], *, more: bool
) -> Found:
    through: list[Match] = []
    nearly: dict[str, list[Match]] = defaultdict(list)
    for match in matches:
        left_out_by = [name for name, lets_through in choices.items() if not lets_through(match)]
        if not left_out_by:
            through.append(match)
        elif len(left_out_by) == 1:
            nearly[left_out_by[0]].append(match)
    return Found(through, nearly, more)


def facets(found: Found, categories: Sequence[Category]) -> Facets:
    """Count the choices of a search among its matches, each with all other choices left as they are."""

    def counted(choice: str, column: str) -> Counter[Any]:
        return Counter(map(attrgetter(column), [*found.matches, *found.nearly.get(choice, ())]))

    shelves, authors = counted("category", "category_id"), counted("author", "author")
    authors.pop("", None)
    return Facets(
        count=len(found.matches),
        in_stock=counted("in_stock", "in_stock")[True],
        categories={category.slug: shelves[category.pk] for category in categories},
        formats=dict(_by_format(counted("format", "formats"))),
        prices=dict(_by_price(counted("price", "price_from"))),
        authors=dict(authors.most_common(AUTHORS)),
        more=found.more,
    )


def _by_format(counts: Counter[int]) -> Iterator[tuple[str, int]]:
    for value in Format:
        yield value.value, sum(number for mask, number in counts.items() if mask & value.bit)


def _by_price(counts: Counter[int]) -> Iterator[tuple[str, int]]:
    for price in price_ranges():
        yield str(price), sum(number for amount, number in counts.items() if amount in price)


class Suggestion(NamedTuple):
    """A product that somebody who is typing may look for."""

    slug: str
    title: str
    author: str


def suggest(text: str) -> list[Suggestion]:
    """Return a few products for what is being typed, best-selling first among matches of one tier."""
    words = tokens(text)
    hits = engines.hits(words, FIRST_TO_SUGGEST) if words else {}
    rows = Product.objects.shown().filter(pk__in=hits).values_list("pk", "sold", "slug", "title", "author")
    best = sorted(rows, key=lambda row: (hits[row[0]], -row[1], len(row[3]), row[0]))
    return [Suggestion(*row[2:]) for row in best[:SUGGESTIONS]]


def for_staff(text: str) -> list[int]:
    """Return ids of the first products that have these words, on sale or not."""
    words = tokens(text)
    return list(engines.hits(words, FIRST, all_begin=True)) if words else []
