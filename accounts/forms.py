"""django-allauth's forms in our words. What they check and do stays allauth's."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.adapter import limit_staff_session
from accounts.models import User
from accounts.text import OneLineField

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def _shortest_password() -> str:
    for validator in get_default_password_validators():
        if isinstance(validator, MinimumLengthValidator):
            return gettext("At least %d characters.") % validator.min_length
    return ""


class Words(NamedTuple):
    """What we say at a field: its label, the sentence when it is empty, and its hint."""

    label: "_StrOrPromise"
    missing: "_StrOrPromise"
    hint: "_StrOrPromise" = ""


_EMAIL = Words(_("E-mail"), _("Enter your e-mail address"))
_PASSWORD = Words(_("Password"), _("Enter your password"))
_SHORTEST = lazy(_shortest_password, str)()
_NEW_PASSWORD = Words(_("New password"), _("Choose a password"), _SHORTEST)


class InOurWords(forms.Form):
    """Gives each field its words, and takes the placeholder away: a label is enough."""

    words: ClassVar[dict[str, Words]]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever the form beside us takes
        for name, words in self.words.items():
            field = self.fields[name]
            field.label, field.error_messages["required"], field.help_text = words
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _("Write the e-mail address like name@example.org")


class LoginForm(InOurWords, allauth.LoginForm):
    """E-mail and password."""

    words = {"login": _EMAIL, "password": _PASSWORD}

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        """Log in, for as long as sessions last: those of staff not as long as others."""
        response: HttpResponse = super().login(request, redirect_url)
        limit_staff_session(request, self.user)
        return response

    @property
    def error_title(self) -> str:
        """Return the heading of the error summary where the two do not fit each other, else an empty string."""
        mismatch = self.has_error(NON_FIELD_ERRORS, "email_password_mismatch")
        return gettext("That did not match") if mismatch else ""


class SignupForm(InOurWords, allauth.SignupForm):
    """E-mail and a password: all that an account needs."""

    words = {
        "email": _EMAIL._replace(hint=_("We send the confirmations of your orders there.")),
        "password1": Words(_("Password"), _("Choose a password"), _SHORTEST),
    }


class AddEmailForm(InOurWords, allauth.AddEmailForm):
    """One more e-mail address."""

    words = {
        "email": Words(_("Another e-mail"), _EMAIL.missing, _("We write to it, to see that it is yours."))
    }


class ResetPasswordForm(InOurWords, allauth.ResetPasswordForm):
    """Where to send the link to a new password."""

    words = {"email": _EMAIL}


class ResetPasswordKeyForm(InOurWords, allauth.ResetPasswordKeyForm):
    """A new password, by the link from a mail. Typed once: a slip costs one more mail."""

    password2 = None
    words = {"password1": _NEW_PASSWORD}


class ChangePasswordForm(InOurWords, allauth.ChangePasswordForm):
    """The password now and a new one."""

    password2 = None
    words = {
        "oldpassword": Words(_("Your password now"), _("Enter the password that you have now")),
        "password1": _NEW_PASSWORD,
    }


class SetPasswordForm(InOurWords, allauth.SetPasswordForm):
    """A first password, for an account that has none."""

    password2 = None
    words = {"password1": _NEW_PASSWORD}


class ReauthenticateForm(InOurWords, allauth.ReauthenticateForm):
    """The password once more, before something that matters."""

    words = {"password": _PASSWORD}


class NameForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own is not generic
    """What we call the customer."""

    class Meta:
        model = User
        fields = ("name",)
        field_classes: ClassVar[dict[str, type]] = {"name": OneLineField}
        labels = {"name": _("Name")}
        help_texts = {"name": _("What we call you on this site.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
