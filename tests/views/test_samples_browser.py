"""The page of samples in a real browser: two models on the same questions, filtered, with their test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.views.test_samples import answered as answered

pytestmark = pytest.mark.browser


def test_two_models_stand_side_by_side_on_the_same_samples(
    answered: Path, visit: Callable[..., Page], serious: Callable[[Page], list[str]]
) -> None:
    page = visit(answered / "samples.html")
    assert serious(page) == []
    rows = page.locator(".rp-samples-live tbody tr")
    expect(rows).to_have_count(40)
    test = page.locator(".rp-samples-test")
    expect(test).to_contain_text("strong minus weak is 0.6")
    expect(test).to_contain_text(
        "the first is better, more than noise: 24 higher, 0 lower of 40 shared samples (p < 0.001, McNemar's exact test"
    )
    page.get_by_label("Show").select_option("first")
    expect(rows).to_have_count(24)
    page.get_by_label("Show").select_option("second")
    expect(rows).to_have_count(0)
    page.get_by_label("Show").select_option("")
    page.get_by_label("Find").fill("What is 17")
    expect(rows).to_have_count(1)
    expect(rows.locator("td").first).to_contain_text("q17")
    assert [cell.inner_text().replace(" ", "") for cell in rows.locator("td").all()][1:] == [
        "18",
        "18",
        "1\nmore",
        "0",
        "0",
    ]
    expect(page.get_by_label("Find")).to_be_focused()
    assert "q=What" in page.evaluate("location.hash")
    page.locator("[data-key=a]").select_option(label="weak")
    page.locator("[data-key=b]").select_option(label="strong")
    expect(test).to_contain_text("the second is better")


def test_without_javascript_the_verdict_and_the_first_samples_stand_there(
    answered: Path, visit: Callable[..., Page]
) -> None:
    page = visit(answered / "samples.html", js=False, width=360)
    assert page.locator(".rp-sampleruns tbody tr").count() == 2
    assert "worse, more than noise: 0 higher, 24 lower of 40 shared" in page.locator(".rp-sampleruns").inner_text()
    assert page.locator(".rp-samples-still tbody tr").count() == 12
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
