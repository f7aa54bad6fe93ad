"""Small copies of pictures: of every kind, upright, without metadata, within limits; what is damaged is said."""

from __future__ import annotations

import io
import struct
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from runpages.media import Unshown
from runpages.model import Artifact
from runpages.remember import Remembered
from runpages.runpage import shelf
from runpages.thumbnail import MAX_PIXELS, SIDE, NoPicture, small

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (500, 800, 3), np.uint8))
PLACE = "sat at 52.5200 N 13.4050 E"


def encoded(picture: Image.Image, kind: str, **more: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data))


CLEAR = NOISE.convert("RGBA")
CLEAR.putalpha(Image.linear_gradient("L").resize(NOISE.size))
RAMP = np.linspace(0, 65535, 800, dtype=np.uint16)[None].repeat(500, 0)
KINDS = {
    "rgb": encoded(NOISE, "PNG"),
    "jpeg": encoded(NOISE, "JPEG"),
    "cmyk": encoded(NOISE.convert("CMYK"), "JPEG"),
    "palette": encoded(NOISE.convert("P"), "PNG"),
    "alpha": encoded(CLEAR, "PNG"),
    "grey with alpha": encoded(CLEAR.convert("LA"), "PNG"),
    "one bit": encoded(NOISE.convert("1"), "PNG"),
    "sixteen bits": encoded(Image.fromarray(RAMP), "PNG"),
    "webp": encoded(NOISE, "WEBP"),
    "bmp": encoded(NOISE, "BMP"),
    "animated gif": encoded(
        NOISE.convert("P"), "GIF", save_all=True, append_images=[Image.new("P", (800, 500))] * 3, duration=100
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_any_kind_gets_a_small_still_copy(kind: str) -> None:
    made = small(KINDS[kind])
    assert (made.width, made.height) == (800, 500)
    copy = opened(made.data)
    assert copy.format == "WEBP"
    assert copy.size == (SIDE, SIDE * 500 // 800)
    assert getattr(copy, "n_frames", 1) == 1
    assert copy.mode == ("RGBA" if "alpha" in kind else "RGB")


def test_sixteen_bits_become_the_shades_a_browser_shows() -> None:
    shades = np.asarray(opened(small(KINDS["sixteen bits"]).data).convert("L"), np.float64)
    assert np.abs(shades.mean(0) - np.linspace(0, 255, SIDE)).max() < 6


def test_an_animation_keeps_its_first_frame() -> None:
    first = np.asarray(opened(small(KINDS["animated gif"]).data).convert("L"))
    assert first.std() > 10  # the others are black


def test_a_small_picture_needs_no_copy() -> None:
    made = small(encoded(Image.new("RGB", (40, 30)), "PNG"))
    assert (made.width, made.height, made.data) == (40, 30, None)


def test_a_picture_stands_upright_and_no_word_of_its_file_stays() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, PLACE  # turned by a quarter; a description
    data = encoded(NOISE, "JPEG", exif=exif, comment=PLACE.encode())
    assert PLACE.encode() in data
    made = small(data)
    assert (made.width, made.height) == (500, 800)
    copy = opened(made.data)
    assert copy.size == (SIDE * 500 // 800, SIDE)
    assert made.data is not None
    assert PLACE.encode() not in made.data
    assert not copy.getexif()
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", PLACE)
    assert PLACE.encode() not in (small(encoded(NOISE, "PNG", pnginfo=said)).data or b"")


def bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, MAX_PIXELS // 8000 + 1), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(NoPicture):
        small(bomb(*size))


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_cut_short_is_damaged_or_shown_never_a_failure(kind: str) -> None:
    for part in (8, 30, len(KINDS[kind]) // 2):
        with pytest.raises(NoPicture, match="picture"):
            small(KINDS[kind][:part])


@given(st.sampled_from(sorted(KINDS)), st.binary(min_size=1, max_size=60), st.integers(0, 3000))
def test_any_bytes_are_a_picture_or_none(kind: str, noise: bytes, at: int) -> None:
    data = KINDS[kind]
    try:
        made = small(data[:at] + noise + data[at + len(noise) :])
    except NoPicture:
        return
    assert made.data is None or len(made.data) > 0


def test_a_copy_is_made_once_and_equal_pictures_share_it(tmp_path: Path) -> None:
    kept = Remembered(tmp_path / "cache")
    for site in ("one", "two"):
        on = shelf(tmp_path / site, 10**8, Counter(), remembered=kept)
        shots = []
        for name in ("a.png", "b.png"):
            placed, content = on.put(Artifact(name, "image", "", data=KINDS["rgb"]), tmp_path)
            assert content is not None
            shots.append(on.shot(placed, content))
        assert shots[0] == shots[1]
        assert shots[0].url.endswith(".webp")
        assert sorted(path.suffix for path in (tmp_path / site / "media").iterdir()) == [".png", ".webp"]
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert (tmp_path / "one" / shots[0].url).read_bytes() == (tmp_path / "two" / shots[0].url).read_bytes()


def test_a_damaged_picture_is_said_so_each_time(tmp_path: Path) -> None:
    on = shelf(tmp_path / "site", 10**8, Counter(), remembered=Remembered(tmp_path / "cache"))
    placed, content = on.put(Artifact("a.png", "image", "", data=KINDS["rgb"][:2000]), tmp_path)
    assert placed.url  # the file itself is kept
    assert content is not None
    for _ in range(2):
        with pytest.raises(Unshown, match="damaged"):
            on.shot(placed, content)


def test_without_room_for_a_copy_the_picture_stands_for_itself(tmp_path: Path) -> None:
    on = shelf(tmp_path / "site", 5 * len(KINDS["rgb"]), Counter())
    placed, content = on.put(Artifact("a.png", "image", "", data=KINDS["rgb"]), tmp_path)
    assert content is not None
    on.used = on.limit
    assert on.shot(placed, content).url == placed.url
