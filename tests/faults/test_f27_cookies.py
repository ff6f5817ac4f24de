"""F27: a browser that keeps no cookies."""

from typing import Any

import pytest
from django.test import Client

from shop.models import Variant
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
WORDS = "Your browser did not keep your cart."


class Forgetful(Client):
    """A browser that refuses every cookie."""

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        self.cookies.clear()
        return response


@pytest.fixture
def walden() -> Variant:
    return VariantFactory(product__title="Walden", name="Paperback", stock=9)


def add(client: Client, variant: Variant, **more: Any) -> Any:
    return client.post(
        "/cart/lines/", {"variant": variant.pk, "quantity": "1", **more.pop("fields", {})}, **more
    )


@pytest.mark.parametrize("language", ["", "/de"])
def test_f27_the_page_after_adding_says_that_cookies_were_refused(walden, language):
    browser = Forgetful()
    added = browser.post(f"{language}/cart/lines/", {"variant": walden.pk, "quantity": "1"}, follow=True)

    text = added.content.decode()
    assert added.redirect_chain == [(f"{language}/cart/new/", 302)]
    assert ("Ihr Browser hat Ihren Warenkorb nicht behalten." if language else WORDS) in text
    assert "no-store" in added.headers["Cache-Control"]


def test_f27_whoever_keeps_them_sees_the_cart(client, walden):
    page = add(client, walden, follow=True)

    assert page.status_code == 200
    assert "<strong>In your cart.</strong> Walden, paperback." in page.content.decode()
    assert WORDS not in page.content.decode()
    assert add(client, walden).headers["Location"] == "/cart/"


def test_f27_an_account_has_its_cart_without_that_cookie(as_alice, walden):
    assert add(as_alice, walden).headers["Location"] == "/cart/"


@pytest.mark.parametrize(
    ("fields", "address"), [({}, "/cart/new/"), ({"from": "card"}, "/cart/new/?from=card")]
)
def test_f27_what_is_added_in_place_asks_once_whether_the_cart_was_kept(client, walden, fields, address):
    first = add(client, walden, fields=fields, headers=HTMX)
    assert f'hx-get="{address}"' in first.content.decode()
    assert client.get(address, headers=HTMX).status_code == 204
    assert "hx-get" not in add(client, walden, fields=fields, headers=HTMX).content.decode().replace(
        "/fragments", ""
    )

    refused = Forgetful().get(address, headers=HTMX)

    assert WORDS in refused.content.decode()
    assert "cart-changed" in refused.headers["HX-Trigger"]
