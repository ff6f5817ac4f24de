"""The words of all titles, for “Did you mean”."""

from django.db import migrations, models


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
    ]
