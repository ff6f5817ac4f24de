"""Rows for tests, with only what a test names set by it."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from shop import stock
from shop.catalogue import denormalised
from shop.models import Category, Product, ProductImage, Variant

EARLY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    name = "Fiction"
    slug = factory.LazyAttribute(lambda category: category.name.lower())
    position = factory.Sequence(int)


class ProductFactory(DjangoModelFactory):
    """A published book. Without variants it is not shown: make them with VariantFactory."""

    class Meta:
        model = Product

    category = factory.SubFactory(CategoryFactory)
    title = factory.Sequence(lambda number: f"Book {number:04}")
    slug = factory.Sequence(lambda number: f"book-{number}")
    author = "George Eliot"
    year = 1871
    description = "One town and four marriages."
    language = "English"
    pages = 904
    created_at = EARLY


class ProductImageFactory(DjangoModelFactory):
    class Meta:
        model = ProductImage

    product = factory.SubFactory(ProductFactory)
    file = factory.Sequence(lambda number: f"covers/cover-{number}.svg")
    alt = "A cover"
    width = 200
    height = 300


class VariantFactory(DjangoModelFactory):
    """An edition whose first stock is written as a movement, and of which listings and search know, as everywhere."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda number: f"SKU-{number}")
    name = "Paperback"
    format = "paperback"
    price = 1100
    stock = 10

    @factory.post_generation
    def first_count(self: Variant, create: bool, _extracted: object) -> None:
        if create:
            stock.add_initial([self], now=EARLY)
            denormalised.refresh([self.product_id])
