"""Query, filters and sort order of a listing, read from its query string."""

import re
from dataclasses import dataclass, replace

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.i18n.links import path
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


# By what a listing is sorted. No product stands on two pages, since every order ends in the id.
ORDERS = {
    Sort.TITLE: ("title", "id"),
    Sort.NEW: ("-created_at", "-id"),
    Sort.SOLD: ("-sold", "-created_at", "-id"),
    Sort.CHEAP: ("price_from", "id"),
    Sort.DEAR: ("-price_from", "-id"),
}


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
    def text(self) -> str:
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
        """Return the order in which the products stand."""
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
        """Return all products, in the same order."""
        return Filters(sort="" if self.sort == Sort.MATCH else self.sort)

    @property
    def choices(self) -> "Filters":
        """Return what decides which products there are, and not their order."""
        return replace(self, sort="", page=1)
