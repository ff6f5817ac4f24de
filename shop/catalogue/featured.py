"""Which books the first page shows: those we recommend this month, and last copies."""

from datetime import datetime
from zlib import crc32

from django.db import connection

from shop.catalogue.filters import SHOWN
from shop.models import FEW

SHELF = 6
LAST_COPIES = 5
# They are looked for among so many editions that are nearly gone.
SCARCE = 100
# So many recommended books take turns as the choice of the month.
RECOMMENDED = 120

# Books with a quotation; the newest books; books of which few printed copies are left in all editions together.
_ON_SALE = f"FROM shop_product p WHERE {SHOWN.sql} AND p.in_stock"
_CHOSEN = f"""
    SELECT * FROM (
        SELECT 'quoted' AS why, p.id, 0 AS copies {_ON_SALE} AND p.quote > '' ORDER BY p.id LIMIT {RECOMMENDED}
    ) AS quoted
    UNION ALL SELECT * FROM (
        SELECT CASE WHEN p.quote > '' THEN 'quoted' ELSE 'new' END, p.id, 0
        {_ON_SALE} ORDER BY p.created_at DESC, p.id DESC LIMIT {SHELF + 1}
    ) AS newest
    UNION ALL SELECT * FROM (
        SELECT 'last', p.id, SUM(v.stock) FROM shop_variant v JOIN shop_product p ON p.id = v.product_id
        WHERE v.product_id IN (
            SELECT few.product_id FROM shop_variant few
            WHERE NOT few.is_digital AND few.stock > 0 AND few.stock <= {FEW}
            ORDER BY few.stock, few.product_id LIMIT {SCARCE}
        ) AND NOT v.is_digital AND p.in_stock AND p.is_published
        GROUP BY p.id HAVING SUM(v.stock) BETWEEN 1 AND {FEW} ORDER BY SUM(v.stock), p.id LIMIT {LAST_COPIES + SHELF + 1}
    ) AS last
"""


def of_month(now: datetime) -> tuple[list[int], list[int]]:
    """Return ids of what is recommended, the choice of the month first, and of last copies, scarcest first.

    Books with a quotation stand in another order each month; after them come the newest.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN)
        rows = cursor.fetchall()
    month = f"{now:%Y-%m}"
    turns = {
        pk: (why != "quoted", crc32(f"{month} {pk}".encode())) for why, pk, _copies in rows if why != "last"
    }
    recommended = sorted(turns, key=turns.__getitem__)[: SHELF + 1]
    return recommended, [
        pk for _copies, pk in sorted((copies, pk) for why, pk, copies in rows if why == "last")
    ]
