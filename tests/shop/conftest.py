import pytest

from tests.factories import ProductFactory, ProductImageFactory, VariantFactory


@pytest.fixture
def walden():
    product = ProductFactory(title="Walden", slug="walden", author="Henry David Thoreau", quote="Simplify.")
    ProductImageFactory(product=product)
    return VariantFactory(product=product, name="Paperback", price=1100, stock=10)
