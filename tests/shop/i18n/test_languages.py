"""A page's language is in its address; only the first page, the API and the admin ask the browser."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from shop.i18n import languages
from tests.accounts.reading import Page
from tests.factories import VariantFactory

GERMAN = "de-DE,de;q=0.9,en;q=0.5"
ENGLISH = "en-GB,en;q=0.9,de;q=0.5"


@pytest.fixture
def on_sale(db: None) -> str:
    """A book to look at: its slug."""
    slug: str = VariantFactory().product.slug
    return slug


def lang(client: Client, address: str, **headers: str) -> str:
    """Return the language that a page says it is in."""
    return Page(client.get(address, headers=headers)).all("html")[0].attrs["lang"]


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/", "en"),
        ("/de/", "de"),
        ("/de", "de"),
        ("/de/cart/", "de"),
        ("/debate/", "en"),
        ("/products/de/", "en"),
        ("", "en"),
    ],
)
def test_the_first_part_of_an_address_names_its_language(path: str, language: str) -> None:
    assert languages.of_path(path) == language


@pytest.mark.parametrize(
    ("language", "address", "same_page"),
    [
        ("de", "/", "/de/"),
        ("en", "/de/", "/"),
        ("de", "/products/?q=de", "/de/products/?q=de"),
        ("en", "/de/products/?q=de", "/products/?q=de"),
        ("de", "/de/cart/", "/de/cart/"),
        ("en", "/cart/", "/cart/"),
        ("en", "/de", "/"),
    ],
)
def test_a_page_has_one_address_in_each_language(language: str, address: str, same_page: str) -> None:
    assert languages.address_in(language, address) == same_page


def test_pages_speak_the_language_of_their_address_whatever_the_browser_asks(
    client: Client, on_sale: str
) -> None:
    client.cookies["language"] = "de"
    for page in ("/products/", f"/products/{on_sale}/", "/cart/", "/accounts/login/", "/nowhere/"):
        assert lang(client, page, accept_language=GERMAN) == "en"
        assert lang(client, f"/de{page}", accept_language=ENGLISH) == "de"


def test_a_page_leads_on_in_its_own_language(client: Client, on_sale: str) -> None:
    page = Page(client.get(f"/de/products/{on_sale}/"))
    own = [link.attrs["href"] for link in page.all("a") if link.attrs["href"].startswith("/")]
    assert own
    assert [href for href in own if not href.startswith(("/de/", "/language/en/"))] == []
    assert page.all("form", method="post")[0].attrs["action"] == "/de/cart/lines/"


def test_public_pages_do_not_vary_by_the_browser(client: Client, on_sale: str) -> None:
    for page in (f"/products/{on_sale}/", f"/de/products/{on_sale}/", "/de/"):
        first = client.get(page, headers={"accept-language": GERMAN})
        other = client.get(page, headers={"accept-language": ENGLISH})
        assert first.content == other.content
        assert "accept-language" not in first.get("Vary", "").lower()


def test_the_first_page_leads_a_german_browser_to_german(client: Client, on_sale: str) -> None:
    answer = client.get("/?ref=letter", headers={"accept-language": GERMAN})
    assert (answer.status_code, answer["Location"]) == (302, "/de/?ref=letter")
    assert answer["Cache-Control"] == "private, no-store"
    assert "Accept-Language" in answer["Vary"]


@pytest.mark.parametrize("asked", [None, "", ENGLISH, "fr", "*", "nonsense;;q=x"])
def test_everybody_else_gets_the_first_page_at_once(client: Client, on_sale: str, asked: str | None) -> None:
    answer = client.get("/", headers={} if asked is None else {"accept-language": asked})
    assert answer.status_code == 200
    assert answer["Content-Language"] == "en"
    assert "Accept-Language" in answer["Vary"]


def test_the_link_in_the_footer_shows_the_same_page_and_is_remembered(client: Client, on_sale: str) -> None:
    page = Page(client.get("/de/products/?q=book&sort=new"))
    [link] = page.all("a", hreflang="en")
    assert (link.text, link.attrs["lang"]) == ("English", "en")
    answer = client.get(link.attrs["href"])
    assert (answer.status_code, answer["Location"]) == (302, "/products/?q=book&sort=new")
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/", headers={"accept-language": GERMAN}).status_code == 200

    [back] = Page(client.get("/")).all("a", hreflang="de")
    assert back.text == "Deutsch"
    assert client.get(back.attrs["href"])["Location"] == "/de/"
    assert client.get("/", headers={"accept-language": ENGLISH})["Location"] == "/de/"


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example/", "/\\evil.example", "", "javascript:x"]
)
def test_the_choice_of_a_language_leads_nowhere_else(client: Client, following: str) -> None:
    answer = client.get("/language/de/", {"next": following})
    assert answer["Location"] == "/de/"


def test_a_language_that_we_do_not_speak_cannot_be_chosen(client: Client, db: None) -> None:
    answer = client.get("/language/tlh/", {"next": "/"})
    assert answer.status_code == 404
    assert "language" not in answer.cookies


def test_a_public_page_names_the_same_page_in_every_language(
    client: Client, on_sale: str, settings: Any
) -> None:
    settings.STORE_URL = "https://folio.example"
    for page in (f"/products/{on_sale}/", f"/de/products/{on_sale}/"):
        links = {
            link.attrs["hreflang"]: link.attrs["href"]
            for link in Page(client.get(page)).all("link", rel="alternate")
            if "hreflang" in link.attrs
        }
        english = f"https://folio.example/products/{on_sale}/"
        assert links == {
            "en": english,
            "de": f"https://folio.example/de/products/{on_sale}/",
            "x-default": english,
        }


def test_the_canonical_address_is_the_page_itself(client: Client, on_sale: str) -> None:
    [link] = Page(client.get(f"/de/products/{on_sale}/?ref=letter")).all("link", rel="canonical")
    assert urlsplit(link.attrs["href"]).path == f"/de/products/{on_sale}/"


def test_what_is_no_page_has_one_address(client: Client, db: None) -> None:
    with translation.override("de"):
        assert reverse("webhook") == "/webhooks/stripe/"
        assert reverse("outside:media", args=["a.svg"]) == "/media/a.svg"
        assert reverse("admin:index") == "/admin/"
        assert reverse("webhook") == "/webhooks/stripe/"
    for path in ("/de/webhooks/stripe/", "/de/admin/", "/de/healthz", "/de/media/covers/a.svg", "/en/cart/"):
        assert client.get(path).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("checkout:webhook")


def test_the_admin_speaks_the_language_of_the_browser(as_sam: Client) -> None:
    assert lang(as_sam, "/admin/") == "en"
    answer = as_sam.get("/admin/", headers={"accept-language": GERMAN})
    assert answer["Content-Language"] == "de"
    assert "Accept-Language" in answer["Vary"]


def test_the_api_speaks_the_language_that_is_asked_for(client: Client, on_sale: str) -> None:
    address = "/api/v1/products/none"
    german = client.get(address, headers={"accept-language": GERMAN})
    assert german.json()["error"]["message"] == "Dieses Buch haben wir nicht oder nicht mehr."
    assert "Accept-Language" in german["Vary"]
    assert client.get(address).json()["error"]["message"] == "We have no such book, or not any more."
    book = client.get(f"/api/v1/products/{on_sale}", headers={"accept-language": GERMAN}).json()
    assert [variant["name"] for variant in book["variants"]] == ["Taschenbuch"]


def test_what_a_book_says_of_itself_is_marked_as_its_own_language(client: Client, on_sale: str) -> None:
    [text] = Page(client.get(f"/de/products/{on_sale}/")).all("div", class_="text")
    assert text.attrs["lang"] == "en"
    [text] = Page(client.get(f"/products/{on_sale}/")).all("div", class_="text")
    assert "lang" not in text.attrs


def test_one_who_must_log_in_first_stays_in_the_language(client: Client, db: None) -> None:
    answer = client.get("/de/orders/")
    assert answer["Location"] == "/de/accounts/login/?next=/de/orders/"
    answer = client.post(
        "/de/accounts/signup/", {"email": "alice@example.org", "password1": "correct-horse-battery"}
    )
    assert answer["Location"] == "/de/"
    assert client.post("/de/accounts/logout/")["Location"] == "/de/"
