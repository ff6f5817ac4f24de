"""What staff upload as the picture of a book."""

import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from PIL import Image

from shop.media import photographs, pictures, sandbox, uploads
from shop.media.pictures import WrongPictureError
from tests.factories import VariantFactory
from tests.html_forms import as_sent
from tests.shop.admin.test_products import product_form

REALLY = sandbox.photograph
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 300">{}</svg>'


@pytest.fixture(autouse=True)
def media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    # In a process of its own: test_sandbox.py, and what staff upload below.
    monkeypatch.setattr(sandbox, "photograph", photographs.make)


def photograph(width=1000, height=1500, kind="JPEG", mode="RGB", **options):
    file = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(file, kind, **options)
    file.seek(0)
    return file


def opened(data):
    return Image.open(BytesIO(data))


def refusal(data, name="walden.jpg"):
    with pytest.raises(WrongPictureError) as caught:
        uploads.read(BytesIO(data), name)
    return caught.value.message


def test_a_photograph_comes_in_the_widths_it_has_and_two_light_kinds():
    made = uploads.read(photograph(1000, 1500), "Walden (front).JPG")

    assert (made.width, made.height, made.widths) == (1000, 1500, (240, 480, 960))
    assert made.name.startswith("covers/walden-front-")
    sizes = {name.removeprefix(made.name[:-4]): opened(data).size for name, data in made.files.items()}
    assert sizes == {
        ".jpg": (1000, 1500),
        "-240.avif": (240, 360), "-240.webp": (240, 360),
        "-480.avif": (480, 720), "-480.webp": (480, 720),
        "-960.avif": (960, 1440), "-960.webp": (960, 1440),
    }  # fmt: skip
    assert {name[-4:]: opened(data).format for name, data in made.files.items()} == {
        ".jpg": "JPEG", "avif": "AVIF", "webp": "WEBP",
    }  # fmt: skip


def test_a_small_picture_is_not_blown_up_and_a_huge_one_is_made_smaller():
    assert uploads.read(photograph(200, 300), "a.jpg").widths == ()
    large = uploads.read(photograph(2600, 3900), "a.jpg")
    assert (large.width, large.height) == (1333, 2000)


@pytest.mark.parametrize(("kind", "mode", "ending"), [("PNG", "RGBA", "png"), ("PNG", "P", "jpg"), ("WEBP", "RGB", "jpg"), ("AVIF", "RGB", "jpg"), ("JPEG", "CMYK", "jpg")])  # fmt: skip
def test_what_every_browser_shows_is_the_way_back(kind, mode, ending):
    made = uploads.read(photograph(300, 450, kind, mode), "a.bin")

    assert made.name.endswith(f".{ending}")
    assert opened(made.files[made.name]).mode == ("RGBA" if ending == "png" else "RGB")


def test_it_stands_upright_and_tells_nothing_of_the_camera():
    notes = Image.Exif()
    notes[0x0112] = 6  # held on its side
    notes[0x010F] = "A camera"
    made = uploads.read(photograph(600, 400, exif=notes), "a.jpg")

    assert (made.width, made.height) == (400, 600)
    for data in made.files.values():
        assert not opened(data).getexif()
        assert b"A camera" not in data


def bomb():
    """A PNG of a few hundred bytes that says it is 60,000 × 60,000."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )  # fmt: skip


def moving():
    file = BytesIO()
    frames = [Image.new("RGB", (300, 450), colour) for colour in ("red", "blue")]
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no picture that we can read"),
        (b"MZ\x90 an attachment", "no picture that we can read"),
        (photograph().getvalue()[:3000], "no picture that we can read"),
        (b"GIF89a" + bytes(40), "no picture that we can read"),
        (bomb(), "can read"),
        (photograph(8000, 8000, "PNG", "1").getvalue(), "more than 50 million pixels"),
        (moving(), "This picture moves."),
        (b"<html><script>", "broken"),
        (b"<html></html>", "no drawing in SVG"),
        (SVG.format("<script>alert(1)</script>").encode(), "runs scripts"),
        (SVG.format('<g onload="alert(1)"/>').encode(), "runs scripts"),
        (SVG.format('<use href="https://example.org/a.svg#b"/>').encode(), "loads other files"),
        (SVG.format('<image href="/etc/hosts"/>').encode(), "loads other files"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="4"/>', "how wide and high"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_with_the_reason(data, said):
    assert said in refusal(data)


def test_too_many_bytes_are_not_even_looked_at(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 100)
    monkeypatch.setattr(photographs, "make", None)

    assert "larger than 20 MB" in refusal(bytes(101))


def test_entities_that_multiply_do_not_fill_the_memory():
    lines = "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' if n else '<!ENTITY a0 "aaaaaaaaaa">' for n in range(12)
    )
    laughs = f"<!DOCTYPE svg [{lines}]>" + SVG.format("<text>&a11;</text>")

    assert "broken" in refusal(laughs.encode())


def test_a_drawing_stays_as_it_is():
    data = SVG.format("<path d='M0 0h1v1z'/>").encode()

    made = uploads.read(BytesIO(data), "walden.svg")

    assert (made.width, made.height, made.widths) == (200, 300, ())
    assert made.files == {made.name: data}


@pytest.fixture
def elsewhere(monkeypatch, media):
    monkeypatch.setattr(sandbox, "photograph", REALLY)


@pytest.mark.django_db
def test_staff_upload_a_photograph_and_pages_offer_it_by_width(as_sam, client, elsewhere):
    product = VariantFactory(product__slug="walden").product
    form = product_form(
        **{"images-TOTAL_FORMS": "1", "images-INITIAL_FORMS": "0", "images-0-product": product.pk},
        **{"images-0-alt": "A worn blue cover", "images-0-position": "0", "slug": "walden"},
    )
    address = reverse("admin:shop_product_change", args=[product.pk])

    refused = as_sam.post(address, form | {"images-0-file": SimpleUploadedFile("a.jpg", b"no")})
    assert "no picture that we can read" in refused.content.decode()
    upload = SimpleUploadedFile("Walden.jpg", photograph(600, 900).read())
    assert as_sam.post(address, form | {"images-0-file": upload}).status_code == 302

    image = product.images.get()
    assert (image.width, image.height, image.widths) == (600, 900, [240, 480])
    page = client.get("/products/walden/").content.decode()
    assert f'<img src="{image.file.url}" width="600" height="900" alt="A worn blue cover"' in page
    stem = image.file.url.removesuffix(".jpg")
    for kind in ("avif", "webp"):
        assert f'<source type="image/{kind}" srcset="{stem}-240.{kind} 240w, {stem}-480.{kind} 480w"' in page
        for width in (240, 480):
            assert default_storage.exists(pictures.rendition(image.file.name, width, kind))
            answer = client.get(f"{stem}-{width}.{kind}")
            assert answer.headers["Content-Type"] == f"image/{kind}"
            assert opened(b"".join(answer.streaming_content)).width == width
    assert f'srcset="{stem}-240.avif' in client.get("/products/").content.decode()


@pytest.mark.django_db
def test_the_same_upload_again_writes_nothing_new():
    names = [pictures.store(uploads.read(photograph(300, 450), "a.jpg")) for _ in range(2)]

    assert names[0] == names[1]
    assert len(default_storage.listdir("covers")[1]) == 3


def images_form(product, *rows):
    """Return the product's form with new pictures, each given by its fields."""
    fields = {
        f"images-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()
    }
    numbers = {"images-TOTAL_FORMS": str(len(rows)), "images-INITIAL_FORMS": "0"}
    return product_form(product, slug="walden", **numbers, **fields)


def upload(data=None):
    return SimpleUploadedFile("Walden.jpg", photograph(300, 450).read() if data is None else data)


@pytest.fixture
def page(db):
    product = VariantFactory(product__slug="walden", product__title="Walden").product
    return product, reverse("admin:shop_product_change", args=[product.pk])


def test_f15_what_pillow_gives_up_on_is_a_field_error_beside_the_kept_form(as_sam, page):
    product, address = page
    row = {"file": upload(avif_that_breaks()), "alt": "A pond", "position": "0"}

    answer = as_sam.post(address, images_form(product, row) | {"title": "Walden again"})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "no picture that we can read" in text
    assert 'value="Walden again"' in text
    assert 'value="A pond"' in text


def avif_that_breaks():
    data = photograph(60, 90, "AVIF").getvalue()
    return data[:-40] + b"\xff" * 40


def test_a_chosen_photograph_is_still_there_after_an_error(as_sam, page):
    product, address = page
    row = {"file": upload(), "alt": "", "position": "0"}
    answer = as_sam.post(address, images_form(product, row))
    assert (answer.status_code, product.images.count()) == (200, 0)
    assert '<img src="/media/covers/walden-' in answer.content.decode()

    again = as_sent(answer, "product_form", **{"images-0-alt": "A pond"})
    assert as_sam.post(address, again).status_code == 302

    image = product.images.get()
    assert (image.width, image.height, image.widths, image.alt) == (300, 450, [240], "A pond")
    assert default_storage.exists(image.file.name)


def test_so_is_one_that_takes_the_place_of_another(as_sam, page):
    product, address = page
    as_sam.post(address, images_form(product, {"file": upload(), "alt": "A pond", "position": "0"}))
    changed = as_sent(as_sam.get(address), "product_form", **{"images-0-alt": ""})
    other = SimpleUploadedFile("b.jpg", photograph(240, 360).read())
    answer = as_sam.post(address, changed | {"images-0-file": other})
    assert (answer.status_code, product.images.get().width) == (200, 300)

    assert (
        as_sam.post(address, as_sent(answer, "product_form", **{"images-0-alt": "A cabin"})).status_code
        == 302
    )

    image = product.images.get()
    assert (image.width, image.alt) == (240, "A cabin")
    assert image.file.name.startswith("covers/b-")


def test_what_somebody_wrote_into_the_page_is_no_photograph(as_sam, page):
    product, address = page
    row = {"kept": "covers/of-another.jpg", "alt": "A pond", "position": "0"}
    answer = as_sam.post(address, images_form(product, row))
    assert "This field is required." in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_f16_a_picture_is_made_while_no_transaction_waits_for_it(as_sam, monkeypatch):
    product = VariantFactory(product__slug="walden").product
    inside = []
    make = lambda stem, data: inside.append(connection.in_atomic_block) or photographs.make(stem, data)  # noqa: E731
    monkeypatch.setattr(sandbox, "photograph", make)
    row = {"file": upload(), "alt": "A pond", "position": "0"}

    as_sam.post(reverse("admin:shop_product_change", args=[product.pk]), images_form(product, row))

    assert (inside, product.images.count()) == ([False], 1)
