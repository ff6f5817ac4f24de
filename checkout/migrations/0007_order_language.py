from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checkout", "0006_outbound_events")]
    operations = [
        migrations.AddField(
            model_name="order",
            name="language",
            field=models.CharField(default="en", max_length=10, verbose_name="language"),
        ),
    ]
