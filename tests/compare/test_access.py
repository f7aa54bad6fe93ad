"""The comparison for everybody: axe finds nothing serious, every control works by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.compare.reading import address, head, names

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]
STATES = {
    "plain": "",
    "grouped": "#q=run.group%3Dgrid&group=seed&heat=1&pm=ci",
    "pivot": "#q=run.group%3Dgrid&px=param:dataset&group=seed&heat=1",
    "tree": "#group=tree",
    "empty": "#q=lr%20%3E%2099",
    "wrong": "#q=lr%20%3C",
}


def serious(page: Page) -> list[str]:
    # preloading style sheets asks for files, which the policy of our pages refuses
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_serious(compare: Opened, state: str, dark: bool) -> None:
    assert serious(compare(STATES[state], dark=dark)) == []


@pytest.mark.parametrize("menu", ["rp-columns", "rp-look", "rp-export", "rp-views"])
def test_open_menus_are_sound_too(compare: Opened, menu: str) -> None:
    page = compare()
    page.click(f"#{menu} > summary")
    assert serious(page) == []


def test_a_columns_menu_works_by_keys(compare: Opened) -> None:
    page = compare("#cols=metric:val/acc,param:method")
    page.focus('[data-more="metric:val/acc"]')
    page.keyboard.press("Enter")
    expect(page.locator("#rp-colmenu")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator("#rp-colmenu")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.more") == "metric:val/acc"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # the last entry: hide
    assert head(page) == ["run:name", "param:method"]


def test_a_second_sort_key_by_keys(compare: Opened) -> None:
    page = compare("#cols=param:dataset,metric:val/acc")
    page.focus('[data-sort="param:dataset"]')
    page.keyboard.press("Enter")
    page.focus('[data-sort="metric:val/acc"]')
    page.keyboard.press("Shift+Enter")
    assert address(page)["sort"] == "param:dataset:asc,metric:val/acc:desc"
    assert page.evaluate("document.activeElement.dataset.sort") == "metric:val/acc"


def test_rows_are_walked_and_chosen_by_keys(compare: Opened) -> None:
    page = compare()
    page.locator("#rp-runs tbody input").nth(9).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert page.locator("#rp-runs tbody input:checked").count() == 11
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator("#rp-runs tbody input:checked").count() == 12
    assert page.evaluate("runpages.charts.state.highlight") is not None


def test_a_group_and_a_baseline_by_keys(compare: Opened) -> None:
    page = compare("#q=run.group%3Dgrid&group=seed")
    page.locator("#rp-runs [data-open]").first.focus()
    page.keyboard.press("Enter")
    assert len(names(page)) == 10
    page.locator("#rp-runs .rp-set").first.focus()
    expect(page.locator("#rp-runs .rp-set").first).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.locator("#rp-said")).to_contain_text("Differences are to")


@pytest.mark.parametrize("name", ["compare.html", "views/paper-table.html"])
def test_the_page_is_usable_at_360_pixels(visit: Opened, workspace: Path, name: str) -> None:
    page = visit(workspace / name, width=360, height=780)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("#rp-filter", "method = alpha")
    for menu in ("rp-columns", "rp-look", "rp-export", "rp-views"):
        page.click(f"#{menu} > summary")
        box = page.locator(f"#{menu} .rp-pop").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        page.keyboard.press("Escape")
    page.locator("[data-more]").first.click()
    box = page.locator("#rp-colmenu").bounding_box()
    assert box
    assert box["x"] + box["width"] <= 360
