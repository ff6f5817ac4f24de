"""Parts of a file by RFC 9110, section 14: what a request wants of it, and the answer that sends that.

Django's FileResponse knows no ranges. Of several ranges in one request none is sent alone: the whole file is, as the
RFC allows.
"""

import re
from datetime import datetime
from http import HTTPStatus
from typing import IO, NamedTuple

from django.http import FileResponse, HttpRequest
from django.utils.http import parse_http_date_safe

_ONE = re.compile(r"bytes[ \t]*=[ \t,]*(\d{0,18})-(\d{0,18})[ \t,]*", re.ASCII | re.IGNORECASE)


class Version(NamedTuple):
    """Which version of a file it is: its size in bytes and the second in which it was written."""

    size: int
    modified: datetime

    @property
    def etag(self) -> str:
        """Return a strong validator: the one that nginx makes, which may send the file in our place."""
        return f'"{int(self.modified.timestamp()):x}-{self.size:x}"'


class Part(NamedTuple):
    """The bytes from `start` up to `end`, without `end` itself."""

    start: int
    end: int


class UnsatisfiableError(Exception):
    """The range begins behind the end of the file."""


def wanted(request: HttpRequest, version: Version) -> Part | None:
    """Return the part that a GET request wants, None for the whole file. Raises UnsatisfiableError."""
    found = _ONE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or not found or not any(found.groups()) or not _is_same(request, version):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(version.size - int(last), 0), version.size
    else:
        start = int(first)
        end = min(int(last) + 1, version.size) if last else version.size
        if last and int(last) < start:
            return None
    if start >= version.size or start >= end:
        raise UnsatisfiableError
    return Part(start, end)


def _is_same(request: HttpRequest, version: Version) -> bool:
    """Tell whether the file is what the client has the beginning of, where it says what that is."""
    known = request.headers.get("If-Range")
    return known in (None, version.etag) or parse_http_date_safe(known or "") == int(
        version.modified.timestamp()
    )


class _Slice:
    """A part of an open file, as FileResponse reads and closes it."""

    def __init__(self, file: IO[bytes], part: Part) -> None:
        file.seek(part.start)
        self._file, self._left = file, part.end - part.start

    def read(self, size: int) -> bytes:
        """Return the next bytes, nothing at the end of the part."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def send(file: IO[bytes], part: Part | None, version: Version) -> FileResponse:
    """Return the answer with a file, or a part of it, and close the file when it is sent."""
    if part is None:
        response = FileResponse(file)
        response["Content-Length"] = str(version.size)
        return response
    response = FileResponse(_Slice(file, part), status=HTTPStatus.PARTIAL_CONTENT)
    response["Content-Length"] = str(part.end - part.start)
    response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{version.size}"
    return response
