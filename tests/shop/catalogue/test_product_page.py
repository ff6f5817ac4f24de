import pytest
from django.forms import model_to_dict

from shop.catalogue.availability import Availability
from shop.catalogue.product_page import UnknownProductError, neighbours, product_page
from tests import statements
from tests.factories import EARLY, ProductFactory, ProductImageFactory, VariantFactory
from tests.shop.catalogue.books import book

pytestmark = pytest.mark.django_db


def test_only_a_published_book_with_an_edition_has_a_page():
    slugs = [book("Emma", is_published=False).slug, ProductFactory(title="Candide").slug, "nothing"]

    for slug in slugs:
        with pytest.raises(UnknownProductError):
            product_page(slug)


@pytest.mark.parametrize(
    ("stocks", "said"),
    [
        ({"paper": [0]}, Availability("sold_out")),
        ({"paper": [1]}, Availability("few_left", 1)),
        ({"paper": [5]}, Availability("few_left", 5)),
        ({"paper": [6]}, Availability("in_stock")),
        ({"paper": [3, 2]}, Availability("few_left", 5)),
        ({"paper": [3, 40]}, Availability("in_stock")),
        ({"paper": [2], "digital": [500]}, Availability("few_left", 2)),
        ({"paper": [0], "digital": [500]}, Availability("digital")),
        ({"paper": [0], "digital": [0]}, Availability("sold_out")),
        ({"digital": [2]}, Availability("digital")),
    ],
    ids=str,
)
def test_a_book_says_how_many_are_left_only_when_few(stocks, said):
    product = ProductFactory()
    for kind, levels in stocks.items():
        for level in levels:
            VariantFactory(product=product, stock=level, is_digital=kind == "digital")

    assert product_page(product.slug).shown.availability == said


def test_an_edition_says_its_own_stock():
    product = ProductFactory()
    VariantFactory(product=product, stock=6)
    VariantFactory(product=product, stock=0)
    VariantFactory(product=product, stock=3, is_digital=True)
    VariantFactory(product=product, stock=0, is_digital=True)

    said = [about for _variant, about in product_page(product.slug).shown.offers]

    assert [about.code for about in said] == ["in_stock", "sold_out", "digital", "sold_out"]
    assert all(about.left is None for about in said)


@pytest.mark.parametrize(
    ("editions", "price", "many"),
    [
        ([(1100, 5)], 1100, False),
        ([(2400, 5), (700, 5)], 700, True),
        ([(2400, 5), (700, 0)], 2400, False),
        ([(2400, 0), (700, 0)], 700, True),
        ([(700, 5), (700, 5)], 700, False),
    ],
)
def test_the_price_of_a_book_is_the_lowest_one_can_pay_now(editions, price, many):
    found = product_page(book("Walden", editions=editions).slug).shown

    assert (found.price_from, found.has_many_prices) == (price, many)


@pytest.mark.parametrize(
    ("year", "text", "short", "full"),
    [
        (1871, "1871–72", "1871", "1871–72"),
        (1854, "", "1854", "1854"),
        (-300, "", "300 BC", "300 BC"),
        (None, "", "", ""),
    ],
)
def test_years_are_written_as_people_write_them(year, text, short, full):
    found = product_page(book("Walden", year=year, years_text=text).slug).shown

    assert (found.year, found.years) == (short, full)


def test_the_first_picture_is_the_cover():
    product = book("Walden")
    back = ProductImageFactory(product=product, position=2)
    front = ProductImageFactory(product=product, position=1)

    found = product_page(product.slug).shown

    assert found.images == [front, back]
    assert found.cover == front
    assert product_page(book("Emma").slug).shown.cover is None


def test_neighbours_are_the_next_of_the_category_then_its_first_ones():
    own = [book(f"Volume {number}") for number in range(9)]
    book("Walden", category="Essays")

    related = product_page(own[6].slug).related

    assert [found.title for found in related] == [f"Volume {number}" for number in (7, 8, 0, 1, 2, 3)]


def test_neighbours_of_the_same_moment_each_have_their_turn():
    own = [book(f"Volume {number}", created_at=EARLY) for number in range(9)]

    for place, product in enumerate(own):
        expected = [*own[place + 1 :], *own[:place]][:6]
        assert neighbours(product) == [other.pk for other in expected]


def test_a_book_in_full_is_as_the_database_has_it(django_assert_num_queries):
    product = book("Walden", editions=[(2400, 0), (1100, 6)], quote="Simplify.")
    for position, name, widths in ((2, "back", []), (1, "front", [320, 640])):
        ProductImageFactory(product=product, file=f"covers/{name}.jpg", widths=widths, position=position)

    found = product_page(product.slug).shown

    with django_assert_num_queries(0):
        shown = [
            model_to_dict(row)
            for row in (found.product, found.product.category, *found.variants, *found.images)
        ]
    rows = (product, product.category, *product.variants.all(), *product.images.all())
    assert shown == [model_to_dict(type(row).objects.get(pk=row.pk)) for row in rows]
    assert [image.widths for image in found.images] == [[320, 640], []]
    assert found.product.created_at == product.created_at


def test_a_page_costs_the_same_for_one_edition_and_for_many():
    small, large = book("Walden", category="Essays"), book("Emma", editions=[(900, 3)] * 9)
    for product in (small, *[large] * 5):
        ProductImageFactory(product=product)
    for category in ("Essays", "Fiction"):
        for number in range(7):
            book(f"{category} {number}", category=category)

    assert statements.count(lambda: product_page(small.slug)) == statements.count(
        lambda: product_page(large.slug)
    )
