"""Mails about an account: kept until they are sent, so that whoever asked for one never waits for the mail server.

They carry links that open an account, so what waits is kept encrypted, and no longer than such a link is good for.
"""

import json
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import task

from accounts import encryption, mail_server
from accounts.encryption import UnreadableSecretError, decrypt, encrypt
from accounts.models import AccountMail

logger = logging.getLogger(__name__)

# Longer than any mail server may take, so that nobody else sends what is being sent.
CLAIM = timedelta(minutes=5)
# As long as the links in them, if not longer.
KEPT = timedelta(days=3)


def queue(message: EmailMultiAlternatives, *, now: datetime) -> None:
    """Keep a mail and have it sent: by a worker, or now, where now is after the transaction. It never raises for a mail server."""
    mail = AccountMail.objects.create(sealed=_seal(message), queued_at=now)
    if settings.TASKS_RUN == "database":
        send_mail.enqueue(mail.pk)
    else:
        transaction.on_commit(partial(_try, mail.pk, now))


def _try(mail_id: int, now: datetime) -> None:
    try:
        send(mail_id, now=now)
    except Exception as error:  # noqa: BLE001 - what was asked for is done, and the mail waits
        logger.warning("A mail about an account waits: %s", type(error).__name__)


@task()
def send_mail(mail_id: int) -> None:
    """Send one mail."""
    send(mail_id, now=timezone.now())


def waiting(*, now: datetime) -> QuerySet[AccountMail]:
    """Return the mails that nobody is sending."""
    return AccountMail.objects.filter(Q(sending_at=None) | Q(sending_at__lt=now - CLAIM))


def send(mail_id: int, *, now: datetime) -> None:
    """Send a mail and forget it; one that is sent, or being sent, is left alone. Raises OSError as `mail_server.send` does."""
    if not waiting(now=now).filter(pk=mail_id).update(sending_at=now):
        return
    mail = AccountMail.objects.get(pk=mail_id)
    try:
        if message := _opened(mail, now=now):
            mail_server.send(message)
    except BaseException:
        AccountMail.objects.filter(pk=mail_id).update(sending_at=None)
        raise
    mail.delete()


def _opened(mail: AccountMail, *, now: datetime) -> EmailMultiAlternatives | None:
    """Return what was kept, or None for what is too old, or was kept under another SECRET_KEY."""
    if mail.queued_at < now - KEPT:
        return None
    try:
        facts: dict[str, Any] = json.loads(decrypt(mail.sealed))
    except UnreadableSecretError as error:
        logger.error("A mail about an account is dropped: %s", error)  # noqa: TRY400 - no fault of the code
        return None
    html = facts.pop("html")
    message = EmailMultiAlternatives(**facts)
    if html:
        message.attach_alternative(html, "text/html")
    return message


def reencrypt(mail: AccountMail) -> None:
    """Bring a mail that waits under the present key. Raises UnreadableSecretError."""
    waiting_still = AccountMail.objects.filter(pk=mail.pk, sealed=mail.sealed)
    waiting_still.update(sealed=encryption.reencrypt(mail.sealed))


def _seal(message: EmailMultiAlternatives) -> str:
    facts = {
        "subject": message.subject,
        "body": message.body,
        "from_email": message.from_email,
        "to": message.to,
    }
    html = "".join(str(part[0]) for part in message.alternatives)
    return encrypt(json.dumps({**facts, "html": html}))
