"""Books that nobody wrote, in any number, to see how a full shop behaves. The same number is always the same book.

To measure a search: about 1 % of the titles have “gilded” in them (0.8 %) or “lantern” (1.4 %).
"""

import re
from datetime import UTC, datetime, timedelta

from shop.covers import draw
from shop.covers.pen import Dice
from shop.demo.titles import KINDS, Edition, Title

# Older than every real title, which therefore stay in front where the newest stand first.
LAST_DAY = datetime(2025, 12, 31, 9, tzinfo=UTC)
AUTHORS = 360
# A SKU has room for so many.
MOST = 9_999_999


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _words("""
    Ada Albin Agnes Ambrose Bertha Caspar Clara Conrad Cora Dorothea Edmund Elsa Felix Flora Gideon Greta Hanna Hugo Ida
    Jasper Judith Konrad Leopold Lydia Magnus Marta Nils Olive Ottilie Piers Rosa Rufus Silas Thea Ursula Viktor Winifred
""")
LAST_NAMES = _words("""
    Abendroth Ashdown Barrow Birkeland Carrow Dahl Eastmere Fennimore Garland Halloran Holm Ivers Kestrel Lindqvist
    Marchbank Mereworth Norrland Oakes Pellew Quill Ravenscar Sandoval Tarn Underhill Vane Wetherby Yardley Zimmerhof
""")
QUALITIES = _words("""
    Amber Bitter Borrowed Broken Burning Crooked Distant Drowned Empty Faithful Fallen First Forgotten Frozen Gentle
    Gilded Golden Hidden Hollow Last Little Lonely Long Lost Mended Northern Painted Patient Quiet Red Second Secret
    Silent Silver Sleeping Slow Stolen Sunken Unwritten Wandering Western White Wild
""")
THINGS = _words("""
    Almanac Anchor Apprentice Archive Atlas Balcony Beekeeper Bell Bridge Candle Cartographer Castle Clock Comet Compass
    Corridor Daughter Estuary Ferry Field Fountain Garden Glove Harbour Harvest House Instrument Island Journey Key
    Ladder Lantern Letter Library Lighthouse Locksmith Map Market Meadow Mill Mirror Mountain Nightingale Observatory
    Orchard Oven Pilgrim Portrait Quarry River Road Season Shadow Staircase Station Storm Summer Tailor Theatre Tower
    Umbrella Valley Violin Voyage Watchmaker Weaver Well Window Winter
""")
PLACES = _words("""
    Aldermoor Bergen Brindlewood Calder Corvo Dunmere Elsinore Fairhaven Ghent Halden Innisfall Jutland Kestrelby Lisbon
    Marrowhill Northwick Ostend Padua Quillon Ravello Saltmarsh Trondheim Upland Vienna Westerby Yarmouth Zell
""")
PATTERNS = (
    "The {quality} {thing}",
    "The {thing} of {place}",
    "The {quality} {thing} of {place}",
    "The {thing} and the {other}",
    "Notes on the {quality} {thing}",
    "Letters from the {thing} at {place}",
    "The Road to {place}, and Other Journeys",
    "A History of the {thing} in {place}",
)


def title(number: int) -> Title:
    """Make up the book with this number, 0 or more. It says of itself that it does not exist."""
    dice = Dice(number)
    quality, thing, other, place = map(dice.pick, (QUALITIES, THINGS, THINGS, PLACES))
    words = dice.pick(PATTERNS).format(quality=quality, thing=thing, other=other, place=place)
    pages = 8 * int(dice.between(8, 80))
    return Title(
        slug=f"{words.lower().replace(',', '').replace(' ', '-')}-{number}",
        title=words,
        author=author(int(dice.between(0, AUTHORS))),
        year=int(dice.between(1700, 1930)),
        pages=pages,
        about=f"A {thing.lower()}, {place} and {pages} pages. Nobody wrote this book: it is here to fill the shop.",
        editions=_editions(number, pages, dice),
        created_at=LAST_DAY - timedelta(minutes=5 * number),
    )


def sku(number: int) -> str:
    """Return what the SKUs of this book begin with. In alphabetical order for numbers up to MOST."""
    return f"X{number:07d}"


def number_of(sku: str) -> int | None:
    """Return the number of the invented book with this SKU, None where it is no book of ours."""
    return int(sku[1:8]) if re.match(r"X[0-9]{7}-", sku) else None


def author(number: int) -> str:
    """Name the author with this number, 0 to AUTHORS."""
    return f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number % len(LAST_NAMES)]}"


def cover(author: str) -> str:
    """Draw the cover that all books of an invented author share."""
    return draw(author, "Collected works", None)


def _editions(number: int, pages: int, dice: Dice) -> tuple[Edition, ...]:
    """Make one edition or two; of thirty, one is sold out and two are scarce."""
    chance = int(dice.between(0, 30))
    copies = int(dice.between(12, 60)) if chance > 2 else int(dice.between(1, 5)) if chance else 0
    kind, detail, price = dice.pick((("HB", f"Sewn, {pages} pages", 2200), ("PB", f"{pages} pages", 800)))
    price += 50 * int(dice.between(0, 9))
    editions = [Edition(f"{sku(number)}-{kind}", KINDS[kind], detail, price, copies, is_digital=False)]
    if dice.roll() < 0.25:
        editions += [Edition(f"{sku(number)}-EB", KINDS["EB"], "EPUB, no locks", 500, 5000, is_digital=True)]
    return tuple(editions)
