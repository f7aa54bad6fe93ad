"""The page of a run of every tracker in a real browser: it wakes up without a word, its numbers and sections are there to be read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from runpages.readers import installed
from runpages.views import text

pytestmark = pytest.mark.browser
NUMBERS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


@pytest.fixture(scope="session")
def richest(demo: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Per tracker the run that left the largest page, with what `export` says of it."""
    script = (demo / "data" / "runs.js").read_text(encoding="utf-8")
    pages = json.loads("[" + (re.findall(r'"page":\[(.*?)\]', script) or [""])[0] + "]")
    rows = [json.loads(line) for line in (demo / "data" / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    found: dict[str, tuple[Path, dict[str, Any]]] = {}
    for row, page in zip(rows, pages, strict=True):
        for tracker in row["tracker"].split(" + "):
            path = demo / page
            if tracker not in found or path.stat().st_size > found[tracker][0].stat().st_size:
                found[tracker] = (path, row)
    return found


def test_no_page_of_a_run_weighs_more_than_sixty_kilobytes(demo: Path) -> None:
    heavy = {path.name: path.stat().st_size for path in (demo / "runs").glob("*.html") if path.stat().st_size > 60_000}
    assert heavy == {}


def shown(value: Any) -> str:
    """A number of the export as pages write it."""
    return text.number(float(NUMBERS.get(value, value)))


@pytest.mark.parametrize("tracker", sorted(installed().readers))
def test_the_page_of_a_run_is_awake_and_its_numbers_are_those_of_the_export(
    tracker: str, richest: dict[str, tuple[Path, dict[str, Any]]], visit: Callable[..., Page]
) -> None:
    path, row = richest[tracker]
    page = visit(path)
    expect(page.locator("h1")).to_be_visible()
    cells = {
        line[0].split("\n")[0].split(" ↑")[0].split(" ↓")[0].strip(): line[2]
        for line in page.locator("table.rp-metrics tbody tr:not(.rp-part)").evaluate_all(
            "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
        )
    }
    assert cells or not row["metrics"]
    known = {" ".join(name.split()): stat for name, stat in row["metrics"].items()}
    for name, last in list(cells.items())[:20]:
        assert last == shown(known[name]["last"]), name
    for link in page.locator(".rp-contents a").all():
        target = page.locator(f'[id="{(link.get_attribute("href") or "")[1:]}"]')
        expect(target.locator("h2").first).to_be_visible()


@pytest.mark.parametrize("tracker", sorted(installed().readers))
def test_without_javascript_the_page_of_a_run_can_be_read_on_a_phone(
    tracker: str, richest: dict[str, tuple[Path, dict[str, Any]]], visit: Callable[..., Page]
) -> None:
    path, row = richest[tracker]
    page = visit(path, width=360, js=False)
    expect(page.locator("h1")).to_be_visible()
    said = page.locator(".rp-runpage").inner_text()
    assert row["id"] in said
    if row["metrics"]:
        assert page.locator("table.rp-metrics").first.is_visible() or page.locator("#metrics details").count()
    assert page.locator("body").evaluate("(body) => body.ownerDocument.documentElement.scrollWidth") <= 360
