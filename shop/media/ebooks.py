"""Uploaded e-books: recognises the kind by what is in the file, and names it by that."""

import zipfile
from collections.abc import Iterable
from hashlib import sha256
from http import HTTPStatus
from pathlib import PurePath
from typing import IO, Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from shop.errors import ShopError

FOLDER = "ebooks"
MOST_BYTES = 200_000_000
KINDS = {".epub": "application/epub+zip", ".pdf": "application/pdf"}
# An EPUB is a ZIP file whose first entry, stored as it is, says so: https://www.w3.org/TR/epub-33/#sec-zip-container-mime
_EPUB = b"mimetype" + KINDS[".epub"].encode()
_EPUB_AT = 30
_CONTAINER = "META-INF/container.xml"


class WrongEbookError(ShopError):
    """An uploaded file is no e-book that customers could open, or too large."""

    code = "wrong_ebook"
    status = HTTPStatus.BAD_REQUEST


def content_type(name: str) -> str:
    """Return the media type of a stored file."""
    return KINDS.get(PurePath(name).suffix.lower(), "application/octet-stream")


def name_for(upload: Any) -> str:
    """Return the name under which to store an upload, made from its own and its content. Raises WrongEbookError."""
    if upload.size > MOST_BYTES:
        raise WrongEbookError(_("This file is larger than 200 MB. Choose a smaller one."))
    suffix = _kind(upload)
    if suffix is None:
        raise WrongEbookError(_("This file is no EPUB and no PDF that readers open."))
    digest = sha256()
    chunks: Iterable[bytes] = upload.chunks()
    for chunk in chunks:
        digest.update(chunk)
    upload.seek(0)
    return f"{slugify(PurePath(upload.name).stem)[:60] or 'ebook'}-{digest.hexdigest()[:12]}{suffix}"


def _kind(file: IO[bytes]) -> str | None:
    file.seek(0)
    start = file.read(_EPUB_AT + len(_EPUB))
    if start.startswith(b"%PDF-"):
        return ".pdf"
    return ".epub" if start[_EPUB_AT:] == _EPUB and _has_container(file) else None


def _has_container(file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return _CONTAINER in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
