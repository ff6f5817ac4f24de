"""The home page's content."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop.catalogue import cards, facets, featured
from shop.catalogue.cards import Card
from shop.catalogue.products import ProductPresenter
from shop.models import Category, Product


@dataclass(frozen=True)
class CategoryCount:
    """A category and how many products one finds in it. Where `more`, there are more than that."""

    category: Category
    count: int
    more: bool


@dataclass(frozen=True)
class Home:
    """The first page. `choice` is the product of the month with its card, None where there is no product."""

    shelf: Sequence[Card]
    choice: tuple[ProductPresenter, Card] | None
    contents: Sequence[CategoryCount]
    last_copies: Sequence[Card]

    @property
    def total(self) -> int:
        """Return how many products there are; where that was not counted, as many as we count to and one."""
        if any(each.more for each in self.contents):
            return facets.COUNT_LIMIT + 1
        return sum(each.count for each in self.contents)

    @property
    def categories(self) -> list[Category]:
        """Return all categories."""
        return [each.category for each in self.contents]


def home(now: datetime) -> Home:
    """Return what the first page shows in the month of `now`, in seven SQL statements at most."""
    recommended = featured.of_month(now)
    scarce = featured.last_copies(besides=recommended)
    shown = cards.by_ids([*recommended, *scarce])
    choice, *shelf = [pk for pk in recommended if pk in shown] or [0]
    return Home(
        shelf=[shown[pk] for pk in shelf],
        choice=(ProductPresenter(Product.objects.get(pk=choice)), shown[choice]) if choice else None,
        contents=_contents(),
        last_copies=_last_copies([shown[pk] for pk in scarce if pk in shown]),
    )


def _last_copies(scarce: Sequence[Card]) -> list[Card]:
    """Return those of which few are left in all variants together, the scarcest first."""
    few = [card for card in scarce if card.availability.code == "few_left"]
    return sorted(few, key=lambda card: card.availability.left or 0)[: featured.LAST_COPIES]


def _contents() -> list[CategoryCount]:
    categories, most = list(Category.objects.all()), facets.SHELF_LIMIT
    return [
        CategoryCount(category, min(count, most), more=count > most)
        for category, count in zip(categories, facets.of_categories(categories), strict=True)
    ]
