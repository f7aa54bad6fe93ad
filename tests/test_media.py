"""What of a run's files gets into a site, and what never does."""

from __future__ import annotations

import os
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runpages.codecs.sniff import passive_svg, sniff
from runpages.media import SANDBOX_POLICY, Content, MediaShelf, Unshown, read_artifact, safe_content
from runpages.model import Artifact
from runpages.redact import redact_text, scan_bytes

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\0\0\0\0"
TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def shelf_at(site: Path, limit: int = 1_000_000) -> MediaShelf:
    counts: Counter[str] = Counter()
    return MediaShelf(site, limit, lambda text: redact_text(text, counts), lambda data: bool(scan_bytes(data)))


def safe(raw: bytes) -> Content:
    counts: Counter[str] = Counter()
    return safe_content(raw, lambda text: redact_text(text, counts), lambda data: bool(scan_bytes(data)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run's folder with a file in it, and a file beside it that is nobody's business."""
    folder = tmp_path / "run"
    (folder / "sub").mkdir(parents=True)
    (folder / "in.txt").write_text("inside")
    (tmp_path / "out.txt").write_text("outside")
    (folder / "leads-out").symlink_to(tmp_path / "out.txt")
    (folder / "leads-up").symlink_to(tmp_path)
    (folder / "stays").symlink_to(folder / "in.txt")
    os.mkfifo(folder / "pipe")
    return folder


@pytest.mark.parametrize(
    "path",
    [
        "../out.txt",
        "sub/../../out.txt",
        "/etc/hostname",
        "leads-out",
        "leads-up/out.txt",
        "sub/../leads-up/run/../out.txt",
        "",
        "in.txt\0.png",
        "..",
        ".",
        "pipe",
        "sub",
        "gone.txt",
        "in.txt/more",
        "x" * 5000,
        "\udcff",
    ],
)
def test_a_path_that_leads_out_or_to_no_file_is_refused(root: Path, path: str) -> None:
    for start in (None, 0):
        with pytest.raises(Unshown):
            read_artifact(Artifact("x", "file", path, start=start, size=6), root, 1000)


def test_links_and_dots_inside_the_folder_are_followed(root: Path) -> None:
    for path in ("in.txt", "sub/../in.txt", "stays", "./in.txt"):
        assert read_artifact(Artifact("x", "file", path), root, 1000) == b"inside"


def test_content_comes_in_the_order_of_the_model(root: Path) -> None:
    with zipfile.ZipFile(root / "a.zip", "w") as archive:
        archive.writestr("deep/er.txt", "member")
    assert read_artifact(Artifact("x", "file", "in.txt", data=b"held"), root, 1000) == b"held"
    assert read_artifact(Artifact("x", "file", "a.zip", member="deep/er.txt", start=0), root, 1000) == b"member"
    assert read_artifact(Artifact("x", "file", "in.txt", start=2, size=3), root, 1000) == b"sid"


def test_a_piece_that_is_no_longer_there_says_that_the_file_changed(root: Path) -> None:
    with pytest.raises(Unshown, match="changed"):
        read_artifact(Artifact("x", "image", "in.txt", start=3, size=30), root, 1000)


def test_a_zip_is_unpacked_no_further_than_the_cap(root: Path) -> None:
    with zipfile.ZipFile(root / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20_000_000))
    with pytest.raises(Unshown, match="larger"):
        read_artifact(Artifact("x", "file", "bomb.zip", member="zeros"), root, 10_000)
    for broken in (b"PK\x03\x04", b"", (root / "bomb.zip").read_bytes()[:-30]):
        (root / "broken.zip").write_bytes(broken)
        with pytest.raises(Unshown):
            read_artifact(Artifact("x", "file", "broken.zip", member="zeros"), root, 10_000)


def test_too_large_is_said_with_the_limit(root: Path) -> None:
    (root / "large.bin").write_bytes(bytes(3000))
    for artifact in (
        Artifact("x", "file", "large.bin"),
        Artifact("x", "file", "", data=bytes(3000)),
        Artifact("x", "file", "large.bin", start=0, size=2000),
    ):
        with pytest.raises(Unshown, match="larger than the"):
            read_artifact(artifact, root, 1000)


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypisom", "video/mp4"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"<!DOCTYPE html><p>", "text/html"),
        (b"\n <html>", "text/html"),
        (b'<?xml version="1.0"?><!-- a --><svg width="1">', "image/svg+xml"),
        (b'{"a": 1}', "application/json"),
        (b"a,b\n1,2\n", "text/plain"),
        (b"\x80\x04\x95pickle\0", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_a_type_is_known_by_the_bytes(raw: bytes, media_type: str) -> None:
    assert sniff(raw)[0] == media_type


def test_a_name_does_not_make_a_picture_of_a_page(tmp_path: Path) -> None:
    artifact = Artifact(
        "cat.png", "image", "", data=b"<!doctype html><script>alert(1)</script>", media_type="image/png"
    )
    placed, content = shelf_at(tmp_path).put(artifact, tmp_path)
    assert content is not None
    assert (placed.media_type, Path(placed.url).suffix) == ("text/html", ".html")


def test_equal_content_is_put_once_and_named_by_its_hash(tmp_path: Path) -> None:
    shelf = shelf_at(tmp_path)
    one, _ = shelf.put(Artifact("a.png", "image", "", data=PNG), tmp_path)
    other, _ = shelf.put(Artifact("b.png", "image", "", data=PNG), tmp_path)
    assert one == other
    assert re.fullmatch(r"media/[0-9a-f]{16}\.png", one.url)
    assert one.sha256.startswith(Path(one.url).stem)
    assert [path.name for path in (tmp_path / "media").iterdir()] == [Path(one.url).name]
    assert shelf.used == len(PNG)


def test_the_limit_holds_for_a_file_and_for_the_site(tmp_path: Path) -> None:
    shelf = shelf_at(tmp_path, 5_000)
    assert "larger" in shelf.put(Artifact("a", "file", "", data=bytes(1001)), tmp_path)[0].why
    placed = [shelf.put(Artifact("a", "file", "", data=bytes([number]) * 900), tmp_path)[0] for number in range(1, 9)]
    assert [bool(one.url) for one in placed] == [True] * 5 + [False] * 3
    assert "used up" in placed[-1].why
    assert sum(path.stat().st_size for path in (tmp_path / "media").iterdir()) == shelf.used == 4500


@pytest.mark.parametrize(
    "raw",
    [
        f"key {TOKEN} end\n",
        f'{{"columns": ["a"], "data": [["{TOKEN}"]]}}',
        f"a,b\n1,{TOKEN}\n",
        f"<!doctype html><p>{TOKEN}</p>",
        SVG.format(f"<text>{TOKEN}</text>"),
        SVG.format(f"<desc>{TOKEN}</desc>"),
    ],
)
def test_no_token_gets_into_the_site_in_a_text(tmp_path: Path, raw: str) -> None:
    for encoded in (raw.encode(), raw.encode("utf-16")):
        placed, content = shelf_at(tmp_path).put(Artifact("x", "text", "", data=encoded), tmp_path)
        assert content is not None
        assert TOKEN not in (tmp_path / placed.url).read_text(encoding="utf-8")
        assert b"[secret " in content.data


def test_another_file_with_a_token_is_not_copied(tmp_path: Path) -> None:
    placed, content = shelf_at(tmp_path).put(Artifact("x", "file", "", data=PNG + TOKEN.encode()), tmp_path)
    assert (placed.url, content) == ("", None)
    assert "secret" in placed.why
    assert not (tmp_path / "media").exists()


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<rect onload="alert(1)"/>',
        '<rect ONMOUSEOVER="alert(1)"/>',
        '<a xlink:href="javascript:alert(1)"><text>x</text></a>',
        '<a href="java&#10;script:alert(1)"><text>x</text></a>',
        '<a href=" data:text/html,x"><text>x</text></a>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
        '<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>',
        '<set attributeName="onmouseover" to="alert(1)"/>',
        '<animate attributeName="xlink:href" values="javascript:alert(1)"/>',
        '<a><animate attributeName="href" to="javascript:alert(1)"/></a>',
        '<image href="https://example.org/x.png"/>',
        '<use href="other.svg#a"/>',
        "<style>@import url(https://example.org/x.css);</style>",
        '<rect style="fill:url(https://example.org/x)"/>',
        '<handler type="application/ecmascript">alert(1)</handler>',
        '<iframe src="https://example.org"/>',
    ],
)
def test_an_svg_acts_no_more_and_asks_for_nothing(inner: str) -> None:
    clean = passive_svg(SVG.format(inner + '<path d="M0 0L1 1"/>'))
    assert clean is not None
    assert 'd="M0 0L1 1"' in clean
    assert not re.search(
        r"alert|javascript|example\.org|other\.svg|\son\w+=|text/html|<script|foreignObject", clean, re.IGNORECASE
    )


def test_an_svg_keeps_what_it_draws() -> None:
    inner = '<defs><clipPath id="a"><rect width="3"/></clipPath></defs><g clip-path="url(#a)"><use xlink:href="#b"/></g><image href="data:image/png;base64,AA=="/><style>.x{fill:red}</style>'
    clean = passive_svg(SVG.format(inner)) or ""
    for part in ("url(#a)", '"#b"', "data:image/png", "fill:red"):
        assert part in clean


def test_an_svg_with_entities_or_without_form_is_only_text() -> None:
    for raw in ('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>', "<svg><g></svg>", "<svg"):
        assert passive_svg(raw) is None
    assert safe(b"<svg><g></svg>").ending == "txt"


def test_a_page_gets_its_policy_before_anything_of_its_own() -> None:
    content = safe(
        b'<!doctype html><head><meta http-equiv="refresh" content="0;url=https://example.org"></head><script>alert(1)</script>'
    )
    assert content.text.startswith(SANDBOX_POLICY)
    assert "default-src 'none'" in SANDBOX_POLICY
    assert "script-src" not in SANDBOX_POLICY  # none of its scripts may run, wherever it is opened
    assert 'http-equiv="refresh"' not in content.text


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(str.encode)
    | st.binary(max_size=80).map(lambda tail: b"<svg " + tail)
)
def test_any_bytes_become_content_or_are_refused(raw: bytes) -> None:
    try:
        content = safe(raw)
    except Unshown:
        return
    assert (
        content.ending
        in "png jpg gif webp wav bmp avif m4a mp4 webm mp3 ogg flac pdf zip gz bin txt json svg html".split()
    )
