"""A drill-down by date that asks the database for one row.

Django's own groups all rows by day, month and year, on SQLite with a Python function for each of them, which takes
seconds on a hundred thousand orders. Ours offers every day, month or year since the first row.
"""

from calendar import monthrange
from datetime import date
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _


class DatedChangeList(ChangeList):
    """A list of rows with a `date_hierarchy`, and `dates` for the template `admin/date_hierarchy.html`."""

    def get_filters(self, request: HttpRequest) -> Any:
        """Add to Django's that a year out of range is answered like every other bad parameter."""
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def dates(self) -> dict[str, Any]:
        """Return the choices at the level that is open, and the way back up."""
        assert self.date_hierarchy  # noqa: S101 - a list without it has another class
        earliest = self.root_queryset.order_by(self.date_hierarchy).values_list(
            self.date_hierarchy, flat=True
        )
        first = earliest.first()
        if first is None:
            return {"show": False}
        return self._choices(timezone.localdate(first), timezone.localdate())

    def _choices(self, first: date, last: date) -> dict[str, Any]:
        year, month, day = (self._chosen(part) for part in ("year", "month", "day"))
        if year and month and day:
            chosen = date(year, month, day)
            return self._level(
                [], back=self._month(chosen), here=capfirst(date_format(chosen, "MONTH_DAY_FORMAT"))
            )
        if year and month:
            days = [date(year, month, number + 1) for number in range(monthrange(year, month)[1])]
            back = self._link(str(year), year=year)
            return self._level([self._day(day) for day in days if first <= day <= last], back=back)
        is_first_year = first.year == last.year
        if year or is_first_year:
            months = [date(year or first.year, number + 1, 1) for number in range(12)]
            offered = [self._month(month) for month in months if first.replace(day=1) <= month <= last]
            return self._level(offered, back=self._link(_("All dates")) if year else None)
        return self._level(
            [self._link(str(number), year=number) for number in range(first.year, last.year + 1)]
        )

    def _chosen(self, part: str) -> int | None:
        value = self.params.get(f"{self.date_hierarchy}__{part}", "")
        return int(value) if value.isdecimal() else None

    @staticmethod
    def _level(
        choices: list[dict[str, str]], *, back: dict[str, str] | None = None, here: str = ""
    ) -> dict[str, Any]:
        return {"show": True, "back": back, "choices": [{"title": here}] if here else choices}

    def _day(self, day: date) -> dict[str, str]:
        title = capfirst(date_format(day, "MONTH_DAY_FORMAT"))
        return self._link(title, year=day.year, month=day.month, day=day.day)

    def _month(self, month: date) -> dict[str, str]:
        title = capfirst(date_format(month, "YEAR_MONTH_FORMAT"))
        return self._link(title, year=month.year, month=month.month)

    def _link(self, title: str, **parts: int) -> dict[str, str]:
        chosen = {f"{self.date_hierarchy}__{part}": value for part, value in parts.items()}
        return {"title": title, "link": self.get_query_string(chosen, [f"{self.date_hierarchy}__"])}
