"""What listings sort, filter and count by, kept by the database.

The columns are added in SQL: on SQLite Django would otherwise make the table anew, and the triggers on it would be lost.
"""

from django.db import migrations, models

COLUMNS = (
    'ALTER TABLE shop_product ADD COLUMN price_from integer CHECK (price_from >= 0)',
    'ALTER TABLE shop_product ADD COLUMN in_stock bool NOT NULL DEFAULT false',
    'ALTER TABLE shop_product ADD COLUMN formats smallint NOT NULL DEFAULT 0 CHECK (formats >= 0)',
    'ALTER TABLE shop_product ADD COLUMN sold integer NOT NULL DEFAULT 0 CHECK (sold >= 0)',
    "ALTER TABLE shop_variant ADD COLUMN format varchar(10) NOT NULL DEFAULT 'other'",
)
DROPPED = tuple(
    f'ALTER TABLE shop_{table} DROP COLUMN {column}'
    for table, column in (
        ('variant', 'format'), ('product', 'sold'), ('product', 'formats'), ('product', 'in_stock'), ('product', 'price_from'),
    )
)
FORMATS = """
    UPDATE shop_variant SET format = CASE
        WHEN is_digital THEN 'ebook'
        WHEN lower(name) LIKE 'hard%' THEN 'hardback'
        WHEN lower(name) LIKE 'paper%' THEN 'paperback'
        ELSE 'other' END
"""
BITS = ' + '.join(
    f"{bit} * coalesce(max(CASE WHEN v.format = '{name}' THEN 1 ELSE 0 END), 0)"
    for bit, name in ((1, 'hardback'), (2, 'paperback'), (4, 'ebook'), (8, 'other'))
)
LOWEST = 'coalesce(min(v.price) FILTER (WHERE v.stock > 0), min(v.price))'

# SQLite has one writer at a time: a trigger for each row, which writes only what is not so already.
SQLITE_FRESH = f'(SELECT {LOWEST}, coalesce(max(v.stock > 0), 0), {BITS} FROM shop_variant v WHERE v.product_id = shop_product.id)'
SQLITE_SHELVE = (
    f'UPDATE shop_product SET (price_from, in_stock, formats) = {SQLITE_FRESH} '
    f'WHERE id IN (%s) AND (price_from, in_stock, formats) IS NOT {SQLITE_FRESH};'
)
SQLITE = (
    f"CREATE TRIGGER shop_variant_came AFTER INSERT ON shop_variant BEGIN {SQLITE_SHELVE % 'NEW.product_id'} END",
    f"CREATE TRIGGER shop_variant_went AFTER DELETE ON shop_variant BEGIN {SQLITE_SHELVE % 'OLD.product_id'} END",
    'CREATE TRIGGER shop_variant_changed AFTER UPDATE OF price, format, product_id ON shop_variant '
    f"BEGIN {SQLITE_SHELVE % 'OLD.product_id, NEW.product_id'} END",
)
SQLITE_FILL = (FORMATS, SQLITE_SHELVE % 'SELECT product_id FROM shop_variant')

# PostgreSQL has many writers: each locks the products first, in id order, and then reads what the others have left.
POSTGRESQL = (
    f"""
    CREATE FUNCTION shop_shelve(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM 1 FROM shop_product WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
        UPDATE shop_product p SET price_from = f.price_from, in_stock = f.in_stock, formats = f.formats
        FROM (
            SELECT i.id, {LOWEST} AS price_from, coalesce(bool_or(v.stock > 0), false) AS in_stock, {BITS} AS formats
            FROM (SELECT DISTINCT unnest(ids) AS id) i LEFT JOIN shop_variant v ON v.product_id = i.id
            GROUP BY i.id
        ) f
        WHERE p.id = f.id AND (p.price_from, p.in_stock, p.formats) IS DISTINCT FROM (f.price_from, f.in_stock, f.formats);
    END $$
    """,
    """
    CREATE FUNCTION shop_variants_moved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM shop_shelve((SELECT array_agg(DISTINCT product_id) FROM moved));
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION shop_variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM shop_shelve(ARRAY[OLD.product_id, NEW.product_id]);
        RETURN NULL;
    END $$
    """,
    'CREATE TRIGGER shop_variant_came AFTER INSERT ON shop_variant '
    'REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION shop_variants_moved()',
    'CREATE TRIGGER shop_variant_went AFTER DELETE ON shop_variant '
    'REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION shop_variants_moved()',
    'CREATE TRIGGER shop_variant_changed AFTER UPDATE OF price, format, product_id ON shop_variant FOR EACH ROW '
    'WHEN ((OLD.price, OLD.format, OLD.product_id) IS DISTINCT FROM (NEW.price, NEW.format, NEW.product_id)) '
    'EXECUTE FUNCTION shop_variant_changed()',
)
POSTGRESQL_FILL = (FORMATS, 'SELECT shop_shelve(array_agg(id)) FROM shop_product')
TRIGGERS = ('shop_variant_came', 'shop_variant_went', 'shop_variant_changed')


def run(statements):
    def forwards(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return forwards


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
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(COLUMNS, DROPPED)],
            [
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
            ],
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
        migrations.RunPython(
            run({'sqlite': SQLITE, 'postgresql': POSTGRESQL}),
            run({
                'sqlite': [f'DROP TRIGGER {name}' for name in TRIGGERS],
                'postgresql': [
                    *(f'DROP TRIGGER {name} ON shop_variant' for name in TRIGGERS),
                    'DROP FUNCTION shop_variants_moved, shop_variant_changed, shop_shelve',
                ],
            }),
        ),
        # Last, since PostgreSQL makes no index on a table that has triggers waiting for the commit.
        migrations.RunPython(
            run({'sqlite': SQLITE_FILL, 'postgresql': POSTGRESQL_FILL}), migrations.RunPython.noop
        ),
    ]
