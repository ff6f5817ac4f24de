"""The Stripe settings as one value, validated before anything starts.

A shop with half a configuration takes no money or, worse, takes it in the wrong mode, so nothing here is a warning.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

STRIPE_API_BASE = "https://api.stripe.com"
STRIPE_JS_URL = "https://js.stripe.com/endive/stripe.js"

_SECRET_PREFIXES = {"sk_test_": False, "rk_test_": False, "sk_live_": True, "rk_live_": True}
_PUBLISHABLE_PREFIXES = {"pk_test_": False, "pk_live_": True}


@dataclass(frozen=True)
class StripeSettings:
    """Where Stripe is and how we speak to it. `livemode` follows from the keys."""

    secret_key: str
    publishable_key: str
    api_base: str
    js_url: str
    livemode: bool

    @property
    def js_origin(self) -> str:
        """Return scheme and host of the script, for the content policy."""
        parts = urlsplit(self.js_url)
        return f"{parts.scheme}://{parts.netloc}"


def check(
    *, secret_key: str, publishable_key: str, api_base: str, js_url: str, debug: bool, rate_limits: bool
) -> StripeSettings:
    """Return the settings when they fit together.

    Raises ImproperlyConfigured, naming the setting, when they do not.
    """
    livemode = _mode("STRIPE_SECRET_KEY", secret_key, _SECRET_PREFIXES)
    if _mode("STRIPE_PUBLISHABLE_KEY", publishable_key, _PUBLISHABLE_PREFIXES) != livemode:
        raise ImproperlyConfigured(
            "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of different modes. Use two test or two live keys."
        )
    if livemode:
        _check_live(api_base=api_base, js_url=js_url, debug=debug, rate_limits=rate_limits)
    return StripeSettings(secret_key, publishable_key, api_base.rstrip("/"), js_url, livemode)


def _mode(name: str, key: str, prefixes: dict[str, bool]) -> bool:
    for prefix, live in prefixes.items():
        if key.startswith(prefix) and len(key) > len(prefix):
            return live
    raise ImproperlyConfigured(f"{name} must begin with one of: {', '.join(prefixes)}.")


def _check_live(*, api_base: str, js_url: str, debug: bool, rate_limits: bool) -> None:
    if api_base.rstrip("/") != STRIPE_API_BASE:
        raise ImproperlyConfigured(f"STRIPE_API_BASE must be {STRIPE_API_BASE} with live keys.")
    if not js_url.startswith("https://js.stripe.com/"):
        raise ImproperlyConfigured("STRIPE_JS_URL must be Stripe's own script with live keys.")
    if debug:
        raise ImproperlyConfigured("DEBUG must be off with live keys.")
    if not rate_limits:
        raise ImproperlyConfigured("RATE_LIMITS must be on with live keys.")
