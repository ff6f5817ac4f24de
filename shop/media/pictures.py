"""The files of a product's picture, and their names.

A photograph is written anew as JPEG (PNG where it is see-through), upright, in sRGB and without what a camera noted,
such as where it was; beside it come AVIF and WebP in each of WIDTHS that is not wider than it. A drawing (SVG) is one
small file for every width and stays as it is. Every name carries the hash of the upload, so files never change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from shop.errors import ShopError

WIDTHS = (240, 480, 960)
KINDS = ("avif", "webp")


class WrongPictureError(ShopError):
    """A file that is no picture, or none that the shop can show."""

    code = "wrong_picture"

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


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


def sources(name: str, widths: Sequence[int]) -> list[tuple[str, str]]:
    """Return the kind and the `srcset` of a stored picture's lighter files, the lightest kind first; none of a drawing."""
    return [
        (kind, ", ".join(f"{_url(rendition(name, width, kind))} {width}w" for width in widths))
        for kind in (KINDS if widths else ())
    ]


def small_url(name: str, widths: Sequence[int]) -> str:
    """Return the address of a stored picture's lightest file that every browser shows; nothing without a picture."""
    if not name:
        return ""
    return _url(rendition(name, widths[0], "webp") if widths else name)


def _url(name: str) -> str:
    url: str = default_storage.url(name)
    return url


def store(picture: Picture) -> str:
    """Write the files that are not there yet, and return the name of the picture itself."""
    for name, data in picture.files.items():
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(data))
    return picture.name
