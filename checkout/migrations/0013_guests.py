import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from checkout.models import new_key

AT_ONCE = 1000


def give_keys(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Give a key to every order that was placed before there were any."""
    orders = apps.get_model("checkout", "Order").objects.using(editor.connection.alias)
    while part := list(orders.filter(key=None).order_by().only("pk")[:AT_ONCE]):
        for order in part:
            order.key = new_key()
        orders.bulk_update(part, ["key"])


class Migration(migrations.Migration):
    dependencies = [("checkout", "0012_payment_slips"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AlterField(
            "order",
            "user",
            models.ForeignKey(
                to=settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="orders",
                verbose_name="customer",
            ),
        ),
        migrations.AddField("order", "key", models.CharField(max_length=32, null=True, editable=False)),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            "order", "key", models.CharField(max_length=32, unique=True, default=new_key, editable=False)
        ),
        migrations.AddIndex(
            "order", models.Index(fields=["email"], condition=models.Q(user=None), name="order_of_guest")
        ),
        migrations.AlterField(
            model_name='mail',
            name='kind',
            field=models.CharField(choices=[('placed', 'Not paid yet'), ('paid', 'Paid'), ('slip', 'Payment slip given out'), ('processing', 'Payment on its way'), ('failed', 'The money did not come'), ('shipped', 'Sent'), ('refunded', 'Refunded'), ('link', 'The link to an order'), ('attention', 'Needs attention (to staff)'), ('webhook', 'Webhook endpoint switched off (to staff)')], max_length=20, verbose_name='kind'),
        ),
    ]
