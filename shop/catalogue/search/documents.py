"""Search documents: one row per product, made of its words."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from shop.catalogue.search import engines
from shop.catalogue.search.folding import indexed
from shop.models import Product, SearchDocument, Word

# Which fields of a product are searched: a match in `title` counts more than one in `author`, and that more than one in
# `text`. A field that is added here is found after `manage.py refresh_catalogue`.
SEARCHED: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "author": ("author",),
    "text": ("description", "years_text", "year"),
}
FIELDS = tuple(SEARCHED)
# Shorter words are not worth a “Did you mean”.
SHORTEST_WORD = 3
# A tsvector takes 1 MB. What stands further down in a description is not found.
LONGEST_TEXT = 200_000


def document(product: Product) -> SearchDocument:
    """Return the document of a product as it should be now; it is not saved."""
    return SearchDocument(
        product=product, **{name: _words_of(product, fields) for name, fields in SEARCHED.items()}
    )


def _words_of(product: Product, fields: Iterable[str]) -> str:
    values = [getattr(product, field) for field in fields]
    return indexed(" ".join(str(value) for value in values if value is not None)[:LONGEST_TEXT])


def write(products: Collection[Product], *, index: bool = True) -> int:
    """Bring the documents of some products up to date, and return how many were not.

    Without `index` the caller has new products, and makes the whole index anew afterwards.
    """
    there = SearchDocument.objects.in_bulk([product.pk for product in products])
    stale, fresh = [], []
    for product in products:
        now, before = document(product), there.get(product.pk)
        if before is None or any(getattr(now, name) != getattr(before, name) for name in FIELDS):
            fresh.append(now)
            stale += [before] if before else []
    if fresh:
        with transaction.atomic():
            if index:
                engines.forget(stale)
            SearchDocument.objects.bulk_create(
                fresh, update_conflicts=True, update_fields=FIELDS, unique_fields=["product"]
            )
            if index:
                engines.learn(fresh)
            add_words(fresh)
    return len(fresh)


def add_words(documents: Iterable[SearchDocument]) -> None:
    """Keep the words of titles and authors for “Did you mean”."""
    words = {word for each in documents for word in f"{each.title} {each.author}".split()}
    new = [Word(word=word) for word in sorted(words) if len(word) >= SHORTEST_WORD]
    # In alphabetical order, so that two who bring the same new words do not wait for each other.
    Word.objects.bulk_create(new, ignore_conflicts=True)
