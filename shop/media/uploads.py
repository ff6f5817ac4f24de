"""Uploaded pictures: recognises the kind and has the files made."""

import re
from hashlib import sha256
from pathlib import PurePath
from typing import IO

from django.utils.text import slugify
from django.utils.translation import gettext as _

from shop.media import drawings
from shop.media.pictures import Picture, WrongPictureError

FOLDER = "covers"
MOST_BYTES = 20_000_000


def read(upload: IO[bytes], name: str) -> Picture:
    """Check an upload and make its files, a second's work for a photograph. Raises WrongPictureError."""
    upload.seek(0)
    data = upload.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise WrongPictureError(_("This file is larger than 20 MB. Choose a smaller picture."))
    stem = f"{FOLDER}/{slugify(PurePath(name).stem)[:60] or 'picture'}-{sha256(data).hexdigest()[:12]}"
    if re.match(rb"(\xef\xbb\xbf)?\s*<", data):
        return drawings.make(stem, data)
    from shop.media import photographs  # Pillow costs a process 6 MB, and only uploads need it

    return photographs.make(stem, data)
