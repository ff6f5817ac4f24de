"""Where an account is logged in: browsers and apps, each of which its owner can log out."""

from datetime import datetime
from typing import NamedTuple

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import SessionToken, User
from accounts.text import one_line

# Words of a User-Agent, the telling ones first: nearly all of them also say Mozilla, Safari and Chrome.
_PROGRAMS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
_LONGEST_PROGRAM = 60


class Place(NamedTuple):
    """A browser or an app in which somebody is logged in."""

    id: int
    program: str
    is_app: bool
    is_here: bool
    address: str
    since: datetime


def places(user: User, here: str | None) -> list[Place]:
    """Return where a user is logged in, this session first (`here` is its key), then the latest."""
    known: list[UserSession] = UserSession.objects.purge_and_list(user)
    keys = [session.session_key for session in known]
    apps = set(SessionToken.objects.filter(session__in=keys).values_list("session", flat=True))
    found = [
        Place(
            id=session.pk,
            program=program_of(session.user_agent),
            is_app=session.session_key in apps,
            is_here=session.session_key == here,
            address=session.ip,
            since=session.created_at,
        )
        for session in known
    ]
    return sorted(found, key=lambda place: (place.is_here, place.since), reverse=True)


def end(user: User, *, only: int | None = None, but: str | None = None) -> int:
    """Log a user out: at one place, or everywhere but in the session with the key `but`. Return at how many places."""
    chosen = UserSession.objects.filter(user=user)
    chosen = chosen.filter(pk=only) if only else chosen
    ended = [session for session in chosen if session.session_key != but]
    for session in ended:
        session.end()
    return len(ended)


def keep_only(request: HttpRequest, user: User) -> None:
    """Let a user stay logged in here, and nowhere else, after what sessions are bound to was changed."""
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    end(user, but=request.session.session_key)


def program_of(user_agent: str) -> str:
    """Return what a browser calls itself, in words for people; of an unknown program, what it says."""
    program = next((name for word, name in _PROGRAMS.items() if word in user_agent), "")
    system = next((name for word, name in _SYSTEMS.items() if word in user_agent), "")
    if program and system:
        return _("%(program)s on %(system)s") % {"program": program, "system": system}
    return program or system or one_line(user_agent)[:_LONGEST_PROGRAM] or _("An unknown program")
