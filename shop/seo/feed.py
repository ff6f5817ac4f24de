"""An Atom feed of new products."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from shop.i18n.links import absolute
from shop.models import Product

NEWEST = 30


class NewProducts(Feed[Product, None]):
    """The products that came last, newest first, in one SQL statement."""

    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the feed; readers and CDNs may keep it for an hour."""
        response = super().__call__(request, *args, **kwargs)
        response["Cache-Control"] = "public, max-age=3600"
        return response

    def title(self) -> str:
        """Return the shop's name and what this is."""
        return _("New books at %s") % settings.STORE_NAME

    def link(self) -> str:
        """Return the listing, newest first."""
        return absolute(reverse("shop:products") + "?sort=new")

    def feed_url(self) -> str:
        """Return the address of the feed itself."""
        return absolute(reverse("shop:new_products"))

    def items(self) -> list[Product]:
        """Return the newest products on sale."""
        return list(Product.objects.shown().order_by("-created_at", "-pk")[:NEWEST])

    def item_title(self, item: Product) -> str:
        """Return the title."""
        return item.title

    def item_description(self, item: Product) -> str:
        """Return what the product is."""
        return item.description

    def item_link(self, item: Product) -> str:
        """Return the address of the product page."""
        return absolute(item.get_absolute_url())

    def item_author_name(self, item: Product) -> str:
        """Return the author, or nothing."""
        return item.author

    def item_pubdate(self, item: Product) -> datetime:
        """Return since when it is on sale."""
        return item.created_at

    def item_updateddate(self, item: Product) -> datetime:
        """Return the same: a feed is read for what is new."""
        return item.created_at
