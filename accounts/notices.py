"""Where messages for the next page wait: in a signed cookie, or in the session where it would grow too large."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NoticeCookie(CookieStorage):
    """Django's cookie of messages, under the name that the settings give it."""

    @property
    def cookie_name(self) -> str:  # type: ignore[override]  # Django's is a constant
        """Return the cookie's name."""
        return str(settings.MESSAGES_COOKIE_NAME)


class NoticeStorage(FallbackStorage):
    """Cookie first, then session, as by Django's default."""

    storage_classes = (NoticeCookie, SessionStorage)
