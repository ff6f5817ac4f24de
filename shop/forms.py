"""Forms and query strings of the shop's pages, read into plain values."""

import re
from collections.abc import Mapping

from accounts.text import one_line
from shop.cart.lines import InvalidQuantityError, UnknownVariantError
from shop.catalogue.filters import Filters, PriceRange, Sort
from shop.models import Format

_LONGEST_SEARCH = 100
_MOST_WORDS = 8
_LONGEST_NAME = 160
_HIGHEST_PAGE = 1_000_000


def read_filters(data: Mapping[str, str]) -> Filters:
    """Return a listing's choices. What makes no sense is as if it were not there; the page says what it shows."""
    q = _search_words(data.get("q", ""))
    sort, kind = data.get("sort", ""), data.get("format", "")
    price = PriceRange.read(data.get("price", ""))
    return Filters(
        q=q,
        category=one_line(data.get("category", "")),
        in_stock=data.get("in_stock", "") not in {"", "0"},
        # The usual order is not named in the address.
        sort=sort if sort in Sort.values and Filters(q=q, sort=sort).order != Filters(q=q).order else "",
        page=_page(data.get("page", "")),
        format=kind if kind in Format.values else "",
        price=str(price) if price else "",
        author=one_line(data.get("author", ""))[:_LONGEST_NAME].strip(),
    )


def _search_words(text: str) -> str:
    return " ".join(one_line(text)[:_LONGEST_SEARCH].split()[:_MOST_WORDS])


def _page(text: str) -> int:
    return min(int(text), _HIGHEST_PAGE) if re.fullmatch(r"0*[1-9][0-9]{0,9}", text) else 1


def read_quantity(data: Mapping[str, str]) -> int:
    """Return the field `quantity`. Raises InvalidQuantityError for what is no whole number."""
    number = _whole_number(data.get("quantity", ""))
    if number is None:
        raise InvalidQuantityError
    return number


def read_variant(data: Mapping[str, str]) -> int:
    """Return the field `variant`, a variant's id. Raises UnknownVariantError for what cannot be one."""
    number = _whole_number(data.get("variant", ""))
    if number is None:
        raise UnknownVariantError
    return number


def _whole_number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", text) else None
