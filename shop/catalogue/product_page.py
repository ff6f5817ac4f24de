"""The product page's content: a product and its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.utils.translation import gettext as _

from shop.catalogue import cards
from shop.catalogue.cards import Card
from shop.catalogue.products import ProductPresenter
from shop.errors import ShopError
from shop.models import Product

# So many neighbours stand beside a product.
NEIGHBOURS = 6


class UnknownProductError(ShopError):
    """No such product is shown: it never was, or it is not published."""

    code = "unknown_product"
    status = HTTPStatus.NOT_FOUND

    def __init__(self) -> None:
        super().__init__(_("We have no such book, or not any more."))


@dataclass(frozen=True)
class ProductPage:
    """A product and others of its category."""

    shown: ProductPresenter
    related: Sequence[Card]


def product_page(slug: str) -> ProductPage:
    """Return a product that is shown, and its neighbours. Raises UnknownProductError."""
    shown = by_slug(slug)
    return ProductPage(shown, tuple(cards.by_ids(neighbours(shown.product)).values()))


def by_slug(slug: str) -> ProductPresenter:
    """Return a product that is shown. Raises UnknownProductError."""
    product = Product.objects.shown().with_variants().filter(slug=slug).first()
    if product is None:
        raise UnknownProductError
    return ProductPresenter(product)


def page_of_variant(variant_id: int) -> ProductPage:
    """Return the page of the product that a variant is of. Raises UnknownProductError."""
    slug = Product.objects.filter(variants=variant_id).values_list("slug", flat=True).first()
    if slug is None:
        raise UnknownProductError
    return product_page(slug)


def neighbours(product: Product) -> list[int]:
    """Return ids of the next newer products of the category and, at its end, of the oldest."""
    others = Product.objects.shown().filter(category=product.category_id).order_by("created_at", "pk")
    # Both begin with a range of times, which the index of newest products has; the rest is about those of the same time.
    newer = others.filter(created_at__gte=product.created_at).exclude(
        created_at=product.created_at, pk__lte=product.pk
    )
    ids = list(newer.values_list("pk", flat=True)[:NEIGHBOURS])
    if len(ids) < NEIGHBOURS:
        older = others.filter(created_at__lte=product.created_at).exclude(
            created_at=product.created_at, pk__gte=product.pk
        )
        ids += older.values_list("pk", flat=True)[: NEIGHBOURS - len(ids)]
    return ids
