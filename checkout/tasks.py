"""Work that is done after the answer, by django-tasks."""

from django.utils import timezone
from django_tasks import task

from checkout import mails, outbound


@task()
def send_mail(mail_id: int) -> None:
    """Send one queued mail."""
    mails.send(mail_id, now=timezone.now())


@task()
def deliver_event(delivery_id: int) -> None:
    """Try one delivery of an event to another program."""
    outbound.deliver(delivery_id, now=timezone.now())
