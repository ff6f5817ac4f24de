"""Mails about an order: queued once per fact in the transaction of the fact, sent after its commit."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django_tasks import task

from accounts import mail_server
from accounts.models import User
from checkout.messages import mail_text, order_text
from checkout.models import Mail, Order, OrderLine
from shop.errors import ShopError
from shop.i18n.links import absolute
from shop.i18n.stored_text import translate_value
from shop.money import written

logger = logging.getLogger(__name__)

# Longer than any mail server may take, so that nobody else sends what is being sent.
CLAIM = timedelta(minutes=5)
TO_STAFF = (Mail.Kind.ATTENTION, Mail.Kind.WEBHOOK)


def queue(order: Order, kind: Mail.Kind, *, now: datetime, about: str = "") -> None:
    """Queue a mail in the caller's transaction. A second call for the same fact does nothing.

    `about` tells facts of one kind apart: the id of a refund, say.
    """
    facts = {"order": order, "kind": kind, "about": about[:255]}
    mail, is_new = Mail.objects.get_or_create(**facts, defaults={"queued_at": now})
    if not is_new:
        return
    if settings.TASKS_RUN == "database":
        send_mail.enqueue(mail.pk)
    else:
        # Inline, the task runs where it is enqueued: it must not speak to a mail server inside the transaction.
        transaction.on_commit(partial(send_mail.enqueue, mail.pk))


@task()
def send_mail(mail_id: int) -> None:
    """Send one queued mail."""
    send(mail_id, now=timezone.now())


def waiting(*, now: datetime) -> QuerySet[Mail]:
    """Return the mails that were queued and not sent, and that nobody is sending."""
    free = Q(sending_at=None) | Q(sending_at__lt=now - CLAIM)
    return Mail.objects.filter(free, sent_at=None, is_dropped=False)


class MailServerError(ShopError):
    """The mail server did not take a mail, which waits for the next sweep."""

    code = "mail_not_taken"


def send(mail_id: int, *, now: datetime) -> None:
    """Send a queued mail and mark it sent; one that is sent, dropped or being sent is left alone.

    Raises MailServerError where the mail server refuses or does not answer.
    """
    if not waiting(now=now).filter(pk=mail_id).update(sending_at=now):
        return
    mail = Mail.objects.select_related("order").get(pk=mail_id)
    try:
        message = _message(mail)
        if message is not None:
            mail_server.send(message)
    except Exception as error:
        Mail.objects.filter(pk=mail_id).update(sending_at=None)
        logger.warning("Mail %s about order %s could not be sent", mail.kind, mail.order.number)
        if isinstance(error, OSError):  # as all that smtplib raises
            raise MailServerError(str(error)) from error
        raise
    if message is None:
        Mail.objects.filter(pk=mail_id).update(is_dropped=True)
    else:
        Mail.objects.filter(pk=mail_id).update(sent_at=now)


def _message(mail: Mail) -> EmailMultiAlternatives | None:
    """Return a mail in the language of its reader, or None when what it would say is no longer true."""
    with translation.override(settings.LANGUAGE_CODE if mail.kind in TO_STAFF else mail.order.language):
        sentence = mail_text.sentence(mail)
        return _written(mail, sentence) if sentence else None


def _written(mail: Mail, sentence: order_text.Sentence) -> EmailMultiAlternatives:
    context = _context(mail.order, sentence, with_files=mail.kind == Mail.Kind.PAID)
    if mail.kind == Mail.Kind.PAID:
        context["invoice_url"] = absolute(mail.order.get_keyed_invoice_url())
    if mail.kind in TO_STAFF:
        context["url"] = absolute(_staff_page(mail))
        to = list(User.objects.filter(is_staff=True, is_active=True).values_list("email", flat=True))
        return EmailMultiAlternatives(_subject(context), render_to_string("mail/staff.txt", context), to=to)
    body = render_to_string("mail/order.txt", context)
    message = EmailMultiAlternatives(_subject(context), body, to=[mail.order.email])
    message.attach_alternative(render_to_string("mail/order.html", context), "text/html")
    return message


def _staff_page(mail: Mail) -> str:
    if mail.kind == Mail.Kind.WEBHOOK:
        return reverse("admin:checkout_webhookendpoint_change", args=[mail.about.partition(" ")[0]])
    return reverse("admin:checkout_order_change", args=[mail.order.pk])


def _subject(context: dict[str, Any]) -> str:
    return render_to_string("mail/subject.txt", context).strip()


def _context(order: Order, sentence: order_text.Sentence, *, with_files: bool) -> dict[str, Any]:
    rows = OrderLine.objects.select_related("variant") if with_files else OrderLine.objects.all()
    prefetch_related_objects([order], Prefetch("lines", rows))
    lines = list(order.lines.all())
    return {
        "order": order,
        "slip_url": order_text.slip_url(order),
        "lines": [
            (
                line.title,
                f"{translate_value(line.edition)} × {line.quantity}",
                written(line.total, order.currency),
            )
            for line in lines
        ],
        "needs_delivery": any(not line.is_digital for line in lines),
        "taxes": [
            (order_text.tax_line(order, part), written(part.tax, order.currency)) for part in order.taxes
        ],
        "address": order_text.address_line(order),
        "heading": sentence.heading,
        "text": sentence.text,
        "url": absolute(order.get_keyed_url()),
        "store_name": settings.STORE_NAME,
        "files": [
            (line.file_name, absolute(line.get_keyed_file_url()))
            for line in lines
            if with_files and line.file
        ],
    }
