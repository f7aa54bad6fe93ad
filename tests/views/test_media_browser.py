"""The page of media in a real browser: one slider for all, two runs over each other, thousands of pictures."""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from runpages.lock import lock
from runpages.publish import publish

pytestmark = pytest.mark.browser
RUNS, KEYS = 40, 50
# the shade of a picture, a quarter from its left side
SHADE = """async (url) => {
  const picture = Object.assign(new Image(), { src: url });
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  return context.getImageData(picture.width / 4, picture.height / 2, 1, 1).data[0];
}"""


def png(shade: int) -> bytes:
    """A picture of one shade, 8 by 8."""
    rows = b"".join(b"\0" + bytes([shade]) * 8 for _ in range(8))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def built(runs: Path, room: Path) -> Path:
    """The site of a folder of runs, built as a user builds it."""
    command = [sys.executable, "-m", "runpages", "build", str(runs), "--quiet", "-o", str(room / "site")]
    subprocess.run(command, cwd=room, check=True)
    return room / "site"


def run_at(folder: Path, rate: float) -> Path:
    """A plain run with params and a metric."""
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(json.dumps({"lr": rate}))
    (folder / "metrics.csv").write_text("step,loss\n0,1\n1,0.5\n")
    return folder


def test_the_slider_moves_all_pictures_by_key(
    demo: Path, visit: Callable[..., Page], serious: Callable[[Page], list[str]]
) -> None:
    page = visit(demo / "media.html")
    assert serious(page) == []
    slider = page.get_by_label("Step")
    slider.focus()
    last = page.locator("#rp-media-body").get_attribute("data-step")
    page.keyboard.press("Home")
    page.wait_for_function("last => document.getElementById('rp-media-body').dataset.step !== last", arg=last)
    first = page.locator("#rp-media-body").get_attribute("data-step")
    shown = page.locator("figure[data-step]").evaluate_all("all => all.map((one) => one.dataset.step)")
    assert first is not None
    assert last is not None
    assert int(first) < int(last)
    assert len(shown) > 20
    page.keyboard.press("End")
    page.wait_for_selector(f'#rp-media-body[data-step="{last}"]')
    assert page.locator("figure[data-step]").evaluate_all("all => all.map((one) => one.dataset.step)") != shown


def test_pictures_of_two_runs_are_wiped_and_subtracted(tmp_path: Path, visit: Callable[..., Page]) -> None:
    for name, shade in (("dark", 60), ("light", 200), ("lights", 200)):
        (run_at(tmp_path / "runs" / name, shade) / "digit.png").write_bytes(png(shade))
    site = built(tmp_path / "runs", tmp_path)
    page = visit(site / "media.html")
    assert page.locator("figure").count() == 3
    page.get_by_label("View").select_option("difference")
    page.wait_for_selector("#rp-media-body[data-mode=difference] img + img")

    def middle() -> int:
        """The shade in the middle of the two pictures over each other, as the browser paints it."""
        page.wait_for_function("() => [...document.images].every((one) => one.complete && one.naturalWidth)")
        shot = page.locator(".rp-over .rp-shot").screenshot()
        return int(page.evaluate(SHADE, "data:image/png;base64," + base64.b64encode(shot).decode()))

    assert middle() == 140
    page.locator("#rp-media-a").select_option(label="light")
    page.locator("#rp-media-b").select_option(label="lights")
    assert middle() == 0
    page.locator("#rp-media-a").select_option(label="dark")
    page.get_by_label("View").select_option("wipe")
    page.wait_for_selector("#rp-media-body[data-mode=wipe] img + img")
    assert middle() == 60
    page.locator("#rp-media-wipe").fill("10")
    assert middle() == 200
    assert "mode=wipe" in page.evaluate("location.hash")


def test_of_two_thousand_pictures_only_those_in_sight_are_loaded(tmp_path: Path, visit: Callable[..., Page]) -> None:
    for number in range(RUNS):
        folder = run_at(tmp_path / "runs" / f"run-{number}", number)
        for key in range(KEYS):
            (folder / f"picture-{key}.png").write_bytes(png((number * KEYS + key) % 251))
    page = visit(built(tmp_path / "runs", tmp_path) / "media.html")
    assert page.locator("figure img").count() == RUNS * KEYS
    loaded = page.evaluate("[...document.images].filter((one) => one.naturalWidth).length")
    assert loaded < RUNS * KEYS / 2
    page.locator("figure img").last.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.images].at(-1).naturalWidth === 8")


def test_without_javascript_the_page_of_media_lists_the_runs(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "media.html", js=False, width=360)
    assert page.locator("#rp-mediapage li a").count() > 5
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of two runs, each with a picture large enough to have a small copy."""
    room = tmp_path_factory.mktemp("pictured")
    for name, seed in (("one", 1), ("two", 2)):
        noise = np.random.default_rng(seed).integers(0, 255, (400, 600, 3), np.uint8)
        Image.fromarray(noise).save(run_at(room / "runs" / name, seed) / "noise.png")
    return built(room / "runs", room)


DRAWN = "() => document.images.length && [...document.images].every((one) => one.complete && one.naturalWidth)"


def test_a_gallery_shows_small_copies_that_lead_to_the_pictures(pictured: Path, visit: Callable[..., Page]) -> None:
    page = visit(pictured / "media.html")
    page.wait_for_function(DRAWN)
    assert page.locator("figure img").evaluate_all("all => all.map((one) => one.naturalWidth)") == [360, 360]
    places = page.locator("figure a:has(img)").evaluate_all("all => all.map((one) => one.href)")
    assert {Path(place).suffix for place in places} == {".png"}
    page.get_by_label("View").select_option("wipe")
    page.wait_for_selector("#rp-media-body[data-mode=wipe] img + img")
    page.wait_for_function(DRAWN)
    assert page.locator("figure img").first.evaluate("one => one.naturalWidth") == 600


def test_the_report_in_one_file_shows_pictures_that_scripts_put_in(
    pictured: Path, visit: Callable[..., Page], tmp_path: Path
) -> None:
    publish(pictured, str(tmp_path / "report.html"))
    page = visit(tmp_path / "report.html", "?media.html")
    page.wait_for_function(DRAWN)
    assert page.locator("figure img").count() == 2
    page.get_by_label("View").select_option("difference")
    page.wait_for_selector("#rp-media-body[data-mode=difference] img + img")
    page.wait_for_function(DRAWN)
    page.locator("figure figcaption a").first.click()
    page.wait_for_url("**?runs/*")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function(DRAWN)


def test_a_locked_report_shows_pictures_that_scripts_put_in(
    pictured: Path, visit: Callable[..., Page], tmp_path: Path
) -> None:
    (tmp_path / "locked").mkdir()
    locked = lock(pictured, tmp_path / "locked", "correct horse battery staple", iterations=1000)
    page = visit(tmp_path / "locked" / "index.html", locked.fragment)
    page.locator("a", has_text="Media").first.click()
    page.wait_for_selector("#rp-media-body[data-mode] figure img")
    page.wait_for_function(DRAWN)
    assert page.locator("figure img").first.evaluate("one => one.naturalWidth") == 360
