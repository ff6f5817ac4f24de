from typing import ClassVar

from django.db import models


class Row(models.Model):
    """A row of the bare list page."""

    title = models.CharField(max_length=200)
    author = models.CharField(max_length=160)
    price = models.PositiveIntegerField()

    objects: ClassVar[models.Manager["Row"]] = models.Manager()

    def __str__(self) -> str:
        return self.title
