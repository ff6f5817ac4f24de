"""Empties the database after a test that committed its rows."""

from functools import cache

from django.db import connection, transaction

from checkout.models import InvoiceSeries
from shop.catalogue.search import engines
from shop.page_cache import version
from tests.orders import offer_delivery

# What `migrate` wrote: no test changes it, or it is put back below.
KEPT = {
    "django_content_type",
    "auth_permission",
    "django_migrations",
    "shop_catalogueversion",
    "checkout_invoiceseries",
}


def empty() -> None:
    """Leave the database as `migrate` made it.

    Django's flush takes a hundred times as long: it writes anew what is kept here, and looks at triggers that hardly any
    test takes away. And it leaves the search's index full of books that are gone.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_tables_with_rows())
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables
        if '"shop_searchdocument"' in tables:
            engines.rebuild()  # SQLite's index of words is no table of Django's
        offer_delivery()
        InvoiceSeries.objects.filter(last__gt=0).update(last=0)
    if version.current() is None:
        version.put_back()


@cache
def _tables_with_rows() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = sorted(connection.ops.quote_name(name) for name in set(names) - KEPT)
    return " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)  # noqa: S608 - our own
