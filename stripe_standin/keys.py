"""Who is asking: secret keys on a server, publishable keys in a browser. Live keys are always refused."""

import base64
import binascii
import re
from dataclasses import dataclass

from stripe_standin.errors import Refusal

_KEY = re.compile(r"^(sk|rk|pk)_(test|live)_[A-Za-z0-9_]{1,255}$")


@dataclass(frozen=True, slots=True)
class Caller:
    """A key's kind (`secret` or `publishable`) and the key itself."""

    kind: str
    key: str

    @property
    def is_browser(self) -> bool:
        """Whether the key is one that anybody can read."""
        return self.kind == "publishable"


SYSTEM = Caller("secret", "")


def unauthorized(message: str, code: str | None = None) -> Refusal:
    """Return Stripe's 401."""
    return Refusal(401, "invalid_request_error", message, stored=False, code=code)


def shown(key: str) -> str:
    """Return a key as an error message may show it: the beginning and the last four characters."""
    return f"{key[:8]}{'*' * max(4, len(key) - 12)}{key[-4:]}" if len(key) > 16 else f"{key[:4]}****"


def given(authorization: str | None) -> str | None:
    """Return the key of a Bearer or Basic `Authorization` header, None if there is none."""
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def identify(key: str | None) -> Caller:
    """Return who a key stands for. Raises `Refusal` 401 for no key, a strange one and every live one."""
    if not key:
        message = (
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
        raise unauthorized(message)
    found = _KEY.match(key)
    if not found:
        raise unauthorized(f"Invalid API Key provided: {shown(key)}")
    if found[2] == "live":
        message = (
            f"This is a test stand-in, not Stripe: it refuses live keys ({shown(key)}). Nothing was done."
        )
        raise unauthorized(message)
    return Caller("publishable" if found[1] == "pk" else "secret", key)


def require_secret(caller: Caller) -> None:
    """Raise `Refusal` 401 when a browser's key asks for what only a server may do."""
    if caller.is_browser:
        message = (
            "This API call cannot be made with a publishable API key. Please use a secret API key instead."
        )
        raise unauthorized(message, "secret_key_required")
