"""The parts of a page that stand on it by the dozen: cards and choices.

They are written here and not in templates, which would take three times as long for them, and a third of a listing's.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

from accounts.templatetags.parts import part
from shop.catalogue.counts import tally
from shop.catalogue.listing import Option
from shop.catalogue.products import Book, Card

# Covers of the first row are loaded at once.
FIRST_ROW = 4


def card(book: Book | Card, stand: str = "", *, eager: bool = False, can_add: bool = False) -> SafeString:
    """Write a book in a grid or on a shelf, as an <li>.

    `stand` (80 to 100, even): on a shelf, how tall it stands. `eager`: its cover is near the top of the page.
    `can_add`: with a button for one edition, inside the form of `grid` in templates/parts.html.
    """
    said = book.availability.code
    cover = _cover(book, gone=said == "sold_out", eager=eager)
    if stand:
        cover = f'<div class="stand">{cover}</div>'
    title = escape(book.title)
    stock = part("stock", book.availability) if said in {"few_left", "sold_out"} else ""
    return mark_safe(  # noqa: S308 - all that others wrote is escaped
        f'<li class="card{f" stand-{stand}" if stand else ""}">{cover}\n'
        f'<h3><a href="{escape(book.url)}">{title}</a></h3>\n<p class="author">{escape(book.author)}</p>\n'
        f'<p class="price">{escape(book.price)}</p>\n{stock}{_add(book, title) if can_add else ""}</li>'
    )


def cards(books: Iterable[Book | Card]) -> SafeString:
    """Write books in a grid, each with a button that adds it."""
    written = (card(book, eager=place < FIRST_ROW, can_add=True) for place, book in enumerate(books))
    return mark_safe("\n".join(written))  # noqa: S308 - each is safe


def _cover(book: Book | Card, *, gone: bool, eager: bool) -> str:
    if book.photograph:
        return part("cover", book.photograph, "", gone, eager)
    lazy = "" if eager else ' loading="lazy"'
    url = escape(book.cover_url)
    picture = f'<img src="{url}" width="200" height="300" alt=""{lazy} decoding="async">' if url else ""
    return f'<span class="cover{" gone" if gone else ""}">{picture}</span>'


def _add(book: Book | Card, title: str) -> str:
    if not book.cheapest:
        return ""
    words = escape(book.add_words)
    return (
        f'<button class="button second small" name="variant" value="{book.cheapest.pk}" '
        f'aria-label="{words}: {title}">{words}</button><span class="said"></span>'
    )


def choices(options: Iterable[Option], name: str) -> SafeString:
    """Write the radio buttons of a group of a listing's form, each with its count."""
    written = (_choice(option, name, place) for place, option in enumerate(options))
    return mark_safe("\n".join(written))  # noqa: S308 - each is safe


def _choice(option: Option, name: str, place: int) -> str:
    return (
        f'<label class="check"><input type="radio" id="{name}-{place}" name="{name}" value="{escape(option.value)}"'
        f"{' checked' if option.chosen else ''}> {escape(option.words)} "
        f'<span class="number">{tally(option.count, option.more)}</span></label>'
    )
