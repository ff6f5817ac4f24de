"""What a visitor asks of a listing: words, choices and an order. Its address says it all."""

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.i18n.links import path
from shop.models import Category, Format
from shop.money import written

# Where the offered price ranges meet, in hundredths of the currency's main unit: near enough for yen, too.
PRICE_STEPS = (500, 1000, 1500, 2000, 3000)
HIGHEST_PRICE = 2**31 - 1


class Sort(models.TextChoices):
    """The order of a listing."""

    MATCH = "match", gettext_lazy("Best match")
    TITLE = "title", gettext_lazy("Title")
    NEW = "new", gettext_lazy("Newest first")
    SOLD = "sold", gettext_lazy("Best-selling")
    CHEAP = "price", gettext_lazy("Price, low to high")
    DEAR = "-price", gettext_lazy("Price, high to low")


@dataclass(frozen=True)
class PriceRange:
    """Prices from `low` up to, not including, `high`, in minor units. `high` is None where there is no end."""

    low: int = 0
    high: int | None = None

    @classmethod
    def read(cls, text: str) -> "PriceRange | None":
        """Read “500-1000”, “-500” or “3000-”; None for anything else."""
        found = re.fullmatch(r"([0-9]{0,10})-([0-9]{0,10})", text)
        if not found or text == "-":
            return None
        low, high = (min(int(part), HIGHEST_PRICE) if part else None for part in found.groups())
        return cls(low or 0, high) if high is None or high > (low or 0) else None

    def __str__(self) -> str:
        return f"{self.low or ''}-{'' if self.high is None else self.high}"

    def __contains__(self, amount: int) -> bool:
        return self.low <= amount and (self.high is None or amount < self.high)

    @property
    def words(self) -> str:
        """Return it as people say it."""
        if self.high is None:
            return _("%s or more") % written(self.low)
        if not self.low:
            return _("Under %s") % written(self.high)
        return _("%(low)s to %(high)s") % {"low": written(self.low), "high": written(self.high - 1)}


def price_ranges() -> list[PriceRange]:
    """Return the ranges that are offered."""
    return [PriceRange(low, high) for low, high in zip((0, *PRICE_STEPS), (*PRICE_STEPS, None), strict=True)]


@dataclass(frozen=True)
class Filters:
    """What a visitor asked of a listing. An empty `sort` is the usual one: best match of a search, else title."""

    q: str = ""
    category: str = ""
    in_stock: bool = False
    sort: str = ""
    page: int = 1
    format: str = ""
    price: str = ""
    author: str = ""

    @property
    def order(self) -> Sort:
        """Return the order in which the books stand."""
        usual = Sort.MATCH if self.q else Sort.TITLE
        return Sort(self.sort) if self.sort and (self.q or self.sort != Sort.MATCH) else usual

    @property
    def sorts(self) -> list[Sort]:
        """Return the orders that make sense here."""
        return [sort for sort in Sort if self.q or sort != Sort.MATCH]

    @property
    def url(self) -> str:
        """Return the one address of this listing: what is as usual is left out."""
        query = QueryDict(mutable=True)
        for name in ("q", "category", "format", "price", "author", "in_stock", "sort", "page"):
            value = getattr(self, name)
            if value != getattr(Filters, name):
                query[name] = "1" if value is True else str(value)
        return path("shop:products") + (f"?{query.urlencode()}" if query else "")

    @property
    def previous(self) -> "Filters":
        """Return the page before."""
        return replace(self, page=self.page - 1)

    @property
    def next(self) -> "Filters":
        """Return the page after."""
        return replace(self, page=self.page + 1)

    @property
    def none(self) -> "Filters":
        """Return all books, in the same order."""
        return Filters(sort="" if self.sort == Sort.MATCH else self.sort)

    @property
    def choices(self) -> "Filters":
        """Return what decides which books there are, and not their order."""
        return replace(self, sort="", page=1)


@dataclass(frozen=True)
class Condition:
    """A piece of SQL about `p`, a row of shop_product, and its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


# As in the indexes of Product: only then are they used.
SHOWN = Condition("p.is_published AND p.price_from IS NOT NULL")


def of_format(value: str) -> Condition:
    """Return the condition that there is an edition of this format."""
    bit = Format(value).bit
    # As a list of numbers, since an index knows nothing of bits.
    masks = ", ".join(str(mask) for mask in range(1 << len(Format)) if mask & bit)
    return Condition(f"p.formats IN ({masks})")


def of_price(wanted: PriceRange) -> Condition:
    """Return the condition that the lowest price is in this range."""
    if wanted.high is None:
        return Condition("p.price_from >= %s", (wanted.low,))
    return Condition("p.price_from >= %s AND p.price_from < %s", (wanted.low, wanted.high))


def conditions(filters: Filters, category: Category | None) -> dict[str, Condition]:
    """Return the condition of each choice that was made, by the name of its field. Words are not among them."""
    made: dict[str, Condition] = {}
    if category:
        made["category"] = of_category(category)
    if filters.format:
        made["format"] = of_format(filters.format)
    if wanted := PriceRange.read(filters.price):
        made["price"] = of_price(wanted)
    if filters.author:
        made["author"] = of_author(filters.author)
    if filters.in_stock:
        made["in_stock"] = IN_STOCK
    return made


def of_category(category: Category) -> Condition:
    """Return the condition that a book stands on this shelf."""
    return Condition("p.category_id = %s", (category.pk,))


def of_author(name: str) -> Condition:
    """Return the condition that a book is by this author, spelt the same."""
    return Condition("p.author = %s", (name,))


IN_STOCK = Condition("p.in_stock")


def joined(*parts: Condition) -> Condition:
    """Return the condition that all of them hold."""
    return Condition(
        " AND ".join(part.sql for part in parts),
        tuple(parameter for part in parts for parameter in part.parameters),
    )


def table(index: str) -> str:
    """Return what stands after FROM: the products, to be found by this index.

    SQLite knows how many books a category has at most, and of formats and prices nothing: left to itself it may read a
    million books to find ten. PostgreSQL has counted, and chooses.
    """
    return f"shop_product p INDEXED BY {index}" if connection.vendor == "sqlite" else "shop_product p"


def index_of_choices(made: Container[str]) -> str:
    """Return the index that finds all books which some choices let through. It has in it what the others ask."""
    if "author" in made:
        return "product_by_author"
    if "format" in made:
        return "product_by_formats" if "category" in made else "product_by_formats_and_price"
    return "product_in_category_by_price" if "category" in made else "product_by_price"


def index_of_order(made: Container[str], sort: Sort) -> str:
    """Return the index that has the books in this order. It has in it what choices ask, but for the author."""
    return f"product{'_in_category' if 'category' in made else ''}_by_{sort.removeprefix('-')}"
