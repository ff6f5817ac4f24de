"""dj-stripe mirrors what the stand-in holds into a database of its own, and says how many of each kind it holds.

Arguments: the folder of dj-stripe, the stand-in's address, the kinds to sync.
"""

import json
import sys

folder, address, *kinds = sys.argv[1:]
sys.path.insert(0, folder)

import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    SECRET_KEY="only for this run",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    MIGRATION_MODULES={"djstripe": None},  # its tables as they are today, without their history
    USE_TZ=True,
    STRIPE_API_HOST=address,
    STRIPE_TEST_SECRET_KEY="sk_test_standin00000000000000000000",
    STRIPE_LIVE_MODE=False,
    DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
)
django.setup()

from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
call_command("djstripe_sync_models", *kinds, fail_on_error=True, stdout=sys.stderr)
held = {kind: apps.get_model("djstripe", kind).objects.count() for kind in kinds}
sys.stdout.write(json.dumps(held))
