"""A new shop can send books: the two ways that most shops begin with. Staff change them in the admin."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OPTIONS = [
    {"code": "post", "name": "Post", "note": "2 to 4 working days", "price": 450, "free_from": 6000, "position": 1},
    {"code": "courier", "name": "Courier", "note": "Next working day, before noon", "price": 900, "position": 2},
]


def add_options(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    option = apps.get_model("checkout", "DeliveryOption")
    option.objects.bulk_create([option(**facts) for facts in OPTIONS])


class Migration(migrations.Migration):
    dependencies = [("checkout", "0001_initial")]
    operations = [migrations.RunPython(add_options, migrations.RunPython.noop)]
