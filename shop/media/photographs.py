"""Photographs of products: resized by Pillow."""

from collections.abc import Iterator
from io import BytesIO
from warnings import catch_warnings, simplefilter

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from shop.media.pictures import KINDS, WIDTHS, Picture, WrongPictureError, rendition

# Nothing of ours is shown wider than a screen holds twice.
LARGEST_SIDE = 2000
# A picture of a few bytes can unfold to gigabytes: it is measured before it is unfolded.
MOST_PIXELS = 50_000_000

_READ = ("JPEG", "PNG", "WEBP", "AVIF")


def make(stem: str, data: bytes) -> Picture:
    """Read a photograph and make its files under names that begin with `stem`. Raises WrongPictureError."""
    with catch_warnings():
        simplefilter("ignore")  # Pillow's own warnings: at half its limit, and of odd notes in a file
        try:
            with Image.open(BytesIO(data), formats=_READ) as opened:
                _check(opened)
                image = _upright(opened)
        except WrongPictureError:
            raise
        # Pillow reads what strangers wrote, and its readers raise many errors for what is broken.
        except (OSError, ValueError, SyntaxError, IndexError, Image.DecompressionBombError) as error:
            raise WrongPictureError(
                _("This file is no picture that we can read. Choose JPEG, PNG, WebP, AVIF or SVG.")
            ) from error
    widths = tuple(width for width in WIDTHS if width <= image.width)
    kind = "png" if image.mode == "RGBA" else "jpg"
    name = f"{stem}.{kind}"
    files = {name: _encoded(image, kind)} | dict(_renditions(name, image, widths))
    return Picture(name, image.width, image.height, widths, files)


def _check(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise WrongPictureError(_("This picture has more than 50 million pixels. Choose a smaller one."))
    if getattr(image, "n_frames", 1) > 1:
        raise WrongPictureError(_("This picture moves. Choose one that stands still."))


def _upright(image: Image.Image) -> Image.Image:
    """Return a picture as people see it: turned as the camera was held, in sRGB, no larger than a screen shows."""
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    mode = "RGBA" if turned.has_transparency_data else "RGB"
    if profile and turned.mode in {"RGB", "CMYK"}:
        turned = _in_srgb(turned, profile)
    plain = turned.convert(mode)
    plain.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    plain.info.clear()
    return plain


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that nobody can read says nothing
    return changed or image


def _renditions(name: str, image: Image.Image, widths: tuple[int, ...]) -> Iterator[tuple[str, bytes]]:
    for width in widths:
        height = max(round(image.height * width / image.width), 1)
        smaller = image.resize((width, height), Image.Resampling.LANCZOS)
        for kind in KINDS:
            yield rendition(name, width, kind), _encoded(smaller, kind)


def _encoded(image: Image.Image, kind: str) -> bytes:
    file = BytesIO()
    match kind:
        case "avif":
            image.save(file, "AVIF", quality=60, speed=8)
        case "webp":
            image.save(file, "WEBP", quality=78, method=4)
        case "png":
            image.save(file, "PNG", optimize=True)
        case _:
            image.save(file, "JPEG", quality=85, optimize=True, progressive=True)
    return file.getvalue()
