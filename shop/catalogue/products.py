"""A product as pages and API show it: details, variants, pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from shop.catalogue import availability
from shop.catalogue.availability import Availability
from shop.models import Product, ProductImage, Variant


@dataclass(frozen=True)
class ProductPresenter:
    """A product in the words of a page. Prices in minor units.

    It must have come `with_variants`. What is plain about it (title, description, …) a template reads from `product`.
    """

    product: Product

    @property
    def variants(self) -> Sequence[Variant]:
        """Return what one can buy of it, or could."""
        return self.product.variant_list

    @property
    def images(self) -> Sequence[ProductImage]:
        """Return its pictures, the cover first."""
        return self.product.image_list

    @property
    def cover(self) -> ProductImage | None:
        """Return the first picture."""
        return self.images[0] if self.images else None

    @cached_property
    def prices(self) -> Sequence[int]:
        """Return the prices one can pay now; of what is sold out, those there were."""
        on_sale = [variant.price for variant in self.variants if variant.stock]
        return on_sale or [variant.price for variant in self.variants]

    @property
    def price_from(self) -> int:
        """Return the lowest price one can pay now; of what is sold out, the lowest there was."""
        return min(self.prices)

    @property
    def has_many_prices(self) -> bool:
        """Tell whether variants differ in price."""
        return len(set(self.prices)) > 1

    @cached_property
    def availability(self) -> Availability:
        """Return what we say about stock."""
        return availability.of_product(self.variants)

    @property
    def offers(self) -> list[tuple[Variant, Availability]]:
        """Return each variant with what we say about its stock."""
        return [(variant, availability.of_variant(variant)) for variant in self.variants]

    @property
    def first_available(self) -> Variant | None:
        """Return the first variant that can be bought."""
        return next((variant for variant in self.variants if variant.stock), None)

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


def by_ids(ids: Sequence[int]) -> tuple[ProductPresenter, ...]:
    """Return the products with these ids, in the same order, in three SQL statements; one that is gone is left out."""
    found = Product.objects.with_variants().in_bulk(ids)
    return tuple(ProductPresenter(found[pk]) for pk in ids if pk in found and found[pk].variant_list)
