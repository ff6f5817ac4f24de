"""Idempotency keys and the answers given to them."""

from django.db import models

from checkout.models.orders import Order


class IdempotencyKey(models.Model):
    """A write that a program may send again. Kept for a day.

    `owner` is who asked, so that nobody meets another's keys. `status` and `answer` are empty while it runs; who runs it
    has claimed it at `claimed_at`, and a claim runs out. `order` is what it placed, written with the order itself.
    """

    owner = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="+")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    claimed_at = models.DateTimeField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="one_row_per_owner_and_key"),
        ]

    def __str__(self) -> str:
        return self.key
