"""Nothing any more: its triggers went with 0009."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0006_quoted_books'),
    ]

    operations = []
