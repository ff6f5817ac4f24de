"""A book as pages show it: the product, what one can buy of it, and its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from shop import availability
from shop.availability import Availability
from shop.models import Product, ProductImage, Variant

_VARIANTS = Variant.objects.filter(product=OuterRef("pk"))
IN_STOCK = Exists(_VARIANTS.filter(stock__gt=0))


@dataclass(frozen=True)
class Book:
    """A product with its variants and its cover, in the words of a page. Prices in minor units."""

    product: Product
    variants: Sequence[Variant]
    images: Sequence[ProductImage]

    @property
    def title(self) -> str:
        """Return the title."""
        return self.product.title

    @property
    def author(self) -> str:
        """Return the author, or nothing."""
        return self.product.author

    @property
    def url(self) -> str:
        """Return the address of the product page."""
        return self.product.get_absolute_url()

    @property
    def cover(self) -> ProductImage | None:
        """Return the first picture."""
        return self.images[0] if self.images else None

    @property
    def cover_url(self) -> str:
        """Return the address of the cover, small, or nothing."""
        return self.cover.small_url if self.cover else ""

    @property
    def price_from(self) -> int:
        """Return the lowest price one can pay now; of a sold-out book, the lowest there was."""
        return min(self._prices)

    @property
    def has_many_prices(self) -> bool:
        """Tell whether editions differ in price."""
        return len(set(self._prices)) > 1

    @cached_property
    def availability(self) -> Availability:
        """Return what we say about stock."""
        return availability.of_product(self.variants)

    @property
    def editions(self) -> list[tuple[Variant, Availability]]:
        """Return each variant with what we say about its stock."""
        return [(variant, availability.of_variant(variant)) for variant in self.variants]

    @property
    def first_available(self) -> Variant | None:
        """Return the first edition that can be bought."""
        return next((variant for variant in self.variants if variant.stock), None)

    @cached_property
    def cheapest(self) -> Variant | None:
        """Return the edition that `price_from` is the price of; None where every one is sold out."""
        on_sale = [variant for variant in self.variants if variant.stock]
        return min(on_sale, key=lambda variant: variant.price, default=None)

    @property
    def add_words(self) -> str:
        """Return what the button of its card says; it names the edition where there are several."""
        if len(self.variants) == 1 or self.cheapest is None:
            return _("Add to cart")
        return _("Add %s") % self.cheapest.name_inside

    @property
    def year(self) -> str:
        """Return the year it first came out, in words, or nothing."""
        year = self.product.year
        if year is None:
            return ""
        return str(year) if year > 0 else _("%d BC") % -year

    @property
    def years(self) -> str:
        """Return the year or years it first came out, or nothing."""
        return self.product.years_text or self.year

    @property
    def _prices(self) -> list[int]:
        on_sale = [variant.price for variant in self.variants if variant.stock]
        return on_sale or [variant.price for variant in self.variants]


def shown() -> QuerySet[Product]:
    """Return the products that customers see: published, with something to sell."""
    return Product.objects.filter(Exists(_VARIANTS), is_published=True)


def with_details(products: Sequence[Product]) -> tuple[Book, ...]:
    """Return the products as books, in the same order, with two SQL statements for all of them."""
    prefetch_related_objects(products, "variants", "images")
    return tuple(
        Book(product, tuple(product.variants.all()), tuple(product.images.all())) for product in products
    )
