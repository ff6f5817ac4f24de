from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0007_words_alone'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='product',
            index=models.Index(
                condition=models.Q(('is_published', True), ('price_from__isnull', False)),
                fields=['formats', 'price_from', 'in_stock'],
                name='product_by_formats_and_price',
            ),
        ),
    ]
