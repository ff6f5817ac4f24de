"""Link previews (OpenGraph): a JPEG of 1200 by 630 per product.

It is drawn when somebody first asks for it, in a process of its own as it may hold a drawing of others, and kept in the
storage under `social/`. Its address carries a hash of all that is in it. The folder may be emptied at any time.
"""

import mimetypes
from base64 import b64encode
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from shop.catalogue.products import ProductPresenter
from shop.covers.lettering import CAP, Setting, fit_anyhow
from shop.covers.pen import SERIF, block, lettering, tag
from shop.i18n.links import path
from shop.media import sandbox

WIDTH, HEIGHT = 1200, 630
FOLDER = "social"
# Counted up when the drawing below changes, so that what is kept is drawn anew.
RELEASE = "1"

_MARGIN = 80
_COVER_WIDTH, _COVER_HEIGHT = 300, 450
_PAPER, _INK, _MUTED = "#fbf8f2", "#211d19", "#665e54"


@dataclass(frozen=True)
class Card:
    """What a picture says: a heading and a line below it. A product's has its cover (the name in the storage, or nothing)."""

    heading: str
    words: str = ""
    cover: str = ""
    slug: str = ""
    shop: str = ""

    @cached_property
    def digest(self) -> str:
        """Return the hash of all that is in it."""
        return sha256("\0".join((RELEASE, *astuple(self))).encode()).hexdigest()[:16]

    @property
    def url(self) -> str:
        """Return its address."""
        return path("outside:social", *([self.slug, self.digest] if self.slug else [self.digest]))


def of_shop() -> Card:
    """Return the card of the shop itself: its name, the same in every language."""
    return Card(settings.STORE_NAME)


def of_product(item: ProductPresenter) -> Card:
    """Return the card of a product."""
    cover = str(item.cover.file.name) if item.cover else ""
    return Card(item.product.title, item.product.author, cover, item.product.slug, settings.STORE_NAME)


def kept(card: Card) -> str:
    """Return the name of the picture in the storage. The first time it is drawn, in half a second."""
    name = f"{FOLDER}/{card.digest}.jpg"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(draw(card)))
    return name


def draw(card: Card) -> bytes:
    """Draw the picture as JPEG; without the cover, if that cannot be drawn."""
    try:
        return sandbox.draw(_svg(card), width=WIDTH)
    except sandbox.SandboxError:
        if not card.cover:
            raise
        return draw(replace(card, cover=""))


def _svg(card: Card) -> str:
    picture = _cover(card.cover) if card.slug else _shelf()
    left = _MARGIN + (_COVER_WIDTH + 70 if picture and card.slug else 0)
    room = WIDTH - _MARGIN - left
    return tag(
        "svg", block(0, 0, WIDTH, HEIGHT, _PAPER) + picture + _oxford(left, room) + _text(card, left, room),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", width=WIDTH, height=HEIGHT, font_family=SERIF,
    )  # fmt: skip


def _oxford(left: float, room: float) -> str:
    """Draw the double rule that everything of ours begins with."""
    return block(left, 90, room, 6, _INK) + block(left, 100, room, 2, _INK)


def _text(card: Card, left: float, room: float) -> str:
    title = fit_anyhow(card.heading, room=room, height=270, largest=88)
    top = 150 + CAP * title.size
    lines = _lines(title, left, top, _INK, room)
    if card.words:
        words = fit_anyhow(card.words, room=room, height=70, largest=min(38, title.size))
        lines += _lines(words, left, top + title.drop + 0.3 * title.size + 44, _MUTED, room)
    return lines + (lettering(card.shop, left, HEIGHT - 92, 30, _INK, room=room) if card.shop else "")


def _lines(setting: Setting, left: float, top: float, fill: str, room: float) -> str:
    return "".join(
        lettering(text, left, top + place * setting.leading, setting.size, fill, room=room)
        for place, text in enumerate(setting.lines)
    )


def _cover(name: str) -> str:
    """Draw the cover with its shadow; nothing where there is none, or its file is gone."""
    try:
        with default_storage.open(name) as file:
            data = file.read()
    except (OSError, ValueError):
        return ""
    top = (HEIGHT - _COVER_HEIGHT) / 2
    shadow = tag(
        "rect", x=_MARGIN + 6, y=top + 10, width=_COVER_WIDTH, height=_COVER_HEIGHT, fill=_INK, opacity=".18"
    )
    return shadow + _image(name, data, _MARGIN, top, _COVER_WIDTH, _COVER_HEIGHT)


def _shelf() -> str:
    """Draw the shelf that stands on our pages."""
    path = Path(str(finders.find("img/shelf.svg")))
    wide = WIDTH - 2 * _MARGIN
    high = wide * 214 / 1135
    return _image(path.name, path.read_bytes(), _MARGIN, HEIGHT - 80 - high, wide, high)


def _image(name: str, data: bytes, x: float, y: float, wide: float, high: float) -> str:
    kind, _encoding = mimetypes.guess_type(name)
    source = f"data:{kind};base64,{b64encode(data).decode()}"
    return tag("image", href=source, x=x, y=y, width=wide, height=high, preserveAspectRatio="xMidYMid slice")
