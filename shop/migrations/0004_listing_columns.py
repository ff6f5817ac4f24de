"""What listings sort, filter and count by, written by shop/catalogue/denormalised.py."""

from django.db import migrations, models

FORMATS = """
    UPDATE shop_variant SET format = CASE
        WHEN is_digital THEN 'ebook'
        WHEN lower(name) LIKE 'hard%' THEN 'hardback'
        WHEN lower(name) LIKE 'paper%' THEN 'paperback'
        ELSE 'other' END
"""


def index(fields, name):
    return migrations.AddIndex(
        'product',
        models.Index(fields=fields, name=name, condition=models.Q(is_published=True, price_from__isnull=False)),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0003_catalogue_version'),
    ]

    operations = [
        migrations.RemoveIndex('product', 'product_by_title'),
        migrations.RemoveIndex('product', 'product_by_newest'),
        migrations.AddField('product', 'formats', models.PositiveSmallIntegerField(db_default=0, default=0, editable=False)),
        migrations.AddField('product', 'in_stock', models.BooleanField(db_default=False, default=False, editable=False)),
        migrations.AddField('product', 'price_from', models.PositiveIntegerField(editable=False, null=True)),
        migrations.AddField('product', 'sold', models.PositiveIntegerField(db_default=0, default=0, editable=False)),
        migrations.AddField(
            'variant',
            'format',
            models.CharField(
                choices=[('hardback', 'Hardback'), ('paperback', 'Paperback'), ('ebook', 'E-book'), ('other', 'Other')],
                db_default='other', default='other', max_length=10, verbose_name='format',
            ),
        ),
        index(['title', 'id', 'in_stock', 'formats', 'price_from'], 'product_by_title'),
        index(['-created_at', '-id', 'in_stock', 'formats', 'price_from'], 'product_by_new'),
        index(['-sold', '-created_at', '-id', 'in_stock', 'formats', 'price_from'], 'product_by_sold'),
        index(['category', 'title', 'id', 'in_stock', 'formats', 'price_from'], 'product_in_category_by_title'),
        index(['category', '-created_at', '-id', 'in_stock', 'formats', 'price_from'], 'product_in_category_by_new'),
        index(['category', '-sold', '-created_at', '-id', 'in_stock', 'formats', 'price_from'], 'product_in_category_by_sold'),
        index(['author', 'id', 'category', 'in_stock', 'formats', 'price_from'], 'product_by_author'),
        index(['price_from', 'id', 'in_stock', 'formats'], 'product_by_price'),
        index(['category', 'price_from', 'id', 'in_stock', 'formats'], 'product_in_category_by_price'),
        index(['formats', 'category', 'price_from', 'in_stock'], 'product_by_formats'),
        migrations.RunSQL(FORMATS, migrations.RunSQL.noop),
    ]
