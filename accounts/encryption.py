"""Secrets that the shop must read again, as the database keeps them: encrypted under a key made from SECRET_KEY.

So whoever reads the database alone, or a copy of it, has none of them. What was encrypted under a former key is read as
long as SECRET_KEY_FALLBACKS names that key; `manage.py reencrypt` brings all under the present one.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class UnreadableSecretError(Exception):
    """No key that the settings name opens a secret."""

    def __init__(self) -> None:
        super().__init__("SECRET_KEY was changed, and SECRET_KEY_FALLBACKS does not name the former one")


def encrypt(secret: str) -> str:
    """Return a secret as it may be kept; another text each time."""
    return _present().encrypt(secret.encode()).decode()


def decrypt(kept: str) -> str:
    """Return a secret as it was. Raises UnreadableSecretError."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    try:
        return MultiFernet([_fernet(key) for key in keys]).decrypt(kept.encode()).decode()
    except InvalidToken:
        raise UnreadableSecretError from None


def reencrypt(kept: str) -> str:
    """Return what is kept encrypted under the present key; as it is where it is so already.

    Raises UnreadableSecretError.
    """
    try:
        _present().decrypt(kept.encode())
    except InvalidToken:
        return encrypt(decrypt(kept))
    return kept


def _present() -> Fernet:
    return _fernet(settings.SECRET_KEY)


@lru_cache(maxsize=8)
def _fernet(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=b"folio: secrets in the database")
    return Fernet(urlsafe_b64encode(key.derive(secret_key.encode())))
