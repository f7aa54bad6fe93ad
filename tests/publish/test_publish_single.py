"""A report in one file opens from disk, leads from page to page, draws its charts, and is the same bytes each time."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.publish.conftest import PAGES, Build

from runpages.errors import TargetError
from runpages.publish import Options, publish, single
from runpages.publish.plan import checked


def test_a_file_made_twice_is_the_same_bytes(build: Build) -> None:
    publish(build(), "a/report.html")
    publish(build(dict(reversed(PAGES.items())), name="again"), "b/report.html")
    assert Path("a/report.html").read_bytes() == Path("b/report.html").read_bytes()


def test_the_pack_holds_every_file_a_page_can_ask_for(build: Build) -> None:
    site = checked(build({**PAGES, "assets/a.map": "{}", "404.html": "x"}), Options(), beyond=False)
    content = gzip.decompress(single.pack(site))
    size = int.from_bytes(content[4:8], "little")
    index, files = json.loads(content[8 : 8 + size]), content[8 + size :]
    assert {name: files[at : at + long].decode() for name, (at, long, _) in index.items()} == PAGES


def test_a_file_that_grows_too_large_is_refused_unless_forced(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "LARGE", 100)
    assert [note.slug for note in publish(build(), "report.html").notes] == ["single-large"]
    monkeypatch.setattr(single, "TOO_LARGE", 100)
    with pytest.raises(TargetError) as caught:
        publish(build(), "large.html")
    assert (caught.value.note.slug, caught.value.exit_code) == ("single-too-large", 6)
    assert not Path("large.html").exists()
    assert publish(build(), "large.html", Options(force=True)).size == Path("large.html").stat().st_size


def test_a_page_of_others_is_not_replaced(build: Build) -> None:
    Path("report.html").write_text("<h1>mine</h1>")
    with pytest.raises(TargetError) as caught:
        publish(build(), "report.html")
    assert caught.value.note.slug == "target-not-ours"
    assert Path("report.html").read_text() == "<h1>mine</h1>"
    publish(build(), "other.html")
    publish(build({"index.html": "new"}), "other.html")


@pytest.mark.browser
def test_the_whole_report_lives_in_one_file(demo: Path, visit: Callable[..., Page], tmp_path: Path) -> None:
    """Through the pages by link, by search and back; the chart has been drawn, pictures are there."""
    publish(demo, str(tmp_path / "report.html"))
    page = visit(tmp_path / "report.html")
    page.wait_for_function("() => runpages.charts.idle(document.querySelector('figure.rp-chart[data-curve]'))")
    page.click("a[href='?notes.html'] >> nth=0")
    page.wait_for_url("**?notes.html")
    page.wait_for_selector("html[data-ready]")
    page.click("#rp-search")
    page.keyboard.type("digits-mlp/media")
    page.wait_for_selector("#rp-search-list a")
    page.keyboard.press("Enter")
    page.wait_for_url("**?runs/*")
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(
        "Promise.all([...document.images].map((image) => (image.loading = 'eager', image.decode().then(() => image.naturalWidth))))"
    )
    page.go_back()
    page.wait_for_url("**?notes.html")
    assert "Notes" in page.title()


@pytest.mark.browser
def test_a_damaged_file_says_so(build: Build, browser: object) -> None:
    publish(build(), "report.html")
    text = Path("report.html").read_text()
    Path("report.html").write_text(text.replace('id="rp-pack">', 'id="rp-pack">AAAA'))
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(Path("report.html").resolve().as_uri())
    page.wait_for_selector("text=damaged")
    page.close()
