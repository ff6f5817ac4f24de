"""Counts the copies sold per product and tells the catalogue."""

from datetime import datetime, timedelta

from django.db.models import Sum

from checkout.models import Order, OrderLine
from shop.catalogue import denormalised

# A bestseller of last year is not one now.
LATELY = timedelta(days=90)


def recount(*, now: datetime) -> int:
    """Count the copies in orders paid within the last 90 days and write them to the products that changed.

    Return how many changed.
    """
    sold = (
        OrderLine.objects.filter(
            order__status__in=Order.SETTLED, order__paid_at__gt=now - LATELY, variant__isnull=False
        )
        .order_by()
        .values_list("variant__product")
        .annotate(copies=Sum("quantity"))
    )
    return denormalised.set_sold(dict(sold))
