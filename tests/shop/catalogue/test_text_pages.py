"""Pages of text: staff write them, the footer leads to them, and nothing in them is markup."""

import pytest
from django.test import Client
from django.utils import translation

from shop.catalogue import text_pages
from shop.demo import texts
from shop.models import TextPage
from tests.shop.pages import add, words

pytestmark = pytest.mark.django_db

MANY = """First line
second line

## About <b>orders</b>
Write to shop@example.org or see https://example.org/a?b=c.
- one
- two

Last."""


def write(slug="terms", language="en", **values):
    return TextPage.objects.create(
        slug=slug, language=language, **{"title": "Terms", "text": "Be kind.", "position": 1} | values
    )


def footer(response):
    return words(response).partition("Good to know")[2]


def test_a_text_has_paragraphs_headings_and_lists():
    write(text=MANY)

    assert [tuple(block) for block in text_pages.by_slug("terms").blocks] == [
        ("paragraph", ("First line", "second line")),
        ("heading", ("About <b>orders</b>",)),
        ("paragraph", ("Write to shop@example.org or see https://example.org/a?b=c.",)),
        ("list", ("one", "two")),
        ("paragraph", ("Last.",)),
    ]


def test_nothing_in_a_text_is_markup(client):
    write(title="<script>alert(1)</script>", text=f"{MANY}\n<img src=x onerror=alert(1)> javascript:alert(1)")

    page = client.get("/pages/terms/").content.decode()

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "<h2>About &lt;b&gt;orders&lt;/b&gt;</h2>" in page
    assert '<a href="mailto:shop@example.org">' in page
    assert 'href="https://example.org/a?b=c"' in page


def test_an_unknown_page_is_404_with_a_clear_page(client):
    write()

    for path in ("/pages/nothing/", "/de/pages/nothing/"):
        assert client.get(path).status_code == 404
    assert "We have no such page, or not any more." in words(client.get("/pages/nothing/"))


def test_a_page_is_in_the_language_of_its_address(client):
    write()
    write(language="de", title="Bedingungen", text="Seien Sie nett.")

    assert "Be kind." in words(client.get("/pages/terms/"))
    german = client.get("/de/pages/terms/")
    assert "Seien Sie nett." in words(german)
    assert '<article class="text">' in german.content.decode()


@pytest.mark.parametrize(("language", "path"), [("de", "/pages/terms/"), ("en", "/de/pages/terms/")])
def test_without_a_text_in_the_language_the_other_one_shows(client, language, path):
    write(language=language, text="The other.")

    page = client.get(path).content.decode()

    assert "The other." in page
    assert f'<article class="text" lang="{language}">' in page


def test_the_footer_leads_to_each_page_once_in_its_order(client):
    write("imprint", title="Imprint", position=3)
    write("terms", title="Terms", position=2)
    write("terms", "de", title="Bedingungen", position=2)
    write("contact", "de", title="Kontakt", position=1)

    shown = client.get("/products/")

    assert footer(shown).split()[:3] == ["Kontakt", "Terms", "Imprint"]
    assert '<a href="/pages/contact/" lang="de">' in shown.content.decode()
    with translation.override("de"):
        assert [link.title for link in text_pages.links()] == ["Kontakt", "Bedingungen", "Imprint"]


@pytest.mark.parametrize("path", ["/", "/products/", "/cart/", "/accounts/login/", "/checkout/", "/nowhere/"])
def test_without_texts_the_footer_leaves_them_out(client, walden, path):
    add(client, walden)
    bare = client.get(path)
    write(title="Our terms")

    assert "Good to know" not in words(bare)
    assert "Our terms" in footer(client.get(path))


def test_a_change_shows_at_once_on_the_page_and_in_every_footer(client):
    page = write()
    for path in ("/pages/terms/", "/products/"):
        client.get(path)
    TextPage.objects.filter(pk=page.pk).update(title="Conditions")

    for path in ("/pages/terms/", "/products/"):
        assert "Conditions" in footer(client.get(path))


def test_the_page_is_the_same_bytes_for_everybody(client, as_alice, walden):
    write()
    visitor = Client()
    add(visitor, walden)

    answers = [who.get("/pages/terms/") for who in (client, visitor, as_alice)]

    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1
    assert b"csrf" not in answers[0].content


def test_the_checkout_leads_to_the_terms_where_there_are_any(client, walden):
    add(client, walden)
    write("privacy", title="Privacy")
    assert "By ordering you accept" not in words(client.get("/checkout/"))
    write()

    page = client.get("/checkout/")

    assert "By ordering you accept our terms ." in words(page)
    assert '<a href="/pages/terms/">terms</a>' in page.content.decode()


def test_the_demonstration_has_each_text_in_both_languages_and_leaves_what_staff_wrote(client):
    write("terms", text="Ours.")

    added, again = texts.load(), texts.load()

    slugs = ["contact", "shipping-and-returns", "ways-to-pay", "terms", "privacy", "imprint"]
    assert (added, again) == (11, 0)
    assert sorted(TextPage.objects.values_list("slug", "language")) == sorted(
        (slug, language) for slug in slugs for language in ("en", "de")
    )
    assert text_pages.by_slug("terms").text == "Ours."
    for slug in slugs:
        assert (
            client.get(f"/pages/{slug}/").status_code == client.get(f"/de/pages/{slug}/").status_code == 200
        )


def test_the_map_has_them(client):
    write()

    assert "/de/pages/terms/</loc>" in client.get("/sitemap-shelves.xml").content.decode()


def test_staff_write_a_page_and_one_text_for_each_language(as_sam, client):
    data = {"slug": "terms", "language": "en", "title": "Terms", "text": "Be kind.", "position": "1"}

    assert as_sam.post("/admin/shop/textpage/add/", data).status_code == 302
    again = as_sam.post("/admin/shop/textpage/add/", data)
    odd = as_sam.post("/admin/shop/textpage/add/", {**data, "language": "tlh"})

    assert "This page has a text in this language already." in words(again)
    assert odd.status_code == 200
    assert TextPage.objects.count() == 1
    assert "Be kind." in words(client.get("/pages/terms/"))


def test_staff_who_were_overtaken_are_told(as_sam):
    page = write()
    address = f"/admin/shop/textpage/{page.pk}/change/"
    shown = {"slug": "terms", "language": "en", "title": "Terms", "text": "Be kind.", "position": "1"}
    initial = {f"initial-{name}": value for name, value in shown.items()}
    TextPage.objects.update(text="Be honest.")

    answer = as_sam.post(address, {**shown, **initial, "text": "Be quick."})

    assert "Meanwhile “Be kind.” became “Be honest.”" in words(answer)
    assert TextPage.objects.get().text == "Be honest."


def test_programs_read_them_in_their_language(client):
    write(text=MANY)
    write("imprint", "de", title="Impressum", text="Wir.", position=2)

    listed = client.get("/api/v1/pages")
    shown = client.get("/api/v1/pages/imprint", headers={"Accept-Language": "de"})

    assert listed.json()["items"] == [
        {"slug": "terms", "title": "Terms", "language": "en"},
        {"slug": "imprint", "title": "Impressum", "language": "de"},
    ]
    assert shown.json() == {"slug": "imprint", "title": "Impressum", "language": "de", "text": "Wir."}
    assert client.get("/api/v1/pages/terms").json()["text"] == MANY
    missing = client.get("/api/v1/pages/nothing")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "unknown_page")
