"""The custom user model: an e-mail address instead of a user name."""

import hashlib
from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import countries
from accounts.text import one_line

LONGEST_EMAIL = 254
LONGEST_LOCAL_PART = 64


def normal_email(email: str) -> str:
    """Return the one spelling of an e-mail address that we store and look for: trimmed, in lower case.

    The part before the @ could by RFC 5321 depend on letter case. No provider of note makes it so, and people do
    type their own address in two ways; django-allauth treats addresses alike in the same way.
    """
    return email.strip().lower()


def mailbox(email: str) -> str:
    """Return whose mail an address brings, as most providers have it: what stands behind a + is the reader's own note."""
    name, _at, domain = normal_email(email).rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def check_email(email: str) -> None:
    """Raise ValidationError for an e-mail address that cannot be one, though Django's own check lets it pass.

    RFC 5321 has room for 64 letters before the @, and for 254 in all. Nobody sees some of the letters that a domain
    may have to Django.
    """
    local, _at, _domain = email.rpartition("@")
    if len(email) > LONGEST_EMAIL or len(local) > LONGEST_LOCAL_PART or one_line(email) != email:
        raise ValidationError(_("Write the e-mail address like name@example.org"), code="invalid")


class UserManager(BaseUserManager["User"]):
    """Makes users, and finds them by e-mail in any letter case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Save and return a user. Without a password the user can only log in after a password reset.

        Raises ValueError if the e-mail is empty, IntegrityError if it is taken in any letter case.
        """
        if not email.strip():
            message = "A user needs an e-mail address"
            raise ValueError(message)
        user = self.model(email=normal_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Save and return a user who may do everything in the admin."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this e-mail. Raises User.DoesNotExist."""
        return self.get(email=normal_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff. Logs in with the e-mail address."""

    # Unique twice: Django wants the log-in field itself unique, the constraint below looks past letter case.
    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("There is already an account with this e-mail.")},
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(
        _("may log in"),
        default=True,
        help_text=_("Untick this instead of deleting: orders keep their customer."),
    )
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the admin."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = (("change_rights", "Can change what staff may do"),)
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_any_case",
                violation_error_message=_("There is already an account with this e-mail."),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Bring the e-mail into the spelling that we store."""
        super().clean()
        self.email = normal_email(self.email)
        try:
            check_email(self.email)
        except ValidationError as error:
            raise ValidationError({"email": error}) from error

    def get_session_auth_hash(self) -> str:
        """Return what a session is bound to: who changes the password or the address ends the sessions of before."""
        return f"{super().get_session_auth_hash()}.{self._address_hash()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same for each old SECRET_KEY."""
        for old in super().get_session_auth_fallback_hash():
            yield f"{old}.{self._address_hash()}"

    def _address_hash(self) -> str:
        return hashlib.sha256(self.email.encode()).hexdigest()[:16]

    def get_full_name(self) -> str:
        """Return the name, or the e-mail where there is none."""
        return self.name or self.email

    def get_short_name(self) -> str:
        """Return what the header calls this person: the first name, else the e-mail up to its @."""
        return self.name.split()[0] if self.name.strip() else self.email.partition("@")[0]


class Address(models.Model):
    """An address that an account keeps; one of them is the default (`accounts/addresses.py`)."""

    # As the fields of an order's address.
    FIELDS = ("full_name", "line1", "line2", "city", "region", "postal_code", "country", "phone")

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    full_name = models.CharField(max_length=120)
    line1 = models.CharField(max_length=160)
    line2 = models.CharField(max_length=160, blank=True)
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        ordering = ["-is_default", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="one_default_address_per_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.line1}"

    @property
    def line(self) -> str:
        """Return it in one line, without the name."""
        town = f"{self.postal_code} {self.city}".strip()
        parts = [self.line1, self.line2, town, self.region, countries.name(self.country)]
        return ", ".join(part for part in parts if part)


class SessionToken(models.Model):
    """The digest of an app's token, and the session that it opens. It goes with the session."""

    digest = models.CharField(max_length=64, unique=True)
    session = models.OneToOneField(Session, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return self.digest[:8]


class AccountMail(models.Model):
    """A mail about an account that waits to be sent, encrypted (`accounts/mails.py`). It goes when it is sent."""

    sealed = models.TextField(editable=False)
    queued_at = models.DateTimeField()
    # Claimed by whoever sends it; a claim that nothing came of runs out.
    sending_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pk}"
