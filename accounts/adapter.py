"""django-allauth's adapter: its messages in the shop's words."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.httpkit import clean_client_ip
from allauth.headless.adapter import DefaultHeadlessAdapter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User, check_email
from accounts.redirects import is_own_page

# Of a request through a Unix socket, with no proxy that says whose it is.
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104

WAYS = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


def limit_staff_session(request: HttpRequest, user: User) -> None:
    """Let the session of a member of staff end after STAFF_SESSION_AGE."""
    if user.is_staff:
        request.session.set_expiry(timezone.now() + timedelta(seconds=settings.STAFF_SESSION_AGE))


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
        shop = {"store_name": settings.STORE_NAME, "store_url": urljoin(settings.STORE_URL, "/").rstrip("/")}
        super().send_mail(template_prefix, email, {**shop, **context})

    def login(self, request: HttpRequest, user: User) -> None:
        """Log in. The session of staff ends after STAFF_SESSION_AGE, whatever they do."""
        super().login(request, user)
        limit_staff_session(request, user)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return how somebody may prove once more who they are, in our words."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**way, "description": WAYS.get(way["id"], way["description"])} for way in ways]

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks. Behind proxies of ours, config/proxies.py has put the customer's address there."""
        address: str | None = clean_client_ip(request.META.get("REMOTE_ADDR", ""))
        return address or UNKNOWN_ADDRESS


class HeadlessAdapter(DefaultHeadlessAdapter):
    """Where the links in allauth's mails lead, whoever asked for the mail: page or app."""

    def get_frontend_url(self, urlname: str, **kwargs: str) -> str:
        """Return an address at the shop's own name, whatever name the request was sent to."""
        if urlname == "account_reset_password_from_key":
            user, _dash, secret = kwargs["key"].partition("-")
            kwargs = {"uidb36": user, "key": secret}
        return urljoin(settings.STORE_URL, reverse(urlname, kwargs=kwargs))
