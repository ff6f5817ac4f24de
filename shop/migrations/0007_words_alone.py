"""On SQLite the words of titles get triggers of their own, as on PostgreSQL: a great load keeps them and no other."""

from importlib import import_module

from django.db import migrations

search = import_module('shop.migrations.0005_search')


def sqlite(words_alone):
    came = gone = ''
    for table, (columns, _detail) in search.SEARCHED.items():
        names = ', '.join(columns)
        new, old = (', '.join(f'{row}.{column}' for column in columns) for row in ('NEW', 'OLD'))
        came += f'INSERT INTO {table} (rowid, {names}) VALUES (NEW.id, {new}); '
        gone += f"INSERT INTO {table} ({table}, rowid, {names}) VALUES ('delete', OLD.id, {old}); "
    words = search.CUT.format(row='NEW')
    with_words = '' if words_alone else words
    titles, everything = (', '.join(columns) for columns, _detail in search.SEARCHED.values())
    for name in ('search_came', 'search_changed', 'words_came', 'words_changed'):
        yield f'DROP TRIGGER IF EXISTS shop_{name}'
    yield f'CREATE TRIGGER shop_search_came AFTER INSERT ON shop_product BEGIN {came} {with_words} END'
    yield (
        f'CREATE TRIGGER shop_search_changed AFTER UPDATE OF {everything} ON shop_product '
        f'BEGIN {gone} {came} {with_words} END'
    )
    if words_alone:
        yield f'CREATE TRIGGER shop_words_came AFTER INSERT ON shop_product BEGIN {words} END'
        yield f'CREATE TRIGGER shop_words_changed AFTER UPDATE OF {titles} ON shop_product BEGIN {words} END'


def run(words_alone):
    def forwards(apps, schema_editor):
        if schema_editor.connection.vendor == 'sqlite':
            for statement in sqlite(words_alone):
                schema_editor.execute(statement, params=None)

    return forwards


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0006_quoted_books'),
    ]

    operations = [
        migrations.RunPython(run(words_alone=True), run(words_alone=False)),
    ]
