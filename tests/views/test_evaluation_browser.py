"""The page of evaluation in a real browser: matrices of each run, of two in one, and their difference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.views.test_evaluation import compared as compared

pytestmark = pytest.mark.browser


def cells(page: Page) -> list[list[str]]:
    rows = page.locator(".rp-evalgroup table").first.locator("tbody tr")
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows.all()]


def test_matrices_stand_alone_in_one_and_as_their_difference(
    compared: Path, visit: Callable[..., Page], serious: Callable[[Page], list[str]]
) -> None:
    page = visit(compared / "evaluation.html")
    assert serious(page) == []
    assert cells(page) == [["8", "2"], ["1", "9"]]  # the better one first
    assert page.locator(".rp-evalgroup figure").count() == 2
    page.get_by_label("Cells").select_option("share")
    assert cells(page) == [["80", "20"], ["10", "90"]]
    page.get_by_label("Cells").select_option("")
    page.get_by_label("View").select_option("difference")
    expect(page.locator(".rp-evalgroup figure")).to_have_count(1)
    assert cells(page) == [["+2", "−2"], ["−2", "+2"]]
    assert page.locator(".rp-gain4").count() == 4
    page.locator("#rp-eval-a").select_option(label="two")
    page.locator("#rp-eval-b").select_option(label="one")
    assert cells(page) == [["−2", "+2"], ["+2", "−2"]]
    assert page.locator(".rp-harm4").count() == 4
    page.get_by_label("View").select_option("both")
    assert page.locator(".rp-two span").first.inner_text() == "6"
    assert "mode=both" in page.evaluate("location.hash")


def test_curves_of_both_runs_are_drawn_and_a_row_lifts_its_line(compared: Path, visit: Callable[..., Page]) -> None:
    page = visit(compared / "evaluation.html", dark=True)
    box = page.locator(".rp-curves").first
    assert box.locator("svg [data-line]").count() == 2
    row = box.locator("tr[data-line='1']")
    row.hover()
    expect(box.locator("svg [data-line='1']")).to_have_class("rp-lifted")


def test_without_javascript_the_numbers_stand_there(compared: Path, visit: Callable[..., Page]) -> None:
    page = visit(compared / "evaluation.html", js=False, width=360)
    assert cells(page) == [["8", "2"], ["1", "9"]]
    assert page.locator(".rp-curves svg").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
