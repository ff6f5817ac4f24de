import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from shop.covers import (
    DESIGNS,
    MOTIFS,
    OWN_MOTIFS,
    PALETTES,
    Book,
    arrange,
    choose,
    contrast,
    draw,
)
from shop.covers.designs import initial_of, roman
from shop.covers.lettering import LEAST_TITLE, SPARE, fit, width
from shop.demo import titles

SVG = "{http://www.w3.org/2000/svg}"
SHELVES = titles.read()
BOOKS = [title for shelf in SHELVES for title in shelf.titles]
DRAWN = titles.covers(SHELVES)
COVERS = {title.slug: (title, ET.fromstring(DRAWN[title.slug])) for title in BOOKS}
EVERY_MOTIF = [
    (design, motif) for design in DESIGNS for motif in MOTIFS[design] + OWN_MOTIFS.get(design, ()) or ("",)
]
ODD_TITLES = [
    "",
    "?!",
    "Tom & Jerry <script>alert('1')</script>",
    "A\x00B\x1f C\ufffe\ud800 D",
    "源氏物語と吾輩は猫である、名前はまだ無い",
    "Война и мир",
    "ألف ليلة وليلة",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "x" * 300,
    " ".join(["word"] * 60),
]


def words_on(cover, *, ornament=False):
    """The lines of lettering; year, numerals and the great initial are ornament."""
    return [text for text in cover.iter(f"{SVG}text") if (text.get("aria-hidden") == "true") is ornament]


def title_lines(title, cover):
    """The lines that the title is set in: the first ones, until all its words are there."""
    lines, letters = [], 0
    for line in words_on(cover):
        if letters < len(re.sub(r"\s", "", title.title)):
            lines.append(line)
            letters += len(re.sub(r"\s", "", line.text))
    return lines


def test_the_same_words_give_the_same_bytes():
    looks = titles.looks(SHELVES)
    for title in BOOKS[::10]:
        assert draw(title.title, title.author, title.year, **looks[title.slug]._asdict()) == DRAWN[title.slug]


def test_what_is_not_named_hangs_on_the_title_and_on_nothing_else():
    look = choose("Walden", "Henry David Thoreau", 1854)
    assert look == choose(" Walden\n", "H. D. T.", 1899) == ("initial", "plum", "")


@pytest.mark.parametrize(("design", "motif"), EVERY_MOTIF)
def test_every_look_is_a_small_well_formed_file(design, motif):
    for palette in PALETTES:
        svg = draw("The Turn of the Screw", "Henry James", 1898, design=design, motif=motif, palette=palette)
        assert len(svg.encode()) < 11_000
        root = ET.fromstring(svg)
        assert root.get("viewBox") == "0 0 200 300"
        assert not [
            element for element in root.iter() if "href" in str(element.attrib) or element.get("style")
        ]


def test_covers_are_under_11_kilobytes_and_most_under_4():
    sizes = sorted(len(svg.encode()) for svg in DRAWN.values())
    assert sizes[-1] < 11_000
    assert sizes[len(sizes) * 9 // 10] < 4_000


def test_words_stand_out_from_what_lies_behind_them():
    for palette in PALETTES.values():
        assert contrast(palette.text, palette.ground) >= 4.5
        assert contrast(palette.ink, palette.paper) >= 4.5


def test_words_are_set_only_in_the_two_colours_that_stand_out():
    for title, cover in COVERS.values():
        palette = next(p for p in PALETTES.values() if p.ground == cover.find(f"{SVG}rect").get("fill"))
        assert {line.get("fill") for line in words_on(cover)} <= {palette.text, palette.ink}, title.title


def test_no_word_of_a_title_is_cut_or_dropped():
    for title, cover in COVERS.values():
        words = " ".join(line.text for line in title_lines(title, cover)).replace("\u00a0", " ")
        assert words.replace("- ", "-").split() == title.title.split(), title.title


def test_every_title_reads_at_the_size_of_a_thumbnail():
    for title, cover in COVERS.values():
        lines = title_lines(title, cover)
        assert 1 <= len(lines) <= 5, title.title
        assert min(float(line.get("font-size")) for line in lines) >= LEAST_TITLE, title.title


def test_every_line_fits_with_room_to_spare():
    for title, cover in COVERS.values():
        for line in words_on(cover):
            long = width(line.text) * float(line.get("font-size"))
            room = (
                2 * min(float(line.get("x")), 200 - float(line.get("x"))) if line.get("text-anchor") else 168
            )
            assert long * SPARE <= room + 0.01, (title.title, line.text)


def test_the_author_is_there_and_never_larger_than_the_title():
    for title, cover in COVERS.values():
        lines = words_on(cover)
        head = title_lines(title, cover)
        rest = lines[len(head) :]
        assert " ".join(line.text for line in rest).replace("\u00a0", " ") == title.author
        sizes = [float(line.get("font-size")) for line in rest]
        assert all(12 <= size <= 15 for size in sizes), title.title


def test_small_words_stay_with_the_next_word():
    for title, cover in COVERS.values():
        words = [line.text.replace("\u00a0", " ").split() for line in title_lines(title, cover)]
        for line, following in pairwise(words):
            stands_alone = line[-1] == "The" and len(title.title.split()) == 2
            is_too_wide = width(f"{line[-1]} {following[0]}") * LEAST_TITLE * SPARE > 168
            if not (stands_alone or is_too_wide):
                assert line[-1].lower() not in {"a", "an", "the", "dr"}, title.title


def test_lines_of_a_title_are_even():
    assert fit("Pride and Prejudice", room=134, height=112, largest=29).lines == ("Pride and", "Prejudice")
    assert fit("The Odyssey", room=168, height=92, largest=34).lines == ("The", "Odyssey")


def test_a_title_that_does_not_fit_the_room_is_refused_and_not_shrunk():
    assert fit("Mathematical Principles", room=100, height=112, largest=29) is None


def test_years_are_shown_but_ancient_ones_are_left_out():
    def ornaments(year):
        cover = ET.fromstring(draw("On Duty", "A. N. Author", year, design="type"))
        return [text.text for text in words_on(cover, ornament=True)]

    assert ornaments(1859) == ["1859"]
    assert ornaments(180) == ornaments(-300) == ornaments(None) == []
    assert roman(1609) == "MDCIX"
    assert roman(1999) == "MCMXCIX"


def test_the_great_letter_is_not_that_of_an_article():
    assert initial_of("The Age of Innocence") == "A"
    assert initial_of("A Room with a View") == "R"
    assert initial_of("源氏物語") == ""
    assert initial_of("?!") == ""


@pytest.mark.parametrize("title", ODD_TITLES)
def test_any_words_make_a_well_formed_cover_within_its_edges(title):
    roots = [ET.fromstring(draw(title, title[:80], 2525, design=design)) for design in DESIGNS]
    for line in (line for root in roots for line in words_on(root)):
        held = line.get("textLength")
        natural = width(line.text) * float(line.get("font-size"))
        assert float(held or natural) <= 168.1
        assert 0 < float(line.get("y")) < 300


def test_a_book_may_name_its_own_look():
    look = choose("The Origin of Species", "Charles Darwin", 1859, motif="tree", palette="stone")
    assert look == ("field", "stone", "tree")
    assert choose("The Elements", "Euclid", -300, motif="euclid").design == "plate"


@pytest.mark.parametrize(
    "named", [{"design": "round"}, {"palette": "mud"}, {"motif": "cat"}, {"design": "type", "motif": "sea"}]
)
def test_names_that_do_not_exist_are_refused(named):
    with pytest.raises(ValueError, match="There is no"):
        draw("Walden", "Henry David Thoreau", 1854, **named)


def test_neighbours_never_share_design_and_palette_both():
    books = [Book(f"Book {number}", "Nobody", 1800) for number in range(300)]
    looks = arrange(books)
    assert all(one[:2] != other[:2] for one, other in pairwise(looks))


def test_neighbours_differ_in_every_list_of_the_shop():
    looks = titles.looks(SHELVES)
    for shelf in [BOOKS, *(list(shelf.titles) for shelf in SHELVES)]:
        for key in ("title", "created_at"):
            row = sorted(shelf, key=lambda title: getattr(title, key))
            pairs = pairwise(row)
            assert [(a.slug, b.slug) for a, b in pairs if looks[a.slug][:2] == looks[b.slug][:2]] == []
