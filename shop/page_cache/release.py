"""The release id: two releases that run side by side must not share cached pages."""

from functools import cache
from hashlib import sha256

import django
from django.conf import settings

_FOLDERS = ("accounts", "checkout", "config", "shop", "templates", "locale")
_SECRET = ("SECRET", "PASSWORD")
_KINDS = {".py", ".html", ".txt", ".mo"}


@cache
def digest() -> str:
    """Return a few letters that are others when code, templates, translations, static files or settings are."""
    seen = sha256(repr((django.VERSION, _settings())).encode())
    files = [
        file for name in _FOLDERS for file in (settings.BASE_DIR / name).rglob("*") if file.suffix in _KINDS
    ]
    for file in sorted(files):
        seen.update(file.relative_to(settings.BASE_DIR).as_posix().encode() + file.read_bytes())
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    seen.update(manifest.read_bytes() if manifest.exists() else b"")
    return seen.hexdigest()[:12]


def _settings() -> list[tuple[str, object]]:
    """Return what the environment says that pages may show. Secrets are no part of it, not even as a digest."""
    names = [name for name in dir(settings) if name.isupper() and not any(word in name for word in _SECRET)]
    values = [(name, getattr(settings, name)) for name in sorted(names)]
    plain = [(name, value) for name, value in values if isinstance(value, (str, int))]
    return [*plain, ("live", settings.STRIPE.livemode), ("policy", settings.CONTENT_SECURITY_POLICY)]
