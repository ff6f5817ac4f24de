"""Books that nobody wrote, in any number, to see how a full shop behaves. The same number is always the same book."""

from datetime import UTC, datetime, timedelta

from django.utils.text import slugify

from shop.covers import draw
from shop.covers.pen import Dice
from shop.demo.titles import KINDS, Edition, Title

# Older than every real title, which therefore stay in front where the newest stand first.
LAST_DAY = datetime(2025, 12, 31, 9, tzinfo=UTC)

FIRST_NAMES = ["Ada", "Albin", "Agnes", "Ambrose", "Bertha", "Caspar", "Clara", "Conrad", "Cora", "Dorothea", "Edmund", "Elsa", "Felix", "Flora", "Gideon", "Greta", "Hanna", "Hugo", "Ida", "Jasper", "Judith", "Konrad", "Leopold", "Lydia", "Magnus", "Marta", "Nils", "Olive", "Ottilie", "Piers", "Rosa", "Rufus", "Silas", "Thea", "Ursula", "Viktor"]
LAST_NAMES = ["Abendroth", "Ashdown", "Barrow", "Birkeland", "Carrow", "Dahl", "Eastmere", "Fennimore", "Garland", "Halloran", "Holm", "Ivers", "Kestrel", "Lindqvist", "Marchbank", "Mereworth", "Norrland", "Oakes", "Pellew", "Quill", "Ravenscar", "Sandoval", "Tarn", "Underhill", "Vane", "Wetherby", "Yardley", "Zimmerhof"]
QUALITIES = ["Amber", "Ancient", "Bitter", "Borrowed", "Broken", "Burning", "Crooked", "Distant", "Drowned", "Empty", "Faithful", "Fallen", "First", "Forgotten", "Frozen", "Gentle", "Gilded", "Glass", "Golden", "Hidden", "Hollow", "Idle", "Iron", "Last", "Little", "Lonely", "Long", "Lost", "Mended", "Northern", "Painted", "Patient", "Quiet", "Red", "Salt", "Second", "Secret", "Silent", "Silver", "Sleeping", "Slow", "Stolen", "Sunken", "Unwritten", "Velvet", "Wandering", "Western", "White", "Wild"]
THINGS = ["Almanac", "Anchor", "Apprentice", "Archive", "Atlas", "Balcony", "Beekeeper", "Bell", "Bridge", "Candle", "Cartographer", "Castle", "Clock", "Comet", "Compass", "Corridor", "Daughter", "Estuary", "Ferry", "Field", "Fountain", "Garden", "Glove", "Harbour", "Harvest", "House", "Instrument", "Island", "Journey", "Key", "Ladder", "Lantern", "Letter", "Library", "Lighthouse", "Locksmith", "Map", "Market", "Meadow", "Mill", "Mirror", "Mountain", "Nightingale", "Observatory", "Orchard", "Oven", "Paper", "Pilgrim", "Portrait", "Quarry", "River", "Road", "Season", "Shadow", "Staircase", "Station", "Storm", "Summer", "Tailor", "Theatre", "Tower", "Umbrella", "Valley", "Violin", "Voyage", "Watchmaker", "Weaver", "Well", "Window", "Winter"]
PLACES = (
    (
        "Aldermoor Bergen Brindlewood Calder Corvo Dunmere Elsinore Fairhaven Ghent Halden Innisfall Jutland Kestrelby Lisbon "
        "Marrow Hill|Northwick|Ostend|Padua|Quillon|Ravello|Saltmarsh|Trondheim|Upland|Vienna|Westerby|Yarmouth"
    )
    .replace(" ", "|")
    .replace("Marrow|Hill", "Marrow Hill")
    .split("|")
)
AUTHORS = 360


def title(number: int) -> Title:
    """Make up the book with this number, 0 or more. It says of itself that it does not exist."""
    dice = Dice(number * 31 + 7)
    quality, thing, other, place = map(dice.pick, (QUALITIES, THINGS, THINGS, PLACES))
    words = dice.pick(PATTERNS).format(quality=quality, thing=thing, other=other, place=place)
    pages = int(dice.between(8, 80)) * 8
    return Title(
        slug=f"{slugify(words)}-{number}",
        title=words,
        author=author(int(dice.roll() * AUTHORS)),
        year=int(dice.between(1700, 1930)),
        pages=pages,
        about=f"A {thing.lower()}, {place} and {pages} pages. Nobody wrote this book: it stands here to fill the shop.",
        editions=tuple(_editions(number, pages, dice)),
        created_at=LAST_DAY - timedelta(minutes=5 * number),
    )


PATTERNS = (
    "The {quality} {thing}",
    "The {thing} of {place}",
    "A {quality} {thing}",
    "The {thing} and the {other}",
    "{place} in the {quality} Season",
    "Notes on the {quality} {thing}",
    "The {quality} {thing} of {place}",
    "Letters from {place}",
    "The Road to {place}",
    "A History of the {thing}",
)


def author(number: int) -> str:
    """Name the author with this number, 0 to AUTHORS."""
    return f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number * 5 % len(LAST_NAMES)]}"


def cover(author: str) -> str:
    """Draw the cover that all books of an invented author share."""
    return draw(author, "Collected works", None)


def _editions(number: int, pages: int, dice: Dice) -> list[Edition]:
    """One edition or two; one in thirty is sold out, one in fifteen scarce."""
    chance = dice.roll()
    copies = 0 if chance < 1 / 30 else int(dice.between(1, 5)) if chance < 0.1 else int(dice.between(12, 61))
    price = int(dice.between(12, 25)) * 50
    kind, detail = dice.pick((("HB", f"Sewn, {pages} pages"), ("PB", f"{pages} pages")))
    paper = Edition(
        f"X{number:07d}-{kind}",
        KINDS[kind],
        detail,
        price * (2 if kind == "HB" else 1),
        copies,
        is_digital=False,
    )
    if dice.roll() < 0.5:
        return [paper]
    return [
        paper,
        Edition(f"X{number:07d}-EB", KINDS["EB"], "EPUB, no locks", price // 2, 5000, is_digital=True),
    ]
