"""Small pictures of pictures: re-encoded, upright, without a word of metadata, made from hostile bytes within limits."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
import PIL
from PIL import Image, ImageOps, UnidentifiedImageError

SIDE = 360  # pixels of the longer side: what a cell of a gallery shows on a dense screen
PLAIN = 24_000  # bytes up to which a picture of no more than SIDE needs no small one
MAX_PIXELS = 40_000_000  # more may be a bomb: 160 MB unpacked
QUALITY = 80
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")
WIDE = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")  # more than 8 bits a channel, one channel
BROKEN = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError),
    *(struct.error, zlib.error),
)  # what Pillow's decoders are known to raise
VERSION = f"{PIL.__version__} {SIDE} {QUALITY}"


class NoPicture(Exception):
    """The bytes cannot be shown as a picture; the message says why in words for a page."""


@dataclass(frozen=True, slots=True)
class Small:
    """Width and height of the picture as it is seen, and a small WebP of it; `data` is None when the picture itself is small."""

    width: int
    height: int
    data: bytes | None


def small(data: bytes) -> Small:
    """The picture's size and its thumbnail: the first frame, at most SIDE pixels wide and high. Raises NoPicture.

    A decoder meets someone else's bytes here: whatever it says of them, the picture is what is wrong.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _small(data)
    except NoPicture:
        raise
    except MemoryError:
        raise NoPicture("the picture does not fit into memory") from None
    except (Image.DecompressionBombError, UnidentifiedImageError):
        raise NoPicture("the picture is damaged, or larger than any screen") from None
    except BROKEN as error:
        raise NoPicture(f"the picture is damaged ({_said(error)})") from None


def _said(error: Exception) -> str:
    """The first words of what a decoder says, without addresses in memory."""
    return str(error).partition("<")[0].strip()[:80] or type(error).__name__


def _small(data: bytes) -> Small:
    with Image.open(io.BytesIO(data), formats=_formats()) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise NoPicture(f"the picture has {width:,} × {height:,} pixels, more than {MAX_PIXELS // 10**6} million")
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG decodes to a part of its size at a part of the price
        picture.load()
        upright = _upright(picture)
        if upright.width != upright.height and (upright.size == picture.size[::-1]):
            width, height = height, width
        if max(width, height) <= SIDE and len(data) <= PLAIN:
            return Small(width, height, None)
        shown = _eight_bit(upright)
        shown.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        made = io.BytesIO()
        # a fresh picture: what the file said of itself (EXIF, comments, profiles) stays behind
        Image.frombytes(shown.mode, shown.size, shown.tobytes()).save(made, "WEBP", quality=QUALITY, method=2)
    return Small(width, height, made.getvalue())


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says; damaged EXIF turns nothing."""
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture


def _formats() -> tuple[str, ...]:
    """The formats that this Pillow knows of those that a page shows."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _eight_bit(picture: Image.Image) -> Image.Image:
    """RGB or RGBA of any mode; what has more bits is scaled as a browser does, floats by their span."""
    if picture.mode in WIDE:
        values = np.asarray(picture, np.float32)
        if picture.mode == "F":
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            values = (values - low) / (high - low or 1.0) * 65_535.0
        shades = np.clip(np.nan_to_num(values) / 257.0, 0, 255).round().astype(np.uint8)
        return Image.fromarray(shades).convert("RGB")
    if picture.mode == "CMYK":
        return picture.convert("RGB")
    clear = picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info
    return picture.convert("RGBA" if clear else "RGB")
