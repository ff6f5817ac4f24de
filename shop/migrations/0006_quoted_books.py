"""An index of the books that have a quotation: the first page recommends of them, and among a million they are few."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0005_search'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='product',
            index=models.Index(condition=models.Q(('is_published', True), ('price_from__isnull', False), ('in_stock', True), ('quote__gt', '')), fields=['id'], name='product_quoted'),
        ),
    ]
