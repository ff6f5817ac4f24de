import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import mails, second_factor
from accounts.models import AccountMail
from checkout.messages.webhook_endpoints import reencrypt_secrets
from checkout.models import WebhookEndpoint
from checkout.one_by_one import attempt


class Command(BaseCommand):
    help = (
        "Bring the secrets in the database (second factors, mails that wait, webhook endpoints) under the present SECRET_KEY, so that "
        "SECRET_KEY_FALLBACKS may go. Exit code 1 where one could not be read, naming it."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        rows = list(_rows())
        failed = {name: code for name, act in rows if (code := attempt(name, act))}
        self.stdout.write(f"{len(rows) - len(failed)} of {len(rows)} are under the present SECRET_KEY.")
        for name, code in failed.items():
            self.stderr.write(f"{name}: {code}")
        if failed:
            sys.exit(1)


def _rows() -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield each row that has secrets, by a name for operators, and what brings it under the present key."""
    passkey = Authenticator.Type.WEBAUTHN  # its key is a public one
    for pk in Authenticator.objects.exclude(type=passkey).order_by("pk").values_list("pk", flat=True):
        yield f"Second factor {pk}", partial(second_factor.reencrypt, pk)
    for mail in AccountMail.objects.order_by("pk"):
        yield f"Mail {mail.pk}", partial(mails.reencrypt, mail)
    for endpoint in WebhookEndpoint.objects.all():
        yield f"Webhook endpoint {endpoint.pk}", partial(reencrypt_secrets, endpoint, now=timezone.now())
