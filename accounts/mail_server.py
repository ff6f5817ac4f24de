"""The one way to the mail server. One that says nothing is left alone for a while, and takes no request's time."""

from smtplib import SMTPException, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from accounts import deadline
from accounts.breaker import Breaker

# As long as a request waits for it; who waits outside of one has EMAIL_TIMEOUT.
SECONDS = 2.0
BREAKER = Breaker("mail", failures=1, pause=30, longest=10)


def send(message: EmailMessage) -> None:
    """Hand a mail to the mail server.

    Raises OSError, as all that smtplib raises is, where it refuses, does not answer, or is left alone.
    """
    seconds = _seconds()
    if not BREAKER.admits():
        raise TimeoutError("the mail server is left alone, since it did not answer")
    message.connection = get_connection(timeout=seconds)
    try:
        message.send()
    except (TimeoutError, SMTPServerDisconnected) as error:
        # What had less than its time says nothing of the server: whoever sends a form slowly would close it for all.
        if _is_silence(error) and seconds >= SECONDS:
            BREAKER.failed()
        raise
    except SMTPException:
        BREAKER.answered()  # a refusal of this mail, which must not keep those behind it waiting
        raise
    BREAKER.answered()


def _is_silence(error: OSError) -> bool:
    """Tell whether somebody waited for nothing: smtplib tells of that, too, as of a server that hung up."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _seconds() -> float:
    left = deadline.left()
    if left is None:
        return float(settings.EMAIL_TIMEOUT)
    if left <= 0:
        raise TimeoutError("the time of this request is over")
    return min(SECONDS, left)
