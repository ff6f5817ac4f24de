"""Asks the shop's pages, and reads what they say."""

import re
from html import unescape

from shop.models import CartLine

HTMX = {"HX-Request": "true"}


def words(response):
    """Return what a page says, without its tags and line breaks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", response.content.decode())))


def tag(response, pattern):
    """Return the first tag that matches, on one line."""
    found = re.search(pattern, response.content.decode())
    assert found, f"{pattern} is not in the page"
    return found[0]


def add(client, variant, quantity="1", **headers):
    return client.post(
        "/cart/lines/", {"variant": getattr(variant, "pk", variant), "quantity": quantity}, **headers
    )


def change(client, line, quantity, **headers):
    return client.post(f"/cart/lines/{line.pk}/", {"quantity": quantity}, **headers)


def contents():
    return {line.variant: line.quantity for line in CartLine.objects.all()}
