"""Webhook endpoints: their secrets, and switching off one that keeps failing."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.encryption import UnreadableSecretError, decrypt, encrypt, reencrypt
from checkout.models import WebhookEndpoint
from checkout.models.outbound import new_secret
from shop.errors import ShopError

# How long the secret before the last one signs too.
OVERLAP = timedelta(hours=24)
# After so long without one success an endpoint is switched off.
PATIENCE = timedelta(days=3)


class EndpointChangedError(ShopError):
    """Somebody else rotated the secret at the same time."""

    code = "endpoint_changed"

    def __init__(self) -> None:
        super().__init__(_("Somebody else changed this endpoint just now. Look again."))


def roll_secret(endpoint: WebhookEndpoint, *, now: datetime) -> str:
    """Give an endpoint a new secret and return it; the one it had signs beside it for 24 hours more.

    One that cannot be read any more signs nothing. Raises EndpointChangedError when somebody else did so since the
    endpoint was read.
    """
    secret = new_secret()
    until = now + OVERLAP if _is_readable(endpoint.secret) else None
    unchanged = WebhookEndpoint.objects.filter(pk=endpoint.pk, secret=endpoint.secret)
    if not unchanged.update(secret=encrypt(secret), old_secret=endpoint.secret, old_secret_until=until):
        raise EndpointChangedError
    return secret


def _is_readable(kept: str) -> bool:
    try:
        decrypt(kept)
    except UnreadableSecretError:
        return False
    return True


def reencrypt_secrets(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Bring an endpoint's secrets under the present key.

    An old secret that signs nothing any more goes. Raises UnreadableSecretError, or EndpointChangedError.
    """
    old = reencrypt(endpoint.old_secret) if endpoint.has_two_secrets(now) else ""
    unchanged = WebhookEndpoint.objects.filter(pk=endpoint.pk, secret=endpoint.secret)
    if not unchanged.update(secret=reencrypt(endpoint.secret), old_secret=old):
        raise EndpointChangedError


def note_success(endpoint: WebhookEndpoint) -> None:
    """Note that an endpoint took an event."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since__isnull=False).update(failing_since=None)


def note_failure(endpoint: WebhookEndpoint, *, is_gone: bool, now: datetime) -> bool:
    """Note that an endpoint did not take an event, in the caller's transaction; tell whether that switched it off.

    One that says it is gone is switched off at once, and one without a success for PATIENCE too. Staff must be told.
    """
    WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
    if is_gone:
        return _switch_off(endpoint, WebhookEndpoint.Why.GONE)
    if WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since__lte=now - PATIENCE).exists():
        return _switch_off(endpoint, WebhookEndpoint.Why.SILENT)
    return False


def _switch_off(endpoint: WebhookEndpoint, why: WebhookEndpoint.Why) -> bool:
    active = WebhookEndpoint.objects.filter(pk=endpoint.pk, is_active=True)
    return bool(active.update(is_active=False, disabled_because=why))
