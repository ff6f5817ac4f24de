"""The secrets of webhook endpoints are encrypted in the database, and live through a change of SECRET_KEY."""

from datetime import timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.encryption import decrypt, encrypt
from accounts.models import AccountMail, User
from checkout.messages import webhook_endpoints, webhook_events
from checkout.models import OutboundTry, WebhookEndpoint
from tests.accounts.test_encryption import change_key
from tests.orders import NOW
from tests.outbound import listen, secret_of
from tests.receiver import Receiver, is_signed

pytestmark = pytest.mark.django_db
STAMP = NOW.timestamp()


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, old_secret FROM checkout_webhookendpoint")
        return str(cursor.fetchall())


def reencrypt() -> tuple[str, int]:
    """Run the command; return what it says and its exit code."""
    said = StringIO()
    try:
        call_command("reencrypt", stdout=said, stderr=said)
    except SystemExit as end:
        return said.getvalue(), int(end.code or 0)
    return said.getvalue(), 0


def test_neither_the_secret_nor_the_one_before_it_stands_in_the_database(endpoint: WebhookEndpoint) -> None:
    first = secret_of(endpoint)
    second = webhook_endpoints.roll_secret(endpoint, now=NOW)
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(NOW) == [second, first]
    assert "whsec_" not in stored()


def test_an_event_is_signed_with_the_same_secret_after_a_change_of_key(
    endpoint: WebhookEndpoint, receiver: Receiver, settings: Any
) -> None:
    secret = secret_of(endpoint)
    change_key(settings, keep=True)
    webhook_events.send_test(endpoint, now=NOW)
    assert reencrypt() == ("1 of 1 are under the present SECRET_KEY.\n", 0)
    settings.SECRET_KEY_FALLBACKS = []
    webhook_events.send_test(WebhookEndpoint.objects.get(), now=NOW)
    assert [is_signed(letter, secret, now=STAMP) for letter in receiver.letters] == [True, True]


def test_both_secrets_are_reencrypted_while_both_sign_and_the_old_one_goes_afterwards(
    endpoint: WebhookEndpoint, settings: Any
) -> None:
    now = timezone.now()
    webhook_endpoints.roll_secret(endpoint, now=now)
    endpoint.refresh_from_db()
    both = endpoint.secrets_at(now)
    change_key(settings, keep=True)
    webhook_endpoints.reencrypt_secrets(endpoint, now=now)
    settings.SECRET_KEY_FALLBACKS = []
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(now) == both
    webhook_endpoints.reencrypt_secrets(endpoint, now=now + timedelta(days=2))
    endpoint.refresh_from_db()
    assert endpoint.old_secret == ""


def test_a_secret_that_was_rotated_meanwhile_is_left_as_it_is(
    endpoint: WebhookEndpoint, settings: Any
) -> None:
    seen = WebhookEndpoint.objects.get()
    new = webhook_endpoints.roll_secret(endpoint, now=NOW)
    with pytest.raises(webhook_endpoints.EndpointChangedError):
        webhook_endpoints.reencrypt_secrets(seen, now=NOW)
    assert secret_of(WebhookEndpoint.objects.get()) == new


def test_a_secret_that_no_key_reads_is_a_try_that_says_so_until_there_is_a_new_one(
    endpoint: WebhookEndpoint, receiver: Receiver, settings: Any
) -> None:
    change_key(settings, keep=False)
    assert webhook_events.send_test(endpoint, now=NOW).status == "given_up"
    assert "SECRET_KEY was changed" in OutboundTry.objects.get().error
    assert receiver.letters == []
    new = webhook_endpoints.roll_secret(endpoint, now=NOW)
    endpoint.refresh_from_db()
    assert webhook_events.send_test(endpoint, now=NOW).status == "delivered"
    assert is_signed(receiver.letters[0], new, now=STAMP)


def test_the_command_names_what_it_cannot_read_and_goes_on(
    endpoint: WebhookEndpoint, alice: User, settings: Any
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    settings.SECRET_KEY, was = "yet another one, of thirty-two letters and more", settings.SECRET_KEY
    lost = listen("http://127.0.0.1:9/lost")
    AccountMail.objects.create(queued_at=NOW)
    settings.SECRET_KEY = was
    AccountMail.objects.update(sealed=encrypt("{}"))
    change_key(settings, keep=True)
    told, code = reencrypt()
    assert (
        f"3 of 4 are under the present SECRET_KEY.\nWebhook endpoint {lost.pk}: UnreadableSecretError" in told
    )
    assert code == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(Authenticator.objects.get().data["secret"]) == secret
    assert secret_of(WebhookEndpoint.objects.get(pk=endpoint.pk)).startswith("whsec_")
    assert decrypt(AccountMail.objects.get().sealed) == "{}"


def test_secrets_of_before_are_encrypted_by_the_migration_and_back(endpoint: WebhookEndpoint) -> None:
    webhook_endpoints.roll_secret(endpoint, now=NOW)
    endpoint.refresh_from_db()
    both = endpoint.secrets_at(NOW)
    change = import_module("checkout.migrations.0009_encrypt_webhook_secrets").change
    change(apps, decrypt)
    assert all(secret in stored() for secret in both)
    change(apps, encrypt)
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(NOW) == both
    assert "whsec_" not in stored()
