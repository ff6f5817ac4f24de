"""Uploaded pictures: recognises the kind and has the files made."""

import re
from hashlib import sha256
from pathlib import PurePath
from typing import IO, Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.media import drawings, sandbox
from shop.media.pictures import Picture, WrongPictureError

FOLDER = "covers"
MOST_BYTES = 20_000_000

_REASONS = {
    "pixels": gettext_lazy("This picture has more than 50 million pixels. Choose a smaller one."),
    "moves": gettext_lazy("This picture moves. Choose one that stands still."),
    "unreadable": gettext_lazy(
        "This file is no picture that we can read. Choose JPEG, PNG, WebP, AVIF or SVG."
    ),
}


def made_of(upload: Any) -> Picture:
    """Return the files of an uploaded file, at once where they were made before. Raises WrongPictureError."""
    if not hasattr(upload, "made"):
        try:
            upload.made = read(upload, upload.name or "")
        except WrongPictureError as error:
            upload.made = error
    if isinstance(upload.made, WrongPictureError):
        raise upload.made
    picture: Picture = upload.made
    return picture


def read(upload: IO[bytes], name: str) -> Picture:
    """Check an upload and make its files, a second's work for a photograph. Raises WrongPictureError."""
    data = upload.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise WrongPictureError(_("This file is larger than 20 MB. Choose a smaller picture."))
    stem = f"{FOLDER}/{slugify(PurePath(name).stem)[:60] or 'picture'}-{sha256(data).hexdigest()[:12]}"
    if re.match(rb"(\xef\xbb\xbf)?\s*<", data):
        return drawings.make(stem, data)
    try:
        return sandbox.photograph(stem, data)
    except WrongPictureError as error:
        raise WrongPictureError(str(_REASONS[error.reason])) from error
    except sandbox.SandboxError as error:
        raise WrongPictureError(str(_REASONS["unreadable"])) from error
