"""The whole table by keyboard alone, and what a cell says of where its value comes from."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.compare.conftest import accuracy
from tests.compare.reading import address, names

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]
COLUMNS = "cols=param:method,param:dataset,metric:val/acc"
HERE = """() => {
  const cell = document.activeElement.closest("#rp-runs th, #rp-runs td");
  return cell && [Number(cell.parentElement.dataset.at ?? -1), document.querySelector("#rp-runs thead tr").cells[cell.cellIndex].dataset.column ?? ""];
}"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def here(page: Page) -> list[object]:
    """Row (-1: header) and column of the focus."""
    return list(page.evaluate(HERE))


def test_arrows_walk_over_header_and_cells_and_the_table_is_one_stop(compare: Opened) -> None:
    page = compare("#" + COLUMNS)
    page.focus("#rp-scroll")
    press(page, "Tab", "Tab")
    assert here(page) == [-1, "run:name"]
    press(page, "ArrowRight", "ArrowRight")
    assert here(page) == [-1, "param:dataset"]
    press(page, "ArrowDown")
    assert here(page) == [0, "param:dataset"]
    press(page, "End")
    assert here(page) == [0, "metric:val/acc"]
    press(page, "Control+End")
    assert here(page) == [27, "metric:val/acc"]
    press(page, "Control+Home")
    assert here(page) == [0, "run:name"]
    press(page, "PageDown", "ArrowUp", "PageUp", "ArrowUp")
    assert here(page) == [-1, "run:name"]
    stops = page.locator("#rp-runs tbody :is(a, button, input):not([tabindex='-1'])")
    assert {stop.evaluate("one => one.closest('tr').dataset.at") for stop in stops.all()} == {"0"}


def test_a_journey_from_the_filter_to_a_runs_page(compare: Opened) -> None:
    page = compare("#" + COLUMNS)
    page.focus("#rp-filter")
    page.keyboard.type("meth")
    expect(page.locator("#rp-filter-list")).to_be_visible()
    press(page, "ArrowDown", "Enter")
    page.keyboard.type("= bet")
    press(page, "ArrowDown", "Enter")
    expect(page.locator("#rp-count")).to_have_text("8 of 28 runs")
    page.focus("#rp-scroll")
    press(page, "Tab", "Tab", "ArrowRight", "ArrowRight")
    press(page, "Enter")  # sorts by dataset
    assert address(page)["sort"] == "param:dataset:asc"
    press(page, "Shift+F10")
    expect(page.locator("#rp-colmenu")).to_be_visible()
    chosen = page.locator("#rp-runs tbody tr.rp-on")
    before = chosen.count()
    first = page.locator("#rp-runs tbody tr").first.locator("input").is_checked()
    press(page, "Escape", "ArrowDown", " ")
    expect(chosen).to_have_count(before - 1 if first else before + 1)
    press(page, "Shift+ArrowDown")
    expect(page.locator("#rp-runs tbody tr").nth(1).locator("input")).to_be_checked()
    press(page, "Home")
    name = names(page)[1]
    press(page, "Enter")
    page.wait_for_url(re.compile("runs/"))
    expect(page.locator("h1")).to_contain_text(name)


def test_a_cell_says_its_run_step_reading_and_folder(compare: Opened) -> None:
    page = compare("#" + COLUMNS + "&q=method%3Dalpha%20and%20dataset%3Dmnist%20and%20seed%3D1")
    page.locator("#rp-runs tbody td").nth(2).click()
    card = page.locator("#rp-card")
    best = max(accuracy("alpha", "mnist", 1))
    at = accuracy("alpha", "mnist", 1).index(best)
    expect(card).to_contain_text(f"val/acc{best}")
    expect(card).to_contain_text(f"best (highest) at step {at}, of 6 points")
    expect(card).to_contain_text("grid/alpha-mnist-1")
    expect(card.locator("a")).to_have_text("alpha-mnist-1")
    press(page, "Escape")
    expect(card).to_be_hidden()
    assert here(page) == [0, "metric:val/acc"]
    press(page, "Enter")
    expect(card).to_be_visible()


def test_a_cell_of_a_group_is_copied_with_its_interval_and_n(
    compare: Opened, serious: Callable[[Page], list[str]]
) -> None:
    page = compare("#q=method%3Dalpha&group=seed&cols=metric:val/acc")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell = page.locator("#rp-runs tbody tr").first.locator("td").nth(1)
    cell.click()
    copy = page.locator("#rp-card button")
    expect(copy).to_have_text(re.compile(r"^Copy 0\.9\d+ ± 0\.0\d+ \(n=4\)$"))
    expect(page.locator("#rp-card .rp-card-runs li")).to_have_count(4)
    assert serious(page) == []
    said = copy.inner_text().removeprefix("Copy ")
    copy.click()
    expect(copy).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == said
    press(page, "Escape", "ArrowDown", "Control+c")
    expect(page.locator("#rp-said")).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()").endswith("(n=4)")


def test_a_long_name_keeps_both_ends_in_sight_and_all_of_it_in_a_copy(compare: Opened) -> None:
    page = compare("#w=run:name*150")
    name = page.locator("#rp-runs tbody th a", has_text="odd_50%")
    assert name.inner_text() == "odd_50% & {co} é 中 <b>"
    expect(name.locator(".rp-mid")).to_have_css("font-size", "0px")
    expect(name.locator("xpath=..")).to_have_attribute("title", "odd_50% & {co} é 中 <b>")


@pytest.mark.parametrize("colours", ["active", "none"])
def test_colours_of_the_readers_own_change_nothing_that_is_said(compare: Opened, colours: str) -> None:
    page = compare("#q=run.group%3Dgrid&group=seed&heat=1")
    page.emulate_media(forced_colors=colours)  # type: ignore[arg-type]
    expect(page.locator("#rp-runs .rp-bar-of").first).to_be_visible()
    expect(page.locator("#rp-runs .rp-best").first).to_be_visible()
