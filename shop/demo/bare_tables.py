"""Tables that take a great many rows: without their indexes and triggers meanwhile, and with all of them afterwards.

Kept up row by row, indexes of a million products take a quarter of an hour; made anew over all of them, a minute.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from shop.catalogue.search import engines
from shop.models import Product, ProductImage, StockMovement, Variant
from shop.page_cache import version

MODELS = (Product, Variant, ProductImage, StockMovement)

Tell = Callable[[str], None]


@contextmanager
def bare_tables(tell: Tell) -> Iterator[None]:
    """Take indexes and triggers off within the transaction that the caller has begun, and put them back.

    Who fails or is killed has changed nothing. Nobody else can write to the tables meanwhile (PostgreSQL: nor read).
    Search documents that are written inside must be so without their index. `tell` is given a line for each index.
    """
    version.take_away()
    indexes = dict(_indexes())
    with connection.cursor() as cursor:
        for name in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    # PostgreSQL makes no index while foreign keys wait to be checked at the commit.
    connection.check_constraints()
    with connection.cursor() as cursor:
        for number, (name, create) in enumerate(indexes.items(), 1):
            tell(f"{number} of {len(indexes)}: {name}")
            cursor.execute(create)
    engines.rebuild()
    version.put_back()


def _indexes() -> Iterator[tuple[str, str]]:
    """Yield the name and the SQL of each index: those of the models, and on PostgreSQL the search's."""
    editor = connection.schema_editor()
    for model in MODELS:
        for index in model._meta.indexes:  # noqa: SLF001 - documented
            yield index.name, str(index.create_sql(model, editor))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes "
                "WHERE tablename = 'shop_searchdocument' AND indexdef LIKE '%USING gin%'"
            )
            yield from cursor.fetchall()
