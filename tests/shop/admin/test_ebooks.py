"""Staff upload what an e-book's buyers download."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shop.demo.epub_file import Chapter, write
from shop.media import ebooks, uploads
from shop.models import Variant
from tests.factories import VariantFactory
from tests.html_forms import as_sent

pytestmark = pytest.mark.django_db

EPUB = write("walden", "Walden", "Henry David Thoreau", [Chapter("Economy", ["A few words of ours."])])
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture(autouse=True)
def roots(settings: Any, tmp_path: Any) -> None:
    settings.PRIVATE_ROOT, settings.MEDIA_ROOT = tmp_path / "private", tmp_path / "media"


@pytest.fixture
def variant() -> Variant:
    row: Variant = VariantFactory(sku="WALDEN-EB", name="E-book", format="ebook", is_digital=True)
    return row


def page_of(variant: Variant) -> str:
    return reverse("admin:shop_product_change", args=[variant.product_id])


def upload(client: Client, variant: Variant, name: str, content: bytes) -> Any:
    form = as_sent(client.get(page_of(variant)), "product_form")
    form["variants-0-file"] = [SimpleUploadedFile(name, content)]
    return client.post(page_of(variant), form)


@pytest.mark.parametrize(("name", "content"), [("Walden (final).EPUB", EPUB), ("walden.pdf", PDF)])
def test_an_e_book_is_stored_under_a_name_made_from_its_content_and_never_below_media(
    as_sam: Client, variant: Variant, settings: Any, name: str, content: bytes
) -> None:
    assert upload(as_sam, variant, name, content).status_code == 302
    variant.refresh_from_db()
    stored = variant.file.name
    assert stored.startswith("ebooks/walden")
    assert stored.endswith(name[-5:].lower().lstrip("n"))
    assert (settings.PRIVATE_ROOT / stored).read_bytes() == content
    assert not settings.MEDIA_ROOT.exists()
    page = as_sam.get(page_of(variant)).text
    assert stored.removeprefix("ebooks/") in page
    assert f'href="/media/{stored}' not in page


def zipped(*names: str) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("walden.epub", b"<html><script>alert(1)</script>"),
        ("walden.epub", b"MZ\x90\x00"),
        ("walden.epub", zipped("META-INF/container.xml")),  # a ZIP file, and no EPUB
        ("walden.epub", zipped("mimetype")),
        ("walden.epub", EPUB[:200]),
        ("walden.pdf", b"PDF"),
    ],
)
def test_what_no_reader_opens_is_refused_whatever_it_is_called(
    as_sam: Client, variant: Variant, name: str, content: bytes
) -> None:
    page = upload(as_sam, variant, name, content)
    assert "This file is no EPUB and no PDF that readers open." in page.text
    variant.refresh_from_db()
    assert not variant.file


def test_a_file_that_is_too_large_is_refused(
    as_sam: Client, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ebooks, "MOST_BYTES", len(EPUB) - 1)
    assert "larger than 200 MB" in upload(as_sam, variant, "walden.epub", EPUB).text


def test_another_file_takes_its_place_and_saving_without_one_keeps_it(
    as_sam: Client, variant: Variant
) -> None:
    upload(as_sam, variant, "walden.epub", EPUB)
    upload(as_sam, variant, "walden.pdf", PDF)
    variant.refresh_from_db()
    with variant.file.open() as file:
        assert file.read() == PDF
    as_sam.post(page_of(variant), as_sent(as_sam.get(page_of(variant)), "product_form"))
    kept = variant.file.name
    variant.refresh_from_db()
    assert variant.file.name == kept


def test_no_e_book_is_read_as_a_picture(
    as_sam: Client, variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "read", lambda *_arguments: pytest.fail("it was"))
    assert upload(as_sam, variant, "walden.pdf", PDF).status_code == 302


def test_the_page_of_a_product_says_which_file_is_missing(
    as_sam: Client, variant: Variant, settings: Any
) -> None:
    upload(as_sam, variant, "walden.pdf", PDF)
    variant.refresh_from_db()
    (settings.PRIVATE_ROOT / variant.file.name).unlink()
    assert "is missing" in as_sam.get(page_of(variant)).text
