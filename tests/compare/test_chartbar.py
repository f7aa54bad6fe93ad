"""The bar above the charts: every choice is in the address, charts are pinned, and the values at a step are a table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]
MAIN = "figure.rp-chart[data-metric='val/acc']"


def settled(page: Page) -> None:
    page.locator(MAIN).first.scroll_into_view_if_needed()
    page.wait_for_function(
        "name => { const f = document.querySelector(name); return f.dataset.drawn && runpages.charts.idle(f); }",
        arg=MAIN,
    )


def state(page: Page, name: str) -> object:
    return page.evaluate("name => runpages.charts.state[name]", name)


def menu(page: Page) -> None:
    page.locator("#rp-drawn > summary").click()


def test_what_is_chosen_stands_in_the_address_and_comes_back(compare: Opened) -> None:
    page = compare()
    settled(page)
    page.select_option("#rp-line", "seed")
    page.select_option("#rp-y", "symlog")
    menu(page)
    page.select_option("#rp-spread", "ci")
    page.select_option("#rp-rule", "gaussian")
    page.check("#rp-clip")
    page.uncheck("#rp-members")
    wanted = {"group": "seed", "y": "symlog", "spread": "ci", "rule": "gaussian", "clip": True, "members": False}
    assert {name: state(page, name) for name in wanted} == wanted
    page.reload()
    page.wait_for_selector("html[data-ready]")
    settled(page)
    assert {name: state(page, name) for name in wanted} == wanted
    expect(page.locator("#rp-spread")).to_have_value("ci")
    expect(page.locator(MAIN + " .rp-chart-told")).to_contain_text("95 % interval of the mean")


def test_the_runs_of_a_configuration_are_one_line_named_by_what_differs(compare: Opened) -> None:
    page = compare()
    settled(page)
    page.select_option("#rp-line", "seed")
    settled(page)
    found = page.evaluate(
        "name => runpages.charts.of(document.querySelector(name)).lines.map((line) => [line.label, line.runs.length])",
        MAIN,
    )
    assert sum(count for _, count in found) == 10
    assert len(found) < 10
    assert all(label.endswith(f", {count} runs") for label, count in found if count > 1)
    assert not any("seed" in label for label, _ in found)


def test_any_metric_can_be_the_x_axis(compare: Opened) -> None:
    page = compare()
    settled(page)
    page.locator("#rp-x").focus()
    page.select_option("#rp-x", "metric:val/loss")
    settled(page)
    title = page.evaluate("name => runpages.charts.of(document.querySelector(name)).title", MAIN)
    assert title == "val/loss"


def test_a_pinned_chart_stands_on_top_and_stays(compare: Opened) -> None:
    page = compare()
    figure = page.locator("figure.rp-chart[data-metric='speed']")
    figure.evaluate("figure => (figure.closest('details').open = true)")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-drawn", "10")
    figure.locator(".rp-pin-chart").dispatch_event("click")
    expect(page.locator("#rp-pinned figure")).to_have_attribute("data-metric", "speed")
    assert "pins=speed" in page.url
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("#rp-pinned figure")).to_have_attribute("data-metric", "speed")
    expect(figure).to_have_attribute("data-drawn", "10")
    figure.locator(".rp-pin-chart").dispatch_event("click")
    expect(page.locator("#rp-pinned figure")).to_have_count(0)


def test_a_search_for_metrics_leaves_those_that_fit(compare: Opened) -> None:
    page = compare()
    page.fill("#rp-metrics", "loss")
    expect(page.locator("figure.rp-chart[data-metric='val/loss']")).to_be_visible()
    expect(page.locator(MAIN)).to_be_hidden()
    page.fill("#rp-metrics", "")
    expect(page.locator(MAIN)).to_be_visible()


def test_values_at_a_step_are_a_table(compare: Opened) -> None:
    page = compare()
    settled(page)
    page.locator("#rp-at > summary").click()
    live = page.locator(MAIN + " .rp-chart-live")
    live.focus()
    for key in ("ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#rp-at-x")).to_have_text("step 1")
    expect(page.locator("#rp-at-table tbody tr")).to_have_count(10)
    expect(page.locator("#rp-at-table thead")).to_contain_text("val/acc")


def test_the_bar_goes_by_keyboard_and_its_menu_closes_with_escape(compare: Opened) -> None:
    page = compare()
    page.locator("#rp-drawn > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rp-rule")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#rp-rule")).to_be_hidden()
    expect(page.locator("#rp-drawn > summary")).to_be_focused()
