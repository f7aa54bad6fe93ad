"""What a reader loads before the first number: only what the page uses, and nothing looks different for it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from runpages.pages.sheet import pruned

Opened = Callable[..., Page]
# every style of every element but the charts, which go on drawing and are hidden, and rows that are like those above them
LOOK = """() => [...document.querySelectorAll("body, body *")].filter((one) => !one.closest("figure, tbody tr:nth-child(n+4), svg *")).map((one) => {
  const style = getComputedStyle(one);
  return one.tagName + "." + one.className + " " + Array.from(style).filter((key) => !key.startsWith("--")).map((key) => key + ":" + style.getPropertyValue(key)).join(";");
})"""
WHOLE = """async (whole) => {
  const link = [...document.querySelectorAll("link")].find((one) => one.href.endsWith("css/material.css"));
  await new Promise((done) => { link.onload = done; link.href = whole; });
}"""
SHEET = (
    ".a,.b .c{color:red}@media print{.z{top:0}.a{top:0}}.a:not(.z){--x:url('a;{b}');--y:1}.z{--y:2}@font-face{src:x}"
)


def weight(site: Path, paths: list[str]) -> int:
    return sum(len(gzip.compress((site / path).read_bytes(), 9)) for path in paths)


def linked(html: str) -> list[str]:
    found = re.findall(r'<(?:link[^>]*rel="(?:stylesheet|icon)"[^>]*href|script[^>]*src)="([^"]+)"', html)
    return [path for path in found if not path.startswith("data/")]


def test_rules_for_other_classes_and_variables_nobody_reads_are_left_out() -> None:
    kept = ".a{color:red}@media print{.a{top:0}}.a:not(.z){--x:url('a;{b}')}@font-face{src:x}"
    assert pruned(SHEET, {"a", "b"}, "p{background:var(--x)}") == kept


def test_a_sheet_that_cannot_be_taken_apart_stays_whole() -> None:
    assert pruned("a{b{c}", set(), "") == "a{b{c}"


def test_the_first_load_of_compare_is_below_100_kilobytes_and_400_with_vega(demo: Path) -> None:
    html = (demo / "compare.html").read_text(encoding="utf-8")
    bare = re.sub(r"(?s)<tbody>.*?</tbody>|<svg.*?</svg>", "", html)
    before = len(gzip.compress(bare.encode(), 9)) + weight(demo, linked(html))
    assert before <= 100_000
    charts = re.findall(r'<meta name="runpages-charts" content="([^"]+)"', html)[0].split()
    vega = [path.relative_to(demo).as_posix() for path in (demo / "assets" / "javascripts").glob("vega*")]
    assert len(vega) == 1
    assert before + weight(demo, [*charts, *vega]) <= 400_000


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["index", "compare", "diff", "notes", "studies", "media"])
def test_a_page_looks_the_same_with_the_whole_sheet(visit: Opened, demo: Path, name: str, dark: bool) -> None:
    html = (demo / f"{name}.html").read_text(encoding="utf-8")
    assert "css/material.css" in html
    whole = next((demo / "assets" / "stylesheets").glob("main.*.css")).relative_to(demo).as_posix()
    page = visit(demo / f"{name}.html", dark=dark)
    page.add_style_tag(content="figure { display: none !important; }")
    own = page.evaluate(LOOK)
    page.evaluate(WHOLE, whole)
    assert page.evaluate(LOOK) == own


@pytest.mark.browser
def test_chart_scripts_come_with_the_first_chart_in_view(visit: Opened, demo: Path) -> None:
    page = visit(demo / "compare.html", width=360, height=400)
    assert page.evaluate("runpages.charts.mount") is None
    page.locator("figure.rp-chart[data-curve]").first.scroll_into_view_if_needed()
    page.wait_for_function("() => runpages.charts.mount")
    page.wait_for_function(
        "() => runpages.charts.of(document.querySelector('figure.rp-chart[data-curve]'))?.lines.length === 10"
    )
