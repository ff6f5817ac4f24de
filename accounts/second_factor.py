"""The second factor: an app that shows codes, passkeys, recovery codes. What they do is allauth's (`allauth.mfa`)."""

import logging
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.forms import AddWebAuthnForm as AllauthAddWebAuthnForm
from allauth.mfa.webauthn.forms import EditWebAuthnForm as AllauthEditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import encryption
from accounts.forms import InOurWords, Words
from accounts.models import User
from accounts.text import OneLineField

logger = logging.getLogger(__name__)

LONGEST_CODE = 32
LONGEST_KEY_NAME = 80

_INCORRECT = _("Check the code. It may be too old")
_CODE = Words(_("Code"), _("Enter the code"))
_KEY_NAME = Words(_("Name of the passkey"), _("Give it a name"), _("As in “Phone” or “Office key”."))


def has_second_factor(user: User | AnonymousUser) -> bool:
    """Tell whether an account asks for more than its password."""
    factors = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return user.is_authenticated and Authenticator.objects.filter(user=user, type__in=factors).exists()


def must_set_up(request: HttpRequest) -> bool:
    """Tell whether who asks is staff that must set up a second factor before the admin opens."""
    user = request.user
    needed = settings.STAFF_MFA == "required" and user.is_active and user.is_staff
    return needed and not has_second_factor(user)


def reencrypt(authenticator_id: int) -> None:
    """Bring the secrets of a second factor under the present key.

    Raises UnreadableSecretError, or Authenticator.DoesNotExist where it was taken away meanwhile.
    """
    with transaction.atomic():  # locked: a recovery code that is used meanwhile must stay used
        authenticator = Authenticator.objects.select_for_update().get(pk=authenticator_id)
        authenticator.data = _with_secrets(authenticator.data, encryption.reencrypt)
        authenticator.save(update_fields=["data"])


def _with_secrets(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """Return what allauth keeps of a second factor, with another text for each secret in it."""
    changed: dict[str, Any] = {name: change(data[name]) for name in ("secret", "seed") if name in data}
    if "migrated_codes" in data:
        changed["migrated_codes"] = [change(code) for code in data["migrated_codes"]]
    return {**data, **changed}


class MFAAdapter(DefaultMFAAdapter):
    """allauth's adapter with our sentences, and with the shop's own name and address in apps and passkeys."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _(
            "Staff keep a second factor. Add another one, then turn this one off"
        ),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first"),
        "incorrect_code": _INCORRECT,
        "unverified_email": _("Confirm your e-mail address first, by the link that we sent to it"),
    }

    def encrypt(self, text: str) -> str:
        """Return a secret as the database keeps it."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret of the database; where no key opens it, one that no code fits, so that none is let in."""
        try:
            return encryption.decrypt(encrypted_text)
        except encryption.UnreadableSecretError:
            logger.exception("A second factor cannot be read")
            return str(generate_totp_secret())

    def get_totp_issuer(self) -> str:
        """Return under which name apps keep the code."""
        return f"{settings.STORE_NAME}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return of whom a passkey is: the shop by its one address; in development, by the name that was asked for."""
        host = self.request.get_host() if settings.DEBUG else urlsplit(settings.STORE_URL).netloc
        return {"id": host.partition(":")[0], "name": settings.STORE_NAME}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Keep staff from giving up their last second factor where they must have one."""
        if settings.STAFF_MFA != "required" or not authenticator.user.is_staff:
            return True
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's signature
        """Return the name that is suggested for a passkey."""
        number: int = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey %d") % number


class _CodeForm(InOurWords, forms.Form):
    words = {"code": _CODE}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.widget.attrs |= {"autofocus": True, "maxlength": LONGEST_CODE}
        code.validators = [_short]


def _short(code: str) -> None:
    if len(code) > LONGEST_CODE:
        raise ValidationError(_INCORRECT)


class AuthenticateForm(_CodeForm, AllauthAuthenticateForm):
    """The code at log-in."""


class ReauthenticateForm(_CodeForm, AllauthReauthenticateForm):
    """The code once more, before something that matters."""


class ActivateTOTPForm(_CodeForm, AllauthActivateTOTPForm):
    """The first code of an app."""


class _KeyNameForm(InOurWords, forms.Form):
    words = {"name": _KEY_NAME}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        plain = self.fields["name"]
        self.fields["name"] = OneLineField(
            label=plain.label,
            help_text=plain.help_text,
            required=plain.required,
            error_messages={"required": _KEY_NAME.missing},
            max_length=LONGEST_KEY_NAME,
        )


class AddWebAuthnForm(_KeyNameForm, AllauthAddWebAuthnForm):
    """A new passkey, and its name."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = _("Log in with it alone, without the password")
        self.fields["passwordless"].help_text = ""


class EditWebAuthnForm(_KeyNameForm, AllauthEditWebAuthnForm):
    """Another name for a passkey."""
