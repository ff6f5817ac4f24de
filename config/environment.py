"""Reads typed settings from the environment, and refuses values that make no sense.

django-environ parses addresses (database, cache, e-mail) well, but takes an unknown word for a flag as false
and lets a bad number fail without its name. Both are settled here.
"""

import os
import re
from email.headerregistry import Address
from email.utils import getaddresses
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

_TRUE = {"1", "true", "on", "yes"}
_ADDRESS = re.compile(
    r"https?://([\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:]+\])(:\d{1,5})?(/[^/\s?#]+)*"  # host, port, path
)
_FALSE = {"0", "false", "off", "no"}


def read_dotenv(path: Path) -> None:
    """Take what `.env` sets, where the environment itself does not."""
    if path.exists():
        env.read_env(str(path))


def text(name: str, default: str) -> str:
    """Return a setting as text without surrounding space; one that is empty counts as not set.

    Not by django-environ, for which a value that begins with $ is the name of another variable: keys may begin so.
    """
    return os.environ.get(name, "").strip() or default


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated setting as a list; empty parts are left out."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no setting.

    Raises ImproperlyConfigured for any word that is neither.
    """
    word = text(name, "on" if default else "off").lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is “{word}”. Write on or off.")


def number(name: str, default: int, *, least: int = 1) -> int:
    """Return a whole number of at least `least`.

    Raises ImproperlyConfigured for anything else.
    """
    word = text(name, str(default))
    try:
        value = int(word)
    except ValueError:
        value = least - 1
    if value < least:
        raise ImproperlyConfigured(f"{name} is “{word}”. Write a whole number of {least} or more.")
    return value


def sender(name: str, display_name: str, address: str) -> str:
    """Return from whom mail is: a name, quoted where it has a comma or the like, and one address.

    Raises ImproperlyConfigured where the setting is not one mailbox (RFC 5322).
    """
    value = text(name, "")
    if not value:
        return str(Address(display_name, addr_spec=address))
    found = getaddresses([value])
    if len(found) != 1 or "@" not in found[0][1]:
        raise ImproperlyConfigured(
            f'{name} is not one address. Write it as in "Marsh, Reed & Co." <shop@example.org>.'
        )
    return value


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """Return one of the allowed words.

    Raises ImproperlyConfigured for any other.
    """
    word = text(name, default)
    if word not in allowed:
        raise ImproperlyConfigured(f"{name} is “{word}”. Write one of: {', '.join(allowed)}.")
    return word


def refuse_start(*, missing: list[str], short_keys: bool, any_host: bool, store_url: str) -> None:
    """Raise ImproperlyConfigured that says all that keeps the shop from starting safely, not one thing a start."""
    problems = {
        f"Missing settings: {', '.join(missing)}. What each one means: .env.example.": bool(missing),
        "SECRET_KEY or a former one is too short to be safe. Use 50 random characters.": short_keys,
        "ALLOWED_HOSTS is “*”, which lets anybody name the host. Write the shop's own.": any_host,
        f"STORE_URL is “{store_url}”. Write the address of the shop, as in https://example.org/shop.": not _ADDRESS.fullmatch(
            store_url
        ),
    }
    if any(problems.values()):
        raise ImproperlyConfigured(" ".join(sentence for sentence, is_so in problems.items() if is_so))


def origins(name: str) -> list[str]:
    """Return a comma-separated list of origins, as in https://shop.example.org.

    Raises ImproperlyConfigured for what is none.
    """
    found = words(name)
    for origin in found:
        if not re.fullmatch(r"https?://[^/\s?#]+", origin):
            raise ImproperlyConfigured(
                f"{name} has “{origin}”. Write an origin, as in https://shop.example.org."
            )
    return found
