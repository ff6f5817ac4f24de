"""Numbers of products in words. Counts stop early, and say so."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shop.catalogue.facets import COUNT_LIMIT


def counted(number: int) -> str:
    """Write how many products: “1 book”, “21 books”, “More than 1,000 books”."""
    if number > COUNT_LIMIT:
        return _("More than %s books") % _grouped(COUNT_LIMIT)
    return ngettext("%s book", "%s books", number) % _grouped(number)


def browse_all(number: int) -> str:
    """Write where a link leads: “Browse all 64 books”; without the number where there are more than we count."""
    if not 1 < number <= COUNT_LIMIT:
        return _("Browse all books")
    return _("Browse all %s books") % _grouped(number)


def tally(number: int, more: bool = False) -> str:  # noqa: FBT001, FBT002 - a filter's argument
    """Write a number beside a choice: “21”, “1,000+”; with `more`, “21+”."""
    if number > COUNT_LIMIT:
        return f"{_grouped(COUNT_LIMIT)}+"
    return f"{_grouped(number)}+" if more and number else _grouped(number)


def _grouped(number: int) -> str:
    if number < 1000:  # most are, and many stand on a page
        return str(number)
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)
