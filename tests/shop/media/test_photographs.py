"""F15: pictures of the world, as cameras, phones and programs write them."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from shop.media import photographs
from shop.media.pictures import WrongPictureError

SIDE = 64
ORANGE = (192, 96, 32)


def saved(image, kind, **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(depth, colour, pixel, *chunks):
    """Return a PNG of one pixel's bytes (or of one byte of small pixels) again and again; Pillow does not write all kinds."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    times = SIDE * depth // 8 if depth < 8 else SIDE
    head = struct.pack(">IIBBBBB", SIDE, SIDE, depth, colour, 0, 0, 0)
    rows = zlib.compress((b"\0" + pixel * times) * SIDE)
    parts = (
        chunk(b"IHDR", head),
        *(chunk(*one) for one in chunks),
        chunk(b"IDAT", rows),
        chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def words(*values):
    return struct.pack(f">{len(values)}H", *values)


def see_through(*values):
    return b"tRNS", words(*values)


PALETTE = (b"PLTE", bytes([0, 0, 0, *ORANGE]))
PNGS = {
    "grey of 16 bits": (png(16, 0, words(0x8080)), (128, 128, 128)),
    "grey of 16 bits, see-through": (png(16, 0, words(0x8080), see_through(0x8080)), (128, 128, 128, 0)),
    "grey of 16 bits, solid": (png(16, 0, words(0x8080), see_through(0x8081)), (128, 128, 128, 255)),
    "grey of 8 bits, see-through": (png(8, 0, b"\x80", see_through(128)), (128, 128, 128, 0)),
    "grey of 4 bits": (png(4, 0, b"\x88"), (136, 136, 136)),
    "grey of 4 bits, see-through": (png(4, 0, b"\x88", see_through(8)), (136, 136, 136, 0)),
    "grey of 2 bits, see-through": (png(2, 0, b"\xaa", see_through(2)), (170, 170, 170, 0)),
    "grey of 1 bit": (png(1, 0, b"\xff"), (255, 255, 255)),
    "grey of 1 bit, see-through": (png(1, 0, b"\xff", see_through(1)), (255, 255, 255, 0)),
    "colours of 16 bits": (png(16, 2, words(0xC0C0, 0x6060, 0x2020)), ORANGE),
    "colours of 16 bits, see-through": (
        png(16, 2, words(0xC0C0, 0x6060, 0x2020), see_through(0xC0C0, 0x6060, 0x2020)), (*ORANGE, 0),
    ),
    "colours of 8 bits, see-through": (png(8, 2, bytes(ORANGE), see_through(*ORANGE)), (*ORANGE, 0)),
    "grey of 16 bits with alpha": (png(16, 4, words(0x8080, 0x4040)), (128, 128, 128, 64)),
    "colours of 16 bits with alpha": (png(16, 6, words(0xC0C0, 0x6060, 0x2020, 0x4040)), (*ORANGE, 64)),
    "palette": (png(8, 3, b"\x01", PALETTE), ORANGE),
    "palette of 1 bit": (png(1, 3, b"\xff", PALETTE), ORANGE),
    "palette, half see-through": (png(8, 3, b"\x01", PALETTE, (b"tRNS", b"\xff\x40")), (*ORANGE, 64)),
}  # fmt: skip


def main_file(made):
    return Image.open(BytesIO(made.files[made.name]))


def assert_looks(data, expected):
    seen = main_file(photographs.make("covers/a", data)).getpixel((SIDE // 2, SIDE // 2))
    assert len(seen) == len(expected)
    assert all(abs(one - other) <= 2 for one, other in zip(seen, expected, strict=True)), (seen, expected)


@pytest.mark.parametrize("name", PNGS)
def test_f15_every_kind_of_png_looks_as_it_did(name):
    assert_looks(*PNGS[name])


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "PNG"])
@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [("L", 128, (128, 128, 128)), ("RGB", ORANGE, ORANGE), ("CMYK", (63, 159, 223, 0), ORANGE)],
)
def test_f15_every_mode_looks_as_it_did(kind, mode, colour, expected):
    if (kind, mode) == ("PNG", "CMYK"):
        mode, colour = "P", 0  # PNG has no CMYK, and nobody else has palettes
        image = Image.new(mode, (SIDE, SIDE), colour)
        image.putpalette(bytes(ORANGE))
    else:
        image = Image.new(mode, (SIDE, SIDE), colour)
    assert_looks(saved(image, kind), expected)


def profile(*, is_turned=False):
    """Return the profile of sRGB; turned, that of a screen whose red is blue."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if is_turned:
        data = data.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?XYZ", b"bXYZ", 1)
    return data


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (250, 0, 0), (0, 0, 250)),
        ("RGBA", (250, 0, 0, 64), (0, 0, 250, 64)),
        ("L", 128, (128, 128, 128)),
        ("LA", (128, 64), (128, 128, 128, 64)),
    ],
)
def test_f15_colours_are_those_of_its_profile(mode, colour, expected):
    image = Image.new(mode, (SIDE, SIDE), colour)
    assert_looks(saved(image, "PNG", icc_profile=profile(is_turned=True)), expected)


def test_f15_a_profile_that_nobody_can_read_says_nothing():
    assert_looks(saved(Image.new("RGB", (SIDE, SIDE), ORANGE), "PNG", icc_profile=b"of no use"), ORANGE)


def test_f15_of_a_jpg_with_a_second_picture_inside_the_first_is_taken():
    first, second = Image.new("RGB", (300, 450), ORANGE), Image.new("RGB", (300, 450), "blue")
    data = saved(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(BytesIO(data)).n_frames == 2

    made = photographs.make("covers/a", data)

    assert main_file(made).format == "JPEG"
    assert_looks(data, ORANGE)


def turned(kind, orientation):
    """Return a picture whose left half is orange and whose right half is blue, with a note how the camera was held."""
    image = Image.new("RGB", (600, 400), "blue")
    image.paste(ORANGE, (0, 0, 300, 400))
    notes = Image.Exif()
    notes[0x0112] = orientation
    return saved(image, kind, exif=notes)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "size", "orange_at"), [(1, (600, 400), (100, 200)), (3, (600, 400), (500, 200)), (6, (400, 600), (200, 100)), (8, (400, 600), (200, 500))]
)  # fmt: skip
def test_f15_it_stands_as_the_camera_was_held(kind, orientation, size, orange_at):
    image = main_file(photographs.make("covers/a", turned(kind, orientation)))

    assert image.size == size
    assert image.getpixel(orange_at)[0] > 150


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_f15_whatever_is_damaged_is_refused_or_read_and_raises_nothing_else(kind):
    whole = saved(Image.linear_gradient("L").resize((40, 60)).convert("RGB"), kind)
    refused = 0
    for place in range(1, len(whole), max(len(whole) // 40, 1)):
        for data in (whole[:place], whole[:place] + b"\xff" * 4 + whole[place + 4 :]):
            try:
                photographs.make("covers/a", data)
            except WrongPictureError as error:
                refused += error.reason == "unreadable"
    assert refused > 10


def test_f15_an_avif_that_its_reader_gives_up_on_is_refused():
    """Its own error is no OSError."""
    data = saved(Image.linear_gradient("L").resize((60, 90)).convert("RGB"), "AVIF")
    broken = data[:-40] + b"\xff" * 40
    with pytest.raises(RuntimeError), Image.open(BytesIO(broken)) as image:
        image.load()

    with pytest.raises(WrongPictureError):
        photographs.make("covers/a", broken)
