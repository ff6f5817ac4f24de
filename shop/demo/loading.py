"""Puts the demonstration on sale. What is there stays as it is: staff may have changed it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from shop import stock
from shop.catalogue import denormalised
from shop.catalogue.search import documents
from shop.covers import HEIGHT, WIDTH
from shop.demo import ebooks, invented, titles
from shop.demo.bare_tables import MODELS, Tell, bare_tables
from shop.demo.titles import Shelf, Title
from shop.models import Category, Product, ProductImage, SearchDocument, Variant

# So many more than twice what is there, and the indexes are made afterwards.
GREAT = 20_000
# So many in one transaction: memory stays small, and the full-text index is written in large pieces.
BATCH = 5000
# So many in one statement.
ROWS = 1000


class Entry(NamedTuple):
    """A title and the slug of its category."""

    category: str
    title: Title


class Added(NamedTuple):
    """How many rows were new."""

    products: int
    variants: int
    covers: int


class Cover(NamedTuple):
    """A stored picture: its name in the storage, and the picture in words."""

    file: str
    alt: str


# Is given the titles that have no picture yet, and returns one for each slug.
Binder = Callable[[Sequence[Title]], dict[str, Cover]]


def load_products(*, now: datetime) -> Added:
    """Add what is missing of the books in `shelves/`, found by slug and SKU."""
    shelves = titles.read()
    entries = [Entry(shelf.slug, title) for shelf in shelves for title in shelf.titles]
    with transaction.atomic():
        _add_categories(shelves)
        added = _add(entries, partial(_bind_each, shelves), now)
        ebooks.add_missing([entry.title for entry in entries])
        return added


def load_invented(count: int, *, now: datetime, tell: Tell) -> Iterator[Added]:
    """Add what is missing of the first `count` invented books, batch by batch; yield what each batch added.

    A book is there where any edition of it is. Where far more is to come than is there, all of it is one transaction,
    and the indexes are made at its end: `tell` is given a line for each.
    """
    categories = [shelf.slug for shelf in titles.read()]
    bound: dict[str, Cover] = {}
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:  # keep the indexes' pages at hand: 128 MB
            cursor.execute("PRAGMA cache_size = -128000")
    great = count - 2 * Product.objects.count() >= GREAT
    with ExitStack() as whole:
        if great:
            whole.enter_context(transaction.atomic())
            whole.enter_context(bare_tables(tell))
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            with transaction.atomic():
                yield _add_invented(
                    numbers, categories, partial(_bind_by_author, bound), now, index=not great
                )
    if great:
        settle()


def settle() -> None:
    """Let the database look at what it has now, to choose its ways. PostgreSQL then answers from indexes alone."""
    command = "VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE"
    with connection.cursor() as cursor:
        for model in (*MODELS, SearchDocument):
            cursor.execute(f"{command} {model._meta.db_table}")  # noqa: SLF001 - documented


def _add_invented(
    numbers: range, categories: Sequence[str], bind: Binder, now: datetime, *, index: bool
) -> Added:
    there = _known_numbers(numbers)
    if there.issuperset(numbers):
        return Added(0, 0, 0)
    entries = [
        Entry(categories[number % len(categories)], invented.title(number))
        for number in numbers
        if number not in there
    ]
    # Staff may have taken all its editions away.
    slugs = set(
        Product.objects.filter(slug__in=[entry.title.slug for entry in entries]).values_list(
            "slug", flat=True
        )
    )
    new = [entry for entry in entries if entry.title.slug not in slugs]
    all_titles = [entry.title for entry in new]
    products = _add_products(new)
    variants = _add_variants(all_titles, _ids(products), set(), file=ebooks.shared())
    stock.add_initial(variants, now=now)
    denormalised.refresh_prices(list(_ids(products).values()))
    documents.write(products, index=index)
    return Added(len(new), len(variants), _add_pictures(all_titles, _ids(products), bind))


def _known_numbers(numbers: range) -> set[int | None]:
    """Return those of which an edition is there."""
    first, end = invented.sku(numbers.start), invented.sku(numbers.stop)
    skus = Variant.objects.filter(sku__gte=first, sku__lt=end).order_by().values_list("sku", flat=True)
    return {invented.number_of(sku) for sku in skus}


def _add_categories(shelves: Sequence[Shelf]) -> None:
    known = set(Category.objects.values_list("slug", flat=True))
    missing = [shelf for shelf in shelves if shelf.slug not in known]
    Category.objects.bulk_create(Category(name=s.name, slug=s.slug, position=s.position) for s in missing)


def _add(entries: Sequence[Entry], bind: Binder, now: datetime) -> Added:
    """Add the products, editions, first stock counts and pictures that are missing."""
    slugs = [entry.title.slug for entry in entries]
    skus = [edition.sku for entry in entries for edition in entry.title.editions]
    products = dict(Product.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    known_skus = set(Variant.objects.filter(sku__in=skus).values_list("sku", flat=True))
    # Staff may have given a book another address: its editions then tell that it is there.
    new = [
        entry
        for entry in entries
        if entry.title.slug not in products and known_skus.isdisjoint(e.sku for e in entry.title.editions)
    ]
    products |= _ids(_add_products(new))
    variants = _add_variants([entry.title for entry in entries], products, known_skus)
    stock.add_initial(variants, now=now)
    denormalised.refresh({variant.product_id for variant in variants})
    without_picture = _without_picture(products)
    bare = [entry.title for entry in entries if entry.title.slug in without_picture]
    return Added(len(new), len(variants), _add_pictures(bare, products, bind))


def _ids(products: Sequence[Product]) -> dict[str, int]:
    return {product.slug: product.pk for product in products}


def _add_products(entries: Sequence[Entry]) -> list[Product]:
    categories = dict(Category.objects.values_list("slug", "pk"))
    return Product.objects.bulk_create(
        [
            Product(
                category_id=categories[category],
                slug=title.slug,
                title=title.title,
                author=title.author,
                year=title.year,
                years_text=title.years,
                description=title.about,
                quote=title.quote,
                language=title.language,
                pages=title.pages,
                created_at=title.created_at,
            )
            for category, title in entries
        ],
        batch_size=ROWS,
    )


def _add_variants(
    all_titles: Sequence[Title], products: dict[str, int], known: set[str], *, file: str = ""
) -> list[Variant]:
    return Variant.objects.bulk_create(
        [
            Variant(
                product_id=products[title.slug],
                sku=edition.sku,
                name=edition.name,
                detail=edition.detail,
                price=edition.price,
                stock=edition.stock,
                is_digital=edition.is_digital,
                format=edition.format,
                file=file if edition.is_digital else "",
                position=position,
            )
            for title in all_titles
            if title.slug in products
            for position, edition in enumerate(title.editions)
            if edition.sku not in known
        ],
        batch_size=ROWS,
    )


def _without_picture(products: dict[str, int]) -> set[str]:
    pictured = set(
        ProductImage.objects.filter(product__in=products.values()).values_list("product_id", flat=True)
    )
    return {slug for slug, pk in products.items() if pk not in pictured}


def _add_pictures(bare: Sequence[Title], products: dict[str, int], bind: Binder) -> int:
    if not bare:
        return 0
    covers = bind(bare)
    pictures = [
        ProductImage(
            product_id=products[title.slug],
            file=covers[title.slug].file,
            alt=covers[title.slug].alt,
            width=WIDTH,
            height=HEIGHT,
        )
        for title in bare
    ]
    return len(ProductImage.objects.bulk_create(pictures, batch_size=ROWS))


def _bind_each(shelves: Sequence[Shelf], bare: Sequence[Title]) -> dict[str, Cover]:
    drawn = titles.covers(shelves)
    return {
        title.slug: Cover(
            _store(title.slug, drawn[title.slug]),
            f"Cover of {title.title} by {title.author}" if title.author else f"Cover of {title.title}",
        )
        for title in bare
    }


def _bind_by_author(bound: dict[str, Cover], bare: Sequence[Title]) -> dict[str, Cover]:
    """Give all books of an invented author one cover, as collected works have. `bound` keeps what was drawn."""
    for title in bare:
        if title.author not in bound:
            svg = invented.cover(title.author)
            file = _store(f"works-{len(bound)}", svg)
            bound[title.author] = Cover(file, f"Cover of the collected works of {title.author}")
    return {title.slug: bound[title.author] for title in bare}


def _store(slug: str, svg: str) -> str:
    """Store a drawing under a name made from its content, once, and return that name."""
    data = svg.encode()
    name = f"covers/{slug}-{sha256(data).hexdigest()[:8]}.svg"
    return name if default_storage.exists(name) else default_storage.save(name, ContentFile(data))
