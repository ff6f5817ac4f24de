"""Secrets in the database are encrypted: read with SECRET_KEY alone, and with a former one while it is named."""

from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.db import connection
from django.test import Client

from accounts import second_factor
from accounts.encryption import UnreadableSecretError, decrypt, encrypt, reencrypt
from accounts.models import User
from tests.accounts.reading import Page
from tests.accounts.test_entering import log_in, who
from tests.accounts.test_second_factor import code_of, set_up_app

pytestmark = pytest.mark.django_db
CODE = "/accounts/two-steps/authenticate/"


@pytest.fixture
def secret(alice: User) -> str:
    """The secret of alice's app, who has recovery codes too."""
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    RecoveryCodes.activate(alice)
    return secret


def change_key(settings: Any, *, keep: bool) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep else []
    settings.SECRET_KEY = "another one, of another thirty-two letters and more"


def stored() -> str:
    """Return what the table of second factors holds, as whoever has a copy of the database sees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        return str(cursor.fetchall())


def opens(code: str) -> bool:
    """Tell whether a second step with this code logs alice in."""
    client = Client()
    log_in(client)
    assert client.post(CODE, {"code": code}).status_code in {200, 302}
    return who(client) is not None


def test_a_secret_is_kept_as_another_text_each_time_and_read_again() -> None:
    kept = {encrypt("JBSWY3DPEHPK3PXP") for _time in range(2)}
    assert len(kept) == 2
    assert "JBSWY3DPEHPK3PXP" not in str(kept)
    assert {decrypt(one) for one in kept} == {"JBSWY3DPEHPK3PXP"}


def test_a_former_key_reads_as_long_as_it_is_named(settings: Any) -> None:
    kept = encrypt("JBSWY3DPEHPK3PXP")
    change_key(settings, keep=True)
    assert decrypt(kept) == "JBSWY3DPEHPK3PXP"
    renewed = reencrypt(kept)
    assert reencrypt(renewed) == renewed != kept
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(renewed) == "JBSWY3DPEHPK3PXP"
    for read in (decrypt, reencrypt):
        with pytest.raises(UnreadableSecretError):
            read(kept)


@pytest.mark.parametrize("kept", ["", "JBSWY3DPEHPK3PXP", "gAAAAA", "ключ"])
def test_what_was_never_encrypted_is_no_secret(kept: str) -> None:
    with pytest.raises(UnreadableSecretError):
        decrypt(kept)


def test_the_secret_of_an_app_and_the_seed_of_recovery_codes_are_kept_encrypted(
    alice: User, secret: str
) -> None:
    app = Authenticator.objects.get(type="totp")
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert decrypt(app.data["secret"]) == secret
    assert secret not in stored()
    assert decrypt(seed) not in stored()


@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_set_up_on_the_page_is_kept_encrypted_and_its_codes_open(
    alice: User, as_alice: Client
) -> None:
    assert alice.emailaddress_set.create(email=alice.email, verified=True, primary=True)
    set_up_app(as_alice)
    secret = decrypt(Authenticator.objects.get(type="totp").data["secret"])
    assert secret not in stored()
    assert opens(code_of(secret))


def test_codes_open_while_the_former_key_is_named_and_for_good_after_reencrypting(
    alice: User, secret: str, settings: Any
) -> None:
    codes = RecoveryCodes.activate(alice).get_unused_codes()
    change_key(settings, keep=True)
    assert opens(code_of(secret))
    assert opens(codes[0])
    for authenticator in Authenticator.objects.all():
        second_factor.reencrypt(authenticator.pk)
    settings.SECRET_KEY_FALLBACKS = []
    assert decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret
    assert not opens(codes[0]), "it was used, and reencrypting has not forgotten that"
    assert opens(codes[1])


def test_a_secret_that_no_key_reads_opens_nothing_and_breaks_no_page(
    alice: User, secret: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    change_key(settings, keep=False)
    client = Client()
    log_in(client)
    page = Page(client.post(CODE, {"code": code_of(secret)}))
    assert page.summary == [("id_code", "Check the code. It may be too old")]
    assert who(client) is None
    assert "A second factor cannot be read" in caplog.text
    assert secret not in caplog.text


def test_second_factors_of_before_are_encrypted_by_the_migration_and_back(alice: User, secret: str) -> None:
    change = import_module("accounts.migrations.0004_encrypt_second_factors").change
    change(apps, decrypt)
    assert secret in stored()
    codes = Authenticator.objects.get(type="recovery_codes")
    codes.data["migrated_codes"] = ["11111111"]
    codes.save()
    change(apps, encrypt)
    assert secret not in stored()
    assert "11111111" not in stored()
    assert opens(code_of(secret))
    assert opens("11111111")
