from collections.abc import Callable

from django.db import migrations

from accounts.encryption import decrypt, encrypt


def change(apps, to: Callable[[str], str]) -> None:
    """Write each secret of allauth's second factors anew. Passkeys have none: their keys are public ones."""
    Authenticator = apps.get_model("mfa", "Authenticator")
    for row in Authenticator.objects.exclude(type="webauthn").iterator():
        row.data |= {key: to(row.data[key]) for key in ("secret", "seed") if key in row.data}
        if "migrated_codes" in row.data:
            row.data["migrated_codes"] = [to(code) for code in row.data["migrated_codes"]]
        row.save(update_fields=["data"])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0003_rights"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunPython(
            lambda apps, _schema: change(apps, encrypt), lambda apps, _schema: change(apps, decrypt)
        ),
    ]
