"""The tokens of apps that log in at `/_allauth/app/v1/`: a kind of their own, of no use as a browser's cookie.

We keep a digest of each, beside the session that it opens; a token itself is in no table.
"""

import hashlib
import secrets

from allauth.headless.internal.sessionkit import lookup_session
from allauth.headless.tokens.strategies.base import AbstractTokenStrategy
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from accounts.models import SessionToken


class TokenStrategy(AbstractTokenStrategy):
    """Gives an app a token for its session, and another one when the session's key changes, as at log-in."""

    def create_session_token(self, request: HttpRequest) -> str:
        """Return the token that the app has, if it still opens this session; else a new one in its place."""
        if not request.session.session_key:
            request.session.save()
        key = str(request.session.session_key)
        sent: str | None = self.get_session_token(request)
        if sent and SessionToken.objects.filter(digest=_digest(sent), session_id=key).exists():
            return sent
        made: dict[str, str] = request.META.setdefault("accounts.token_made", {})
        if key in made:  # asked for twice, for one answer
            return made[key]
        token = made[key] = secrets.token_urlsafe(32)
        SessionToken.objects.update_or_create(session_id=key, defaults={"digest": _digest(token)})
        return token

    def lookup_session(self, session_token: str) -> SessionBase | None:
        """Return the session that a token opens; None where it is of none, or of none any more."""
        known = SessionToken.objects.filter(digest=_digest(session_token)).first()
        session: SessionBase | None = lookup_session(known.session_id) if known else None
        return session


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
