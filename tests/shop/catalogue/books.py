"""Books as the tests of the catalogue make them."""

from tests.factories import CategoryFactory, ProductFactory, VariantFactory


def book(title, *, category="Fiction", editions=((1100, 10),), **fields):
    """Make a product with `(price, stock)` editions."""
    product = ProductFactory(title=title, category=CategoryFactory(name=category), **fields)
    for price, stock in editions:
        VariantFactory(product=product, price=price, stock=stock)
    return product
