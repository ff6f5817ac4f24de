"""django-allauth's adapter: its messages in the shop's words."""

import logging
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.core.internal.httpkit import is_headless_request
from allauth.headless.adapter import DefaultHeadlessAdapter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import devices, email_change, mails, sessions
from accounts.client_network import client_network
from accounts.models import User, check_email, mailbox, normal_email
from accounts.redirects import is_own_page

logger = logging.getLogger(__name__)

# Where another address may be added: the page, and the same in JSON.
ADDING_ADDRESSES = {"account_email", "manage_email"}

# Mails that anybody can have sent to anybody. The others tell an owner what was done to an account, and always leave.
ASKED_BY_ANYBODY = {
    f"account/email/{name}"
    for name in (
        "account_already_exists",
        "email_confirmation",
        "email_confirmation_signup",
        "password_reset_key",
        "unknown_account",
    )
}

WAYS = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


def _hashed(email: str) -> str:
    """Return what a log calls an account: always the same, and nobody's address."""
    return salted_hmac("accounts.failed", normal_email(email), algorithm="sha256").hexdigest()[:12]


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
        asked = self.request.resolver_match
        if asked and asked.url_name in ADDING_ADDRESSES and not email_change.is_proven(self.request.user):
            raise self.validation_error("unverified_primary_email")
        return email

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Take an address as proven, and drop what was added to the account before its first one was."""
        user = email_address.user
        is_first = not email_change.has_proof(user)
        with transaction.atomic():
            confirmed: bool = super().confirm_email(request, email_address)
            if confirmed and is_first:
                email_change.drop_unproven(user, keep=email_address.email)
            if confirmed:
                email_change.take_as_proven(user, email_address.email)
        return confirmed

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Send the link to the account's own address, or to another one that was proven; else say nothing is there."""
        mine = EmailAddress.objects.filter(user=user, email=email, verified=True)
        if email == user.email or mine.exists():
            super().send_password_reset_mail(user, email, context)
        else:
            send_unknown_account_mail(self.request, email)

    def set_password(self, user: User, password: str) -> None:
        """Store a password. Who is not logged in came by a link that we mailed, so the address is proven."""
        super().set_password(user, password)
        if not self.request.user.is_authenticated:
            email_change.prove_by_reset(user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a mail whose subject, too, can name the shop: allauth renders subjects without the request.

        One that anybody may have asked for is left out where the mailbox got too many: whoever asked is told the same.
        """
        if template_prefix in ASKED_BY_ANYBODY and not self._may_be_sent(email):
            logger.warning("A mail is left out, as its mailbox got too many: account %s", _hashed(email))
            return
        facts = {
            "request": self.request,
            "email": email,
            "current_site": get_current_site(self.request),
            "store_name": settings.STORE_NAME,
            "store_url": urljoin(settings.STORE_URL, "/").rstrip("/"),
            **context,
        }
        mails.queue(self.render_mail(template_prefix, email, facts), now=timezone.now())

    def _may_be_sent(self, email: str) -> bool:
        usage = ratelimit.consume(
            self.request, app="allauth.account", action="mail_to_mailbox", key=mailbox(email)
        )
        return usage is not None

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell of a change by mail. After that of the main address, only this session stays."""
        super().send_notification_mail(template_prefix, user, context, email)
        if template_prefix == "account/email/email_changed":
            sessions.keep_only(self.request, User.objects.get(pk=user.pk))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a try: in a browser that was logged in before by itself, elsewhere by account and address.

        Raises ValidationError after too many. What does not fail is taken back.
        """
        email = normal_email(credentials.get("email", ""))
        if device := devices.known_as(request, email):
            counters = [("login_failed_known", f"{device}:{email}")]
        else:
            pair = self._get_login_attempts_cache_key(request, **credentials)
            counters = [("login_failed", pair), ("login_failed_account", email)]
        used = []
        for action, key in counters:
            usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if usage is None:
                raise self.validation_error("too_many_login_attempts")
            used += usage.usage
        self._login_failed_rl_usage = ratelimit.RateLimitUsage(usage=used)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ARG002 - allauth's
        """Log a failed log-in, by a hash of the account."""
        logger.warning("A log-in failed: account %s", _hashed(credentials.get("email", "")))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # An account at one address: a stranger elsewhere does not lock its owner out.
        return f"{self.get_client_ip(request)}:{normal_email(credentials.get('email', ''))}"

    def post_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse:
        """Answer a log-in, and let this browser be known."""
        response: HttpResponse = super().post_login(request, user, **login)
        if not is_headless_request(request):
            devices.remember(request, response, user)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Log in. The session of staff ends after STAFF_SESSION_AGE, whatever they do."""
        super().login(request, user)
        logger.info("A log-in: account %s", _hashed(user.email))
        limit_staff_session(request, user)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return how somebody may prove once more who they are, in our words."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**way, "description": WAYS.get(way["id"], way["description"])} for way in ways]

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks."""
        return client_network(request)


class HeadlessAdapter(DefaultHeadlessAdapter):
    """Where the links in allauth's mails lead, whoever asked for the mail: page or app."""

    def get_frontend_url(self, urlname: str, **kwargs: str) -> str:
        """Return an address at the shop's own name, whatever name the request was sent to."""
        if urlname == "account_reset_password_from_key":
            user, _dash, secret = kwargs["key"].partition("-")
            kwargs = {"uidb36": user, "key": secret}
        return urljoin(settings.STORE_URL, reverse(urlname, kwargs=kwargs))
