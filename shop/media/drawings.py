"""SVG pictures of products: checked, measured, drawn once to see that they can be, and stored unchanged."""

import re
from collections.abc import Iterator
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, tostring

from django.utils.translation import gettext as _

from shop.media import sandbox
from shop.media.pictures import Picture, WrongPictureError

MOST_BYTES = 500_000
# Programs that draw go into a group within a group by a call within a call, and few can as deep as XML may go.
MOST_DEEP = 64
MOST_ELEMENTS = 20_000

_PIECE = 32_768
_TRIED_WIDTH = 300

_ACTIVE = frozenset({"script", "foreignObject", "iframe", "image", "handler"})


def make(stem: str, data: bytes) -> Picture:
    """Check a drawing, which is one file under a name that begins with `stem`. Raises WrongPictureError."""
    if len(data) > MOST_BYTES:
        raise WrongPictureError(
            _("This drawing is larger than 500 kB. Make it simpler, or upload a photograph.")
        )
    try:
        tags = list(_elements(data))
    except (ParseError, ValueError, LookupError) as error:
        raise WrongPictureError(_("This drawing is broken: it is not whole XML.")) from error
    root = tags[0]
    if _plain(root.tag) != "svg":
        raise WrongPictureError(_("This file is no drawing in SVG."))
    if any(_plain(element.tag) in _ACTIVE or _is_active(element.attrib) for element in tags):
        raise WrongPictureError(_("This drawing runs scripts or loads other files. Export it as plain SVG."))
    width, height = _measure(root.attrib)
    try:
        sandbox.draw(tostring(root, "unicode"), width=_TRIED_WIDTH)
    except sandbox.SandboxError as error:
        raise _too_much() from error
    name = f"{stem}.svg"
    return Picture(name, width, height, (), {name: data})


def _elements(data: bytes) -> Iterator[Element]:
    """Yield the elements in the order they begin, as long as they are not too many or too deep."""
    parser: XMLPullParser[Any] = XMLPullParser(events=("start", "end"))
    deep = number = 0
    for start in range(0, len(data), _PIECE):
        parser.feed(data[start : start + _PIECE])
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            deep += 1 if event == "start" else -1
            number += event == "start"
            if deep > MOST_DEEP or number > MOST_ELEMENTS:
                raise _too_much()
            if event == "start":
                yield element
    parser.close()


def _too_much() -> WrongPictureError:
    return WrongPictureError(
        _("This drawing is too much to draw. Make it simpler, with fewer groups in groups.")
    )


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
