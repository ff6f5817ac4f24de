"""Models read by plain SQL, where to build a query from Django's parts would cost more than to answer it."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.db import connection, models

Model = TypeVar("Model", bound=models.Model)

# The cover of a product p, as i; nothing where it has no picture.
FIRST_PICTURE = """
    LEFT JOIN shop_productimage i ON i.id = (
        SELECT first.id FROM shop_productimage first WHERE first.product_id = p.id ORDER BY first.position, first.id LIMIT 1
    )
"""


class Reader(Generic[Model]):
    """Makes rows of a model from columns of a statement; fields it was not given are asked for when they are needed."""

    def __init__(self, model: type[Model], alias: str, *names: str) -> None:
        # In the model's own order, as Django takes the values in that.
        fields = [field for field in model._meta.concrete_fields if not names or field.attname in names]  # noqa: SLF001 - documented
        self._model = model
        self.names = [field.attname for field in fields]
        self._converters = [
            (place, convert)
            for place, field in enumerate(fields)
            for kind, convert in _CONVERTERS.items()
            if isinstance(field, kind)
        ]
        self.columns = ", ".join(f"{alias}.{field.column}" for field in fields)
        self.width = len(fields)

    def read(self, values: Sequence[Any]) -> Model:
        """Return the row that has these values in `columns`."""
        if self._converters:
            values = list(values)
            for place, convert in self._converters:
                values[place] = convert(values[place])
        return self._model.from_db(connection.alias, self.names, values)


def _with_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unpacked(value: Any) -> Any:
    """Return what is in JSON as it comes from a cursor: PostgreSQL's driver has read it already."""
    return json.loads(value) if isinstance(value, str) else value


# What SQLite keeps in its own way.
_CONVERTERS: dict[type[models.Field[Any, Any]], Callable[[Any], Any]] = {
    models.DateTimeField: _with_zone,
    models.JSONField: unpacked,
}
