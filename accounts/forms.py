"""django-allauth's forms in our words. What they check and do stays allauth's."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.utils.functional import lazy
from django.utils.translation import gettext, gettext_lazy as _

from accounts.models import User

_ENTER_EMAIL = _("Enter your e-mail address")
_WRITE_EMAIL = _("Write the e-mail address like name@example.org")
_ENTER_PASSWORD = _("Enter your password")
_CHOOSE_PASSWORD = _("Choose a password")


def _password_hint() -> str:
    for validator in get_default_password_validators():
        if isinstance(validator, MinimumLengthValidator):
            return gettext("At least %d characters.") % validator.min_length
    return ""


password_hint = lazy(_password_hint, str)


def _speak(field: forms.Field, label: str, missing: str, hint: str = "") -> None:
    """Give a field our words: its label, what is said when it is empty, and its hint. No placeholder."""
    field.label = label
    field.help_text = hint
    field.error_messages["required"] = missing
    field.widget.attrs.pop("placeholder", None)
    if isinstance(field, forms.EmailField):
        field.error_messages["invalid"] = _WRITE_EMAIL


class LoginForm(allauth.LoginForm):
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(self.fields["login"], _("E-mail"), _ENTER_EMAIL)
        _speak(self.fields["password"], _("Password"), _ENTER_PASSWORD)
        self.fields["login"].widget.attrs["autocomplete"] = "username"

    @property
    def error_title(self) -> str:
        """Return the heading of the error summary where the two do not fit each other, else an empty string."""
        mismatch = self.has_error(forms.forms.NON_FIELD_ERRORS, "email_password_mismatch")
        return gettext("That did not match") if mismatch else ""


class SignupForm(allauth.SignupForm):
    """E-mail and a password: all that an account needs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(
            self.fields["email"],
            _("E-mail"),
            _ENTER_EMAIL,
            _("We send the confirmations of your orders there."),
        )
        _speak(self.fields["password1"], _("Password"), _CHOOSE_PASSWORD, password_hint())


class AddEmailForm(allauth.AddEmailForm):
    """One more e-mail address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(
            self.fields["email"],
            _("Another e-mail"),
            _ENTER_EMAIL,
            _("We write to it, to see that it is yours."),
        )


class ResetPasswordForm(allauth.ResetPasswordForm):
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(self.fields["email"], _("E-mail"), _ENTER_EMAIL)


class ResetPasswordKeyForm(allauth.ResetPasswordKeyForm):
    """A new password, by the link from a mail. Typed once: a slip costs one more mail."""

    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(self.fields["password1"], _("New password"), _CHOOSE_PASSWORD, password_hint())


class ChangePasswordForm(allauth.ChangePasswordForm):
    """The old password and a new one."""

    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(self.fields["oldpassword"], _("Your password now"), _("Enter the password that you have now"))
        _speak(self.fields["password1"], _("New password"), _CHOOSE_PASSWORD, password_hint())


class SetPasswordForm(allauth.SetPasswordForm):
    """A first password, for an account that has none."""

    password2 = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(self.fields["password1"], _("Password"), _CHOOSE_PASSWORD, password_hint())


class ReauthenticateForm(allauth.ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak(self.fields["password"], _("Password"), _ENTER_PASSWORD)


class NameForm(forms.ModelForm[User]):
    """What we call the customer."""

    class Meta:
        model = User
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
