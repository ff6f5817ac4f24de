"""Pictures of products: what staff upload is checked, measured, and made into lighter files of several widths.

A photograph is written anew as JPEG (PNG where it is see-through), upright, in sRGB and without what a camera noted,
such as where it was; beside it come AVIF and WebP in each of WIDTHS that is not wider than it. A drawing (SVG) is one
small file for every width and stays as it is. Every name carries the hash of the upload, so files never change.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import IO, Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.text import slugify
from django.utils.translation import gettext as _

from shop.errors import ShopError

FOLDER = "covers"
WIDTHS = (240, 480, 960)
KINDS = ("avif", "webp")
MOST_BYTES = 20_000_000
MOST_DRAWING_BYTES = 500_000

_ACTIVE = frozenset({"script", "foreignObject", "iframe", "image", "handler"})


class WrongPictureError(ShopError):
    """A file that is no picture, or none that the shop can show."""

    code = "wrong_picture"


@dataclass(frozen=True)
class Picture:
    """A picture that was checked: its size in pixels, the widths it has lighter files in, and all its files by name."""

    name: str
    width: int
    height: int
    widths: tuple[int, ...]
    files: dict[str, bytes]


def rendition(name: str, width: int, kind: str) -> str:
    """Return the name of the lighter file of a picture: covers/walden-3f2a.jpg → covers/walden-3f2a-480.avif."""
    return f"{PurePath(name).with_suffix('')}-{width}.{kind}"


def read(upload: IO[bytes], name: str) -> Picture:
    """Check an upload and make its files, a second's work for a photograph. Raises WrongPictureError."""
    data = upload.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise WrongPictureError(_("This file is larger than 20 MB. Choose a smaller picture."))
    stem = f"{FOLDER}/{slugify(PurePath(name).stem)[:60] or 'picture'}-{sha256(data).hexdigest()[:12]}"
    if re.match(rb"(\xef\xbb\xbf)?\s*<", data):
        return _drawing(stem, data)
    from shop import photographs  # Pillow costs a process 6 MB, and only uploads need it

    return photographs.make(stem, data)


def store(picture: Picture) -> str:
    """Write the files that are not there yet, and return the name of the picture itself."""
    for name, data in picture.files.items():
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(data))
    return picture.name


def _drawing(stem: str, data: bytes) -> Picture:
    if len(data) > MOST_DRAWING_BYTES:
        raise WrongPictureError(
            _("This drawing is larger than 500 kB. Make it simpler, or upload a photograph.")
        )
    parser: XMLPullParser[Any] = XMLPullParser(events=("start",))
    try:
        parser.feed(data)
        parser.close()
        tags = [cast("tuple[str, Element]", event)[1] for event in parser.read_events()]
    except (ParseError, ValueError, LookupError) as error:
        raise WrongPictureError(_("This drawing is broken: it is not whole XML.")) from error
    root = tags[0]
    if _plain(root.tag) != "svg":
        raise WrongPictureError(_("This file is no drawing in SVG."))
    if any(_plain(element.tag) in _ACTIVE or _is_active(element.attrib) for element in tags):
        raise WrongPictureError(_("This drawing runs scripts or loads other files. Export it as plain SVG."))
    width, height = _measure(root.attrib)
    name = f"{stem}.svg"
    return Picture(name, width, height, (), {name: data})


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_active(attributes: dict[str, str]) -> bool:
    return any(
        _plain(name).startswith("on") or (_plain(name) == "href" and not value.startswith("#"))
        for name, value in attributes.items()
    )


def _measure(attributes: dict[str, str]) -> tuple[int, int]:
    """Return the size of a drawing, from its viewBox or else its width and height."""
    box = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
    sides = box[2:] if len(box) == 4 else [attributes.get(side, "") for side in ("width", "height")]
    numbers = [re.fullmatch(r"(\d{1,4})(\.\d+)?(px)?", side) for side in sides]
    width, height = (int(number[1]) if number else 0 for number in numbers)
    if not width or not height:
        raise WrongPictureError(_("This drawing does not say how wide and high it is (viewBox)."))
    return width, height
