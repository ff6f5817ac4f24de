"""What was bought as a file: which files of an order may be downloaded, and how often."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import PurePath

from django.conf import settings
from django.db.models import F, prefetch_related_objects
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.models import Order, OrderLine
from shop.errors import ShopError

logger = logging.getLogger(__name__)

# So long after its beginning, a download that broke off may be continued without counting once more.
CONTINUED_WITHIN = timedelta(days=1)


class NotPaidError(ShopError):
    """The order's money is not here (yet), so nothing of it can be downloaded."""

    code = "not_paid"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(_("This order is not paid, so its e-books cannot be downloaded yet."))


class GoneError(ShopError):
    """All that was paid for it went back, or is on its way back."""

    code = "gone"
    status = HTTPStatus.GONE

    def __init__(self) -> None:
        super().__init__(_("The money for this went back to you, so it can no longer be downloaded."))


class UnknownFileError(ShopError):
    """This line of the order has no file."""

    code = "unknown_file"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("This order has no such file."))


class DownloadLimitError(ShopError):
    """It was downloaded as often as DOWNLOAD_LIMIT says."""

    code = "download_limit"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        most = settings.DOWNLOAD_LIMIT
        text = ngettext(
            "This e-book was downloaded once, as often as it may be. Answer the mail about your order and a person helps.",
            "This e-book was downloaded %d times, as often as it may be. Answer the mail about your order and a person helps.",
            most,
        )
        super().__init__(text % most if "%d" in text else text)


@dataclass(frozen=True)
class Download:
    """A file of an order: the line that it was bought with, its name for the customer, its size in bytes."""

    line: OrderLine
    file: FieldFile
    name: str
    size: int

    @property
    def kind(self) -> str:
        """Return what kind of file it is, in letters: EPUB."""
        return PurePath(self.name).suffix.removeprefix(".").upper()


def all_of(order: Order) -> list[Download]:
    """Return the files of an order that may be downloaded, in the order of its lines.

    Raises NotPaidError, and GoneError where all of them are gone.
    """
    lines = _lines(order)
    _check_order(order)
    kept = [line for line in lines if not _went_back(line)]
    if lines and not kept:
        raise GoneError
    return [found for line in kept if (found := _stored(line))]


def offered(order: Order) -> list[Download]:
    """Return the files to show on an order's page: none where nothing may be downloaded."""
    if not any(line.is_digital for line in order.lines.all()):
        return []
    try:
        return all_of(order)
    except ShopError:
        return []


def find(order: Order, line_id: int) -> Download:
    """Return one file of an order. Raises UnknownFileError, NotPaidError, GoneError."""
    line = next((line for line in _lines(order) if line.pk == line_id), None)
    if line is None:
        raise UnknownFileError
    _check_order(order)
    if _went_back(line):
        raise GoneError
    found = _stored(line)
    if found is None:
        raise UnknownFileError
    return found


def check(line: OrderLine) -> None:
    """Refuse what was downloaded as often as it may be, and count nothing. Raises DownloadLimitError."""
    if line.downloads >= settings.DOWNLOAD_LIMIT:
        raise DownloadLimitError


def count(line: OrderLine, *, now: datetime) -> None:
    """Count a download that begins. Raises DownloadLimitError. However many begin at once, no more get through."""
    rows = OrderLine.objects.filter(pk=line.pk, downloads__lt=settings.DOWNLOAD_LIMIT)
    if not rows.update(downloads=F("downloads") + 1, downloaded_at=now):
        raise DownloadLimitError


def go_on(line: OrderLine, *, now: datetime) -> None:
    """Let a download that broke off continue: it counts only where none began lately. Raises DownloadLimitError."""
    if line.downloaded_at is None or now - line.downloaded_at > CONTINUED_WITHIN:
        count(line, now=now)


def renew(order: Order) -> None:
    """Let all files of an order be downloaded as often as at first."""
    order.lines.update(downloads=0)


def _lines(order: Order) -> list[OrderLine]:
    """Return the lines that have a file, with their variants, in a fixed number of statements."""
    prefetch_related_objects([order], "lines__variant", "lines__refund_lines__refund", "payments", "refunds")
    return [line for line in order.lines.all() if line.file]


def _check_order(order: Order) -> None:
    received = sum(payment.amount_received for payment in order.payments.all())
    # Also what Stripe has not answered yet: its money may be gone. A refund that fails gives the files back.
    if 0 < received <= sum(refund.amount for refund in order.refunds.all() if refund.counts):
        raise GoneError
    if not order.is_paid:
        raise NotPaidError


def _went_back(line: OrderLine) -> bool:
    back = sum(row.quantity for row in line.refund_lines.all() if row.refund.counts)
    return back >= line.quantity


def _stored(line: OrderLine) -> Download | None:
    file = line.file
    if file is None:
        return None
    try:
        return Download(line, file, line.file_name, file.size)
    except FileNotFoundError:
        logger.error("%s, the file of %s, is not in PRIVATE_ROOT", file.name, line.sku)  # noqa: TRY400
        return None
