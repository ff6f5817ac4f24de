"""Photographs of products: read and resized by Pillow. `sandbox.py` calls it, in a process without settings."""

from collections.abc import Iterator
from io import BytesIO
from warnings import catch_warnings, simplefilter

from PIL import Image, ImageCms, ImageMath, ImageOps

from shop.media.pictures import KINDS, WIDTHS, Picture, WrongPictureError, rendition

# Nothing of ours is shown wider than a screen holds twice.
LARGEST_SIDE = 2000
# A picture of a few bytes can unfold to gigabytes: it is measured before it is unfolded.
MOST_PIXELS = 50_000_000

_READ = ("JPEG", "PNG", "WEBP", "AVIF")
_SMALL_GREYS = {"L;2": 85, "L;4": 17}


def make(stem: str, data: bytes) -> Picture:
    """Read a photograph and make its files under names that begin with `stem`.

    Raises WrongPictureError with the reason `pixels`, `moves` or `unreadable`.
    """
    with catch_warnings():
        simplefilter("ignore")  # Pillow's own warnings: at half its limit, and of odd notes in a file
        try:
            with Image.open(BytesIO(data), formats=_READ) as opened:
                _check(opened)
                image = _as_seen(opened)
        except WrongPictureError:
            raise
        except Exception as error:  # what strangers wrote makes Pillow's readers raise whatever there is
            raise WrongPictureError("", reason="unreadable") from error
    widths = tuple(width for width in WIDTHS if width <= image.width)
    kind = "png" if image.mode == "RGBA" else "jpg"
    name = f"{stem}.{kind}"
    files = {name: _encoded(image, kind)} | dict(_renditions(name, image, widths))
    return Picture(name, image.width, image.height, widths, files)


def _check(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise WrongPictureError("", reason="pixels")
    # A camera puts a second picture into a .jpg (MPO), such as a smaller or a brighter one: the first is the photograph.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise WrongPictureError("", reason="moves")


def _as_seen(image: Image.Image) -> Image.Image:
    """Return a picture as people see it: in sRGB, no larger than a screen shows, turned as the camera was held."""
    profile = image.info.get("icc_profile")
    image.draft(
        None, (LARGEST_SIDE, LARGEST_SIDE)
    )  # a JPEG is unfolded at a half or less, where that is enough
    small = _in_eight_bits(image)
    small.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(small)
    seen = _in_srgb(upright, profile) if profile else upright
    plain = seen.convert("RGBA" if "A" in seen.getbands() else "RGB")
    plain.info.clear()
    return plain


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of any mode in L, LA, RGB, RGBA or CMYK, as it looks."""
    see_through = image.info.pop("transparency", None)
    if image.mode.startswith("I"):
        return _from_sixteen_bits(image, see_through)
    if see_through is None:
        plain = "RGBA" if image.mode in {"PA", "La", "RGBa"} else "RGB"
        return image if image.mode in {"L", "LA", "RGB", "RGBA", "CMYK"} else image.convert(plain)
    if image.mode == "L":  # Pillow reads a grey of two or four bits in eight, and forgets this one
        kinds = [str(tile.args) for tile in getattr(image, "tile", ())]
        see_through *= _SMALL_GREYS.get("".join(kinds), 1)
    if image.mode == "RGB" and max(see_through) > 255:
        see_through = tuple(value >> 8 for value in see_through)
    image.load()
    image.info["transparency"] = see_through
    return image.convert("RGBA")


def _from_sixteen_bits(image: Image.Image, see_through: int | None) -> Image.Image:
    """Return a grey picture of 16 bits in eight; Pillow by itself makes all white that is not nearly black."""
    wide = image.convert("I")
    grey = wide.point(lambda value: value * (1 / 257)).convert("L")
    if see_through is not None:
        solid = ImageMath.lambda_eval(
            lambda of: of["convert"]((of["wide"] != see_through) * 255, "L"), wide=wide
        )
        grey.putalpha(solid)
    return grey


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return a picture in sRGB, see-through where it was; as it is where nobody can read its profile, or it is of something else."""
    alpha = image.getchannel("A") if "A" in image.getbands() else None
    colours = image if alpha is None else image.convert("L" if image.mode == "LA" else "RGB")
    for mode in (colours.mode, "RGB"):  # many a grey picture has a profile of colours
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            seen = ImageCms.profileToProfile(
                colours.convert(mode), source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            continue
        if seen is not None:
            if alpha is not None:
                seen.putalpha(alpha)
            return seen
    return image


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
