"""Full-text search, kept current by the database: FTS5 on SQLite, GIN indexes on PostgreSQL; and the words of all titles."""

from django.db import migrations, models

# Two indexes on SQLite: a word that every description has must not be waded through to find those titles that have it.
SEARCHED = {
    'shop_titlesearch': (['title', 'author'], 'detail=column'),
    'shop_fullsearch': (['title', 'author', 'description', 'years_text', 'year'], 'detail=none'),
}
# Words are cut at spaces and dashes, after JSON's quotes have made any text safe to be cut.
CUT = """
    INSERT OR IGNORE INTO shop_word (word)
    SELECT trim(value, '.,;:!?()[]/*\\"''’“”«»') FROM json_each('[' || replace(json_quote(
        lower(replace(replace(replace({row}.title || ' ' || {row}.author, '-', ' '), '–', ' '), '—', ' '))
    ), ' ', '","') || ']')
    WHERE length(value) > 2;
"""


def sqlite():
    everything = ', '.join(SEARCHED['shop_fullsearch'][0])
    came = gone = ''
    for table, (columns, detail) in SEARCHED.items():
        names = ', '.join(columns)
        yield (
            f"CREATE VIRTUAL TABLE {table} USING fts5({names}, content='shop_product', content_rowid='id', "
            f"tokenize='unicode61 remove_diacritics 2', prefix='2 3', {detail})"
        )
        new, old = (', '.join(f'{row}.{column}' for column in columns) for row in ('NEW', 'OLD'))
        came += f'INSERT INTO {table} (rowid, {names}) VALUES (NEW.id, {new}); '
        gone += f"INSERT INTO {table} ({table}, rowid, {names}) VALUES ('delete', OLD.id, {old}); "
    yield f"CREATE TRIGGER shop_search_came AFTER INSERT ON shop_product BEGIN {came} {CUT.format(row='NEW')} END"
    yield f'CREATE TRIGGER shop_search_went AFTER DELETE ON shop_product BEGIN {gone} END'
    yield (
        f'CREATE TRIGGER shop_search_changed AFTER UPDATE OF {everything} ON shop_product '
        f"BEGIN {gone} {came} {CUT.format(row='NEW')} END"
    )
    for table in SEARCHED:
        yield f"INSERT INTO {table} ({table}) VALUES ('rebuild')"
    yield CUT.format(row='shop_product').replace('json_each(', 'shop_product, json_each(')


POSTGRESQL = (
    'CREATE EXTENSION IF NOT EXISTS unaccent',
    'CREATE EXTENSION IF NOT EXISTS pg_trgm',
    # An index takes only functions that never change their mind. Punctuation goes first, or “Either/Or” were one word.
    """
    CREATE FUNCTION shop_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT regexp_replace(
            lower(public.unaccent('public.unaccent'::regdictionary, $1)), '[]!-/:-@[\\\\^-`{-~–—’“”«»…[:space:]]+', ' ', 'g'
        )
    $$
    """,
    """
    CREATE FUNCTION shop_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
        SELECT to_tsvector('pg_catalog.simple'::regconfig, public.shop_fold($1))
    $$
    """,
    'CREATE INDEX product_title_words ON shop_product USING gin (shop_words(title))',
    "CREATE INDEX product_author_words ON shop_product USING gin (shop_words(title || ' ' || author))",
    "CREATE INDEX product_all_words ON shop_product USING gin (shop_words("
    "title || ' ' || author || ' ' || description || ' ' || years_text || ' ' || COALESCE(year::text, '')))",
    'CREATE INDEX word_alike ON shop_word USING gin (word gin_trgm_ops)',
    # In alphabetical order, so that two who bring the same new words do not wait for each other.
    """
    CREATE FUNCTION shop_add_words(texts text[]) RETURNS void LANGUAGE sql AS $$
        INSERT INTO shop_word (word)
        SELECT DISTINCT word FROM unnest(texts) AS line, regexp_split_to_table(shop_fold(line), ' ') AS word
        WHERE length(word) > 2 ORDER BY word ON CONFLICT DO NOTHING
    $$
    """,
    """
    CREATE FUNCTION shop_products_came() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM shop_add_words((SELECT array_agg(title || ' ' || author) FROM came));
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION shop_product_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM shop_add_words(ARRAY[NEW.title || ' ' || NEW.author]);
        RETURN NULL;
    END $$
    """,
    'CREATE TRIGGER shop_words_came AFTER INSERT ON shop_product '
    'REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION shop_products_came()',
    'CREATE TRIGGER shop_words_changed AFTER UPDATE OF title, author ON shop_product '
    'FOR EACH ROW EXECUTE FUNCTION shop_product_renamed()',
    "SELECT shop_add_words(array_agg(title || ' ' || author)) FROM shop_product",
)
BACKWARDS = {
    'sqlite': (
        *(f'DROP TRIGGER shop_search_{event}' for event in ('came', 'went', 'changed')),
        *(f'DROP TABLE {table}' for table in SEARCHED),
    ),
    'postgresql': (
        'DROP TRIGGER shop_words_came ON shop_product',
        'DROP TRIGGER shop_words_changed ON shop_product',
        'DROP FUNCTION shop_products_came, shop_product_renamed, shop_add_words',
        'DROP INDEX product_title_words, product_author_words, product_all_words, word_alike',
        'DROP FUNCTION shop_words, shop_fold',
    ),
}


def forwards(apps, schema_editor):
    statements = {'sqlite': sqlite, 'postgresql': lambda: POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements():
        schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    for statement in BACKWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0004_listing_columns'),
    ]

    operations = [
        migrations.CreateModel(
            name='Word',
            fields=[
                ('word', models.CharField(max_length=200, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'word',
                'verbose_name_plural': 'words',
            },
        ),
        migrations.AddIndex(
            model_name='variant',
            index=models.Index(condition=models.Q(('is_digital', False), ('stock__gt', 0), ('stock__lte', 5)), fields=['stock', 'product'], name='variant_last_copies'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
