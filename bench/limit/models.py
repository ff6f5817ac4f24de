from django.db import models


class Row(models.Model):
    """A row of the bare list page."""

    title = models.CharField(max_length=200)
    author = models.CharField(max_length=160)
    price = models.PositiveIntegerField()

    objects = models.Manager["Row"]()

    def __str__(self) -> str:
        return self.title
