"""Sixty payloads in every place of a report that shows what a run says: none is live, tried in a real browser."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page
from tests.hostile.cases import plain_run
from tests.hostile.conftest import looked_at
from tests.hostile.payloads import PAYLOADS


def test_there_are_sixty_payloads() -> None:
    assert len(set(PAYLOADS)) == 60


@pytest.mark.browser
@pytest.mark.parametrize("sink", ["title and overview", "table", "legend and tooltip", "search", "notes", "run pages"])
def test_no_payload_is_live(
    site: Path, watched_page: tuple[Page, list[str]], sink: str, standing: Callable[[Locator], FloatRect]
) -> None:
    page, said = watched_page
    said.clear()
    if sink == "run pages":
        for path in sorted((site / "runs").glob("*.html")):
            page.goto(path.as_uri())
            looked_at(page, said, path.name)
        return
    first = {"table": "compare.html", "legend and tooltip": "compare.html", "notes": "notes.html"}.get(
        sink, "index.html"
    )
    page.goto((site / first).as_uri())
    looked_at(page, said, sink)
    if sink == "search":
        for word in ("script", "img", "javascript", "alert"):
            page.fill("#rp-search", word)
            page.wait_for_selector("#rp-search-list li")
            looked_at(page, said, word)
    if sink == "legend and tooltip":
        page.wait_for_selector("figure canvas")
        box = standing(page.locator("figure canvas").first)
        for part in range(1, 8):
            page.mouse.move(box["x"] + box["width"] * part / 8, box["y"] + box["height"] / 2)
        looked_at(page, said, sink)
    if sink == "table":
        for header in page.locator("th button").all()[:8]:
            header.click()
        looked_at(page, said, sink)


@pytest.mark.browser
def test_a_tour_of_the_whole_site_violates_no_policy(demo: Path, watched_page: tuple[Page, list[str]]) -> None:
    """Search, dark colours, table, chart zoom, run pages: the strict policy is enough for all of it."""
    page, said = watched_page
    said.clear()
    for name in (
        "index.html",
        "compare.html",
        "notes.html",
        *(f"runs/{path.name}" for path in sorted((demo / "runs").iterdir())[::40]),
    ):
        page.goto((demo / name).as_uri())
        page.wait_for_selector("html[data-ready]")
    page.goto((demo / "index.html").as_uri())
    page.fill("#rp-search", "digits")
    page.wait_for_selector("#rp-search-list li")
    page.keyboard.press("Escape")
    page.locator("label[for=__palette_1]").first.click()
    page.wait_for_selector("[data-md-color-scheme=slate]")
    page.wait_for_selector("figure canvas")
    assert said == []


def test_every_page_has_the_strict_policy(demo: Path, site: Path) -> None:
    for folder in (demo, site):
        for path in folder.rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            assert text.count('<meta http-equiv="Content-Security-Policy"') == 1, path
            policy = text.partition('<meta http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
            assert "default-src 'none'" in policy
            assert "unsafe-eval" not in policy
            assert "script-src 'self' file:" in policy or "media" in path.parts
            assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_no_payload_is_live_as_data(site: Path) -> None:
    rows = list(csv.reader(io.StringIO((site / "data" / "runs.csv").read_text())))
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "@", "\t", "\r") or cell[:2] == "+c"]
    for line in (site / "data" / "runs.jsonl").read_text().strip().split("\n"):
        json.loads(line)
    for path in site.glob("*.xml"):
        ET.parse(path)  # noqa: S314 - our own file
    missing = (site / "404.html").read_text()
    assert not [payload for payload in PAYLOADS[8:52] if payload in missing]
    for script in (site / "data").rglob("*.js"):
        assert script.read_text().startswith("runpages.data(")


def test_no_payload_is_live_in_markdown(tmp_path: Path) -> None:
    for number, payload in enumerate(PAYLOADS):
        plain_run(tmp_path / "runs" / f"{number:02}", record={"name": payload}, params={"x": payload, "lr": number})
    command = [sys.executable, "-m", "runpages", "export", "runs", "--format", "markdown"]
    text = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert len([line for line in text.splitlines() if line.startswith("|")]) == len(PAYLOADS) + 2
    assert "<" not in text.replace("&lt;", "")
    assert "](" not in text.replace("\\](", "")
