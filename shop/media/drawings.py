"""SVG pictures of products: checked, measured and stored unchanged."""

import re
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from django.utils.translation import gettext as _

from shop.media.pictures import Picture, WrongPictureError

MOST_BYTES = 500_000

_ACTIVE = frozenset({"script", "foreignObject", "iframe", "image", "handler"})


def make(stem: str, data: bytes) -> Picture:
    """Check a drawing, which is one file under a name that begins with `stem`. Raises WrongPictureError."""
    if len(data) > MOST_BYTES:
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
