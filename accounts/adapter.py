"""django-allauth's adapter: its messages in the shop's words."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import check_email
from accounts.redirects import is_own_page


class AccountAdapter(DefaultAccountAdapter):
    """allauth's adapter with our sentences for what may go wrong."""

    error_messages: ClassVar[dict[str, str | Promise]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed"),
        "cannot_remove_primary_email": _("Choose another main address first, then remove this one"),
        "duplicate_email": _("This address is already yours"),
        # One sentence for both, so that nobody learns who has an account.
        "email_password_mismatch": _("Check the e-mail address and the password"),
        "email_taken": _("There is already an account with this e-mail. Log in, or ask for a new password"),
        "enter_current_password": _("That is not the password that you have now"),
        "incorrect_password": _("Check the password"),
        "invalid_or_expired_key": _("This link is too old, or was used before"),
        "invalid_password_reset": _("This link is too old, or was used before"),
        "max_email_addresses": _("An account has at most %d addresses"),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again"),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then log in again"),
        "unverified_primary_email": _("Confirm this address first, by the link that we sent to it"),
    }

    def is_safe_url(self, url: str) -> bool:
        """Tell whether `next` may be followed: only to a page of this site."""
        return is_own_page(url or "")

    def clean_email(self, email: str) -> str:
        """Refuse an address that is too long, or that shows as another one: at every form, and in JSON."""
        check_email(email)
        return email

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail whose subject, too, can name the shop: allauth renders subjects without the request."""
        super().send_mail(template_prefix, email, {"store_name": settings.STORE_NAME, **context})
