"""Structured data: schema.org as JSON-LD.

https://developers.google.com/search/docs/appearance/structured-data/product
"""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shop.catalogue.availability import Availability
from shop.catalogue.products import ProductPresenter
from shop.i18n.links import absolute, path
from shop.i18n.stored_text import translate_value
from shop.models import Variant
from shop.money import major
from shop.seo import social

_AVAILABILITY = {
    "in_stock": "InStock",
    "digital": "InStock",
    "few_left": "LimitedAvailability",
    "sold_out": "OutOfStock",
}


def of_product(item: ProductPresenter) -> dict[str, Any]:
    """Return what a product page shows: the product, an offer for each variant, and where it stands."""
    product, category = item.product, item.product.category
    places = (
        (_("All books"), path("shop:products")),
        (translate_value(category.name), category.get_absolute_url()),
        (product.title, product.get_absolute_url()),
    )
    return {"@context": "https://schema.org", "@graph": [_product(item), _crumbs(places)]}


def of_shop() -> dict[str, Any]:
    """Return what the first page says: the shop, and how to search it."""
    target = absolute(path("shop:products")) + "?q={words}"
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": settings.STORE_NAME,
        "url": absolute(path("shop:home")),
        "potentialAction": {"@type": "SearchAction", "target": target, "query-input": "required name=words"},
    }


def _product(item: ProductPresenter) -> dict[str, Any]:
    product = item.product
    url = absolute(product.get_absolute_url())
    pictures = [absolute(image.file.url) for image in item.images if image.widths]
    facts = {
        "author": {"@type": "Person", "name": product.author} if product.author else None,
        "description": product.description or None,
        "datePublished": str(product.year) if product.year and product.year >= 1000 else None,
        "numberOfPages": product.pages,
    }
    return {
        "@type": ["Product", "Book"],
        "@id": url,
        "url": url,
        "name": product.title,
        **{name: fact for name, fact in facts.items() if fact},
        "image": [*pictures, absolute(social.of_product(item).url)],
        "offers": [_offer(url, variant, availability) for variant, availability in item.offers],
    }


def _offer(url: str, variant: Variant, availability: Availability) -> dict[str, Any]:
    currency = settings.STORE_CURRENCY.upper()
    return {
        "@type": "Offer",
        "name": translate_value(variant.name),
        "sku": variant.sku,
        "url": url,
        "price": str(major(variant.price, currency)),
        "priceCurrency": currency,
        "availability": f"https://schema.org/{_AVAILABILITY[availability.code]}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@type": "Organization", "name": settings.STORE_NAME},
    }


def _crumbs(places: Iterable[tuple[str, str]]) -> dict[str, Any]:
    steps = [
        {"@type": "ListItem", "position": number, "name": name, "item": absolute(path)}
        for number, (name, path) in enumerate(places, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": steps}


# None of these can end the element they stand in, or begin another.
_SAFE = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def element(data: dict[str, Any]) -> SafeString:
    """Return JSON-LD as an element that browsers do not run."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_SAFE)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')  # noqa: S308 - escaped above
