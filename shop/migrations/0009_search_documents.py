"""The search has documents of its own, written by shop/catalogue/search and indexed here.

The triggers and functions that filled listings and search before, in databases of that time, go.
"""

import django.db.models.deletion
from django.db import migrations, models

from shop.catalogue.search.folding import indexed

TRIGGERS = {
    'shop_variant': ('shop_variant_came', 'shop_variant_went', 'shop_variant_changed'),
    'shop_product': (
        'shop_search_came', 'shop_search_went', 'shop_search_changed', 'shop_words_came', 'shop_words_changed',
    ),
}
OLD = {
    'sqlite': [
        *(f'DROP TRIGGER IF EXISTS {name}' for names in TRIGGERS.values() for name in names),
        *(f'DROP TABLE IF EXISTS {table}' for table in ('shop_titlesearch', 'shop_fullsearch')),
    ],
    'postgresql': [
        *(f'DROP TRIGGER IF EXISTS {name} ON {table}' for table, names in TRIGGERS.items() for name in names),
        'DROP INDEX IF EXISTS product_title_words, product_author_words, product_all_words, word_alike',
        *(
            f'DROP FUNCTION IF EXISTS {function}'
            for function in (
                'shop_variants_moved()', 'shop_variant_changed()', 'shop_shelve(bigint[])', 'shop_products_came()',
                'shop_product_renamed()', 'shop_add_words(text[])', 'shop_words(text)', 'shop_fold(text)',
            )
        ),
    ],
}

# On SQLite the words in a document are cut at spaces alone: to `ascii` every other letter is one of a word.
FTS = "USING fts5({columns}, content='shop_searchdocument', content_rowid='product_id', tokenize='ascii', prefix='2 3', {detail})"
WORDS = "array_to_tsvector(array_remove(string_to_array({text}, ' '), ''))"
INDEXES = {
    'sqlite': [
        'CREATE VIRTUAL TABLE shop_searchtitles ' + FTS.format(columns='title, author', detail='detail=column'),
        'CREATE VIRTUAL TABLE shop_searchall ' + FTS.format(columns='title, author, text', detail='detail=none'),
    ],
    'postgresql': [
        f'CREATE INDEX {name} ON shop_searchdocument USING gin ({WORDS.format(text=text)})'
        for name, text in (
            ('search_titles', 'title'),
            ('search_titles_and_authors', "title || ' ' || author"),
            ('search_all', "title || ' ' || author || ' ' || text"),
        )
    ],
}
REBUILD = {
    'sqlite': [f"INSERT INTO {table} ({table}) VALUES ('rebuild')" for table in ('shop_searchtitles', 'shop_searchall')],
    'postgresql': [],
}
NOT_INDEXED = {
    'sqlite': ['DROP TABLE shop_searchtitles', 'DROP TABLE shop_searchall'],
    'postgresql': [],  # they go with their table
}


def run(statements):
    def on_this_database(apps, schema_editor):
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return on_this_database


def write_documents(apps, schema_editor):
    models = {name: apps.get_model('shop', name) for name in ('Product', 'SearchDocument', 'Word')}
    database = schema_editor.connection.alias
    models['Word'].objects.using(database).all().delete()
    documents = []
    words = set()
    for product in models['Product'].objects.using(database).only(
        'title', 'author', 'description', 'years_text', 'year'
    ).iterator():
        title, author = indexed(product.title), indexed(product.author)
        text = indexed(f"{product.description[:200_000]} {product.years_text} {product.year or ''}")
        documents.append(models['SearchDocument'](product_id=product.pk, title=title, author=author, text=text))
        words.update(word for word in f'{title} {author}'.split() if len(word) > 2)
        if len(documents) == 1000:
            models['SearchDocument'].objects.using(database).bulk_create(documents)
            documents = []
    models['SearchDocument'].objects.using(database).bulk_create(documents)
    models['Word'].objects.using(database).bulk_create(
        [models['Word'](word=word) for word in sorted(words)], batch_size=1000
    )
    run(REBUILD)(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0008_formats_and_price'),
    ]

    operations = [
        migrations.RunPython(run(OLD), migrations.RunPython.noop),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                (
                    'product',
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name='search_document',
                        serialize=False,
                        to='shop.product',
                        verbose_name='product',
                    ),
                ),
                ('title', models.TextField()),
                ('author', models.TextField()),
                ('text', models.TextField()),
            ],
            options={
                'verbose_name': 'search document',
                'verbose_name_plural': 'search documents',
            },
        ),
        migrations.RunPython(run(INDEXES), run(NOT_INDEXED)),
        migrations.RunPython(write_documents, migrations.RunPython.noop),
    ]
