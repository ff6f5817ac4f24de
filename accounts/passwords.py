"""What a password must be. Common ones, and those too near to e-mail and name, Django refuses by itself."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User

# What must be left of a password without the shop's name in it.
_LEAST_REST = 6


class StaffLengthValidator(MinimumLengthValidator):
    """Asks more letters of staff than of customers."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError for a member of staff's password that is too short."""
        if isinstance(user, User) and user.is_staff:
            super().validate(password, user)


class ShopNameValidator:
    """Refuses the shop's name with a few letters around it, which is what people try first."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:  # noqa: ARG002 - Django's signature
        """Raise ValidationError for a password that is little more than the shop's name."""
        name, typed = settings.STORE_NAME.casefold(), password.casefold()
        if name and name in typed and len(typed.replace(name, "")) < _LEAST_REST:
            raise ValidationError(
                _("The password is too near to the name of the shop."), code="password_too_similar"
            )

    def get_help_text(self) -> str:
        """Return what is asked."""
        return _("Not the name of the shop.")


class SignupChecks(forms.Form):
    """What both sign-ups check beyond allauth: in JSON it does not compare the password with the address."""

    def signup(self, request: HttpRequest, user: User) -> None:
        """Add nothing: allauth wants the method."""

    def clean(self) -> dict[str, Any]:
        """Check the password in the light of the address."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("password") and cleaned.get("email"):
            try:
                get_adapter().clean_password(cleaned["password"], user=User(email=cleaned["email"]))
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned
