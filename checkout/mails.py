"""Mails about an order: queued exactly once per fact, in the transaction of the fact."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

from checkout import words
from checkout.models import Mail, Order


def queue(order: Order, kind: Mail.Kind, *, now: datetime, about: str = "") -> None:
    """Queue a mail in the caller's transaction. A second call for the same fact does nothing.

    `about` tells facts of one kind apart: the id of a refund, say.
    """
    from checkout.tasks import send_mail

    mail, is_new = Mail.objects.get_or_create(order=order, kind=kind, about=about, defaults={"queued_at": now})
    if not is_new:
        return
    if settings.TASKS_RUN == "database":
        send_mail.enqueue(mail.pk)
    else:
        # Inline, the task runs where it is enqueued: it must not speak to a mail server inside the transaction.
        transaction.on_commit(partial(send_mail.enqueue, mail.pk))


def send(mail: Mail, *, now: datetime) -> None:
    """Send a queued mail and mark it sent; one that is marked is not sent again.

    Raises what the mail backend raises; the mail then stays queued.
    """
    if mail.sent_at:
        return
    order = mail.order
    context = _context(order)
    message = EmailMultiAlternatives(
        subject=render_to_string(f"mail/{mail.kind}-subject.txt", context).strip(),
        body=render_to_string(f"mail/{mail.kind}.txt", context),
        to=[order.email],
    )
    message.attach_alternative(render_to_string(f"mail/{mail.kind}.html", context), "text/html")
    message.send()
    Mail.objects.filter(pk=mail.pk, sent_at=None).update(sent_at=now)


def _context(order: Order) -> dict[str, Any]:
    lines = list(order.lines.all())
    sentence = words.paid_mail(order)
    return {
        "order": order,
        "lines": lines,
        "needs_delivery": any(not line.is_digital for line in lines),
        "address": words.address_line(order),
        "heading": sentence.heading,
        "text": sentence.text,
        "url": f"{settings.STORE_URL}{order.get_absolute_url()}",
        "store_name": settings.STORE_NAME,
    }
