"""The books of the demonstration, read from `shelves/*.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from django.utils.text import slugify

from shop.covers import Book, Look, arrange, draw
from shop.models import Format

SHELVES = Path(__file__).parent / "shelves"
KINDS = {"HB": "Hardback", "PB": "Paperback", "LP": "Large print", "EB": "E-book"}
FORMATS = {"HB": Format.HARDBACK, "PB": Format.PAPERBACK, "LP": Format.OTHER, "EB": Format.EBOOK}
FIRST_DAY = datetime(2026, 1, 2, 9, tzinfo=UTC)
DAYS = 264


@dataclass(frozen=True)
class Edition:
    """What is sold of a title. `price` in minor units of the shop's currency; `stock` is the first count."""

    sku: str
    name: str
    detail: str
    price: int
    stock: int
    is_digital: bool

    @property
    def format(self) -> Format:
        """Return what kind of edition it is, which the SKU ends with."""
        return FORMATS[self.sku[-2:]]


@dataclass(frozen=True)
class Title:
    """A book of the demonstration. `year` is negative before our era; `look` is what the file names of its cover."""

    slug: str
    title: str
    author: str
    year: int | None
    pages: int
    about: str
    editions: tuple[Edition, ...]
    created_at: datetime
    years: str = ""
    language: str = "English"
    quote: str = ""
    look: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shelf:
    """A category and its titles."""

    name: str
    slug: str
    position: int
    titles: tuple[Title, ...]


def read() -> list[Shelf]:
    """Read all shelves, in the order in which they stand. Raises KeyError where a file lacks something."""
    shelves = [_shelf(tomllib.loads(path.read_text("utf-8"))) for path in SHELVES.glob("*.toml")]
    return sorted(shelves, key=lambda shelf: shelf.position)


def _shelf(data: dict[str, Any]) -> Shelf:
    return Shelf(data["name"], data["slug"], data["position"], tuple(map(_title, data["books"])))


def _title(data: dict[str, Any]) -> Title:
    slug = data.get("slug") or slugify(data["title"])
    return Title(
        slug=slug,
        title=data["title"],
        author=data.get("author", ""),
        year=data.get("year"),
        pages=data["pages"],
        about=data["about"],
        editions=tuple(_edition(data["sku"], kind, edition) for kind, edition in data["editions"].items()),
        # Some minute of one year, always the same for the same book, so that "newest first" mixes the shelves.
        created_at=FIRST_DAY + timedelta(minutes=crc32(slug.encode()) % (DAYS * 24 * 60)),
        years=data.get("years", ""),
        language=data.get("language", "English"),
        quote=data.get("quote", ""),
        look=data.get("cover", {}),
    )


def _edition(sku: str, kind: str, data: dict[str, Any]) -> Edition:
    return Edition(
        sku=f"{sku}-{kind}",
        name=KINDS[kind],
        detail=data["detail"],
        price=data["price"],
        stock=data["stock"],
        is_digital=kind == "EB",
    )


def looks(shelves: Sequence[Shelf]) -> dict[str, Look]:
    """Pick the look of every title, as `{slug: look}`.

    Neighbours differ wherever the shop lists them by title or by newest, all together or one category.
    """
    lists = [
        [title for shelf in shelves for title in shelf.titles],
        *(list(shelf.titles) for shelf in shelves),
    ]
    titles = sorted(lists[0], key=lambda title: title.title)
    places = {title.slug: place for place, title in enumerate(titles)}
    orders = [
        [places[title.slug] for title in order]
        for some in lists
        for order in (sorted(some, key=lambda t: t.title), sorted(some, key=lambda t: t.created_at))
    ]
    picked = arrange([Book(title.title, title.author, title.year, **title.look) for title in titles], orders)
    return {title.slug: look for title, look in zip(titles, picked, strict=True)}


def covers(shelves: Sequence[Shelf]) -> dict[str, str]:
    """Draw the cover of every title, as `{slug: SVG}`."""
    picked = looks(shelves)
    return {
        title.slug: draw(title.title, title.author, title.year, **picked[title.slug]._asdict())
        for shelf in shelves
        for title in shelf.titles
    }
