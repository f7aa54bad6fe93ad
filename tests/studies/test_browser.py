"""Study pages in a real browser: charts of the demo's searches, parallel coordinates by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

pytestmark = pytest.mark.browser
STUDIES = ("digits-search", "error-and-size")
LINES = "figure.rp-parallel svg path:not(.rp-off) title"


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (360, True)], ids=["wide-light", "phone-dark"])
@pytest.mark.parametrize("name", ["studies.html", *(f"studies/{name}.html" for name in STUDIES)])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(
    name: str, width: int, dark: bool, demo: Path, visit: Callable[..., Page], serious: Callable[[Page], list[str]]
) -> None:
    page = visit(demo / name, width=width, dark=dark)
    if "/" in name:
        page.wait_for_selector("figure[data-figure][data-drawn]")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", STUDIES)
def test_every_chart_is_drawn_when_it_comes_into_view(name: str, demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "studies" / f"{name}.html")
    figures = page.locator("figure[data-figure]")
    assert figures.count() >= 8
    for at in range(figures.count()):
        figures.nth(at).scroll_into_view_if_needed()
        expect(figures.nth(at)).to_have_attribute("data-drawn", "1")
        assert figures.nth(at).locator("canvas").evaluate("canvas => canvas.width * canvas.height") > 10_000


def test_without_javascript_every_chart_is_a_picture_with_its_numbers(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "studies" / "digits-search.html", js=False)
    figures = page.locator("figure[data-figure]")
    for at in range(figures.count()):
        assert figures.nth(at).locator("svg[role=img]").get_attribute("aria-label")
        assert figures.nth(at).locator("details table tbody tr").count() > 0
    assert page.locator("#rp-trials tbody tr").count() == 50


def test_dragging_along_an_axis_keeps_what_passes_there(
    demo: Path, visit: Callable[..., Page], standing: Callable[[Locator], FloatRect]
) -> None:
    page = visit(demo / "studies" / "digits-search.html")
    figure = page.locator("figure.rp-parallel")
    expect(figure).to_have_attribute("data-drawn", "50")
    box = standing(figure.locator(".rp-handle").last)
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + 1)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 0.1, steps=4)
    page.mouse.up()
    expect(figure).not_to_have_attribute("data-drawn", "50")
    kept = int(figure.get_attribute("data-drawn") or 0)
    assert 5 <= kept <= 45
    low, high = (float(field.input_value()) for field in figure.locator("fieldset").last.locator("input").all())
    values = figure.evaluate("figure => figure.parallel.axes.at(-1).values")
    # the fields show four digits
    assert kept == pytest.approx(sum(value is not None and low <= value <= high for value in values), abs=1)
    assert page.locator("#rp-trials tbody tr:visible").count() == kept
    figure.get_by_role("button", name="All trials").click()
    assert page.locator("#rp-trials tbody tr:visible").count() == 50


def test_the_number_fields_narrow_an_axis_by_keyboard(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "studies" / "digits-search.html")
    figure = page.locator("figure.rp-parallel")
    field = figure.get_by_label("batches, from")
    field.focus()
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    expect(figure.get_by_role("status")).to_contain_text("of 50 trials pass")
    states = page.locator("#rp-trials tbody tr:visible td:last-child").all_inner_texts()
    assert set(states) == {"3", "4"}


def test_an_axis_turns_over_and_becomes_logarithmic(demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "studies" / "digits-search.html")
    figure = page.locator("figure.rp-parallel")
    before = figure.locator("svg path").nth(3).get_attribute("d")
    figure.get_by_role("button", name="batches: flip").click()
    turned = figure.locator("svg path").nth(3).get_attribute("d")
    assert turned != before
    figure.get_by_role("button", name="batches: flip").click()
    assert figure.locator("svg path").nth(3).get_attribute("d") == before
    figure.get_by_role("button", name="alpha: log").click()
    assert figure.get_by_role("button", name="alpha: log").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize(
    ("kind", "begins"), [("SVG", b"<svg"), ("CSV", b"trial,"), ("Spec", b"{"), ("PNG", b"\x89PNG")]
)
def test_every_chart_can_be_taken_away(kind: str, begins: bytes, demo: Path, visit: Callable[..., Page]) -> None:
    page = visit(demo / "studies" / "digits-search.html")
    figure = page.locator("figure[data-figure=history]")
    expect(figure).to_have_attribute("data-drawn", "1")
    figure.hover()
    with page.expect_download() as waiting:
        figure.get_by_role("button", name=kind, exact=True).click()
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(begins)
    if kind == "SVG":
        assert b"pruned" in content
        assert b"Helvetica" in content


def test_a_chart_stands_alone_for_a_frame(demo: Path, visit: Callable[..., Page]) -> None:
    compare = visit(demo / "compare.html")
    address = compare.locator("figure.rp-chart[data-embed]").first.get_attribute("data-embed")
    assert address
    page = visit(demo / address, width=600)
    expect(page.locator("figure.rp-chart")).to_have_attribute("data-drawn", "10")
    assert page.locator("header, nav, footer").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 600


def test_a_figure_of_a_study_stands_alone_for_a_frame(demo: Path, visit: Callable[..., Page]) -> None:
    study = visit(demo / "studies" / "digits-search.html")
    address = study.locator("figure[data-figure=history]").get_attribute("data-embed")
    assert address
    page = visit(demo / address, width=600)
    expect(page.locator("figure[data-figure=history]")).to_have_attribute("data-drawn", "1")
    assert page.locator("header, nav, footer").count() == 0
    assert page.locator("figure canvas").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 600


def test_the_tabs_stand_in_the_order_of_their_use(demo: Path, visit: Callable[..., Page]) -> None:
    tabs = [text.strip() for text in visit(demo / "index.html").locator(".md-tabs__item").all_inner_texts()]
    assert tabs[:3] == ["Overview", "Compare", "Studies"]
    assert tabs[-1].startswith("Notes")
